"""A weight seen as one or several matrices."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class WeightMatrix:
    """The matrices of one variable.

    Attributes:
        layer: Name of the layer that owns it.
        path: Layer names from the model down, joined by "/", with the variable last
            when the layer has several matrices.
        variable: Name of the variable, with the part ("kernel:gate0") if split.
        kind: "dense", "embedding", "conv", "recurrent", "einsum", "matrix" or "custom".
        mats: `(s, a, b)` in the storage dtype.
        scale: Factor on the matrices: sqrt(1/2) for slices of a 2-D convolution under
            the "weightwatcher" convention, else 1.
        layer_id: Place of the layer in the model.
        layer_type: Class name of the layer.
    """

    layer: str
    path: str
    variable: str
    kind: str
    mats: np.ndarray[Any, Any]
    scale: float = 1.0
    layer_id: int = 0
    layer_type: str = ""

    @property
    def n_long(self) -> int:
        """N, the longer side."""
        return max(self.mats.shape[1:])

    @property
    def n_short(self) -> int:
        """M, the shorter side."""
        return min(self.mats.shape[1:])

    @property
    def q(self) -> float:
        """N / M, at least 1."""
        return self.n_long / self.n_short

    @property
    def receptive_field(self) -> int:
        """Number of matrices s."""
        return len(self.mats)

    @property
    def n_values(self) -> int:
        """Number of pooled eigenvalues."""
        return self.receptive_field * self.n_short

    @property
    def cost(self) -> float:
        """Estimated floating-point operations of the eigenvalues."""
        n, m = self.n_long, self.n_short
        return float(self.receptive_field) * m * m * (n + 1.5 * m)
