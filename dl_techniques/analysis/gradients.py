"""How strongly a loss pulls at every weight: the result; NumPy only."""

from dataclasses import dataclass
from typing import Any

from dl_techniques.analysis._arrays import FloatArray
from dl_techniques.analysis.results import AnalysisResult


@dataclass(frozen=True, slots=True)
class GradientFlow(AnalysisResult):
    """Gradients of a loss, weight by weight in model order.

    Attributes:
        paths: (v,) trainable weights.
        gradient_norm: (v,) Euclidean norm; 0 where the loss does not depend on it.
        weight_norm: (v,) of the weight.
        ratio: (v,) gradient_norm / weight_norm, NaN of an all-zero weight.
        zero_fraction: (v,) share of exact zeros in the gradient.
        size: (v,) numbers in the weight.
        loss: At which they were taken.
        n: Samples.
    """

    paths: tuple[str, ...]
    gradient_norm: FloatArray
    weight_norm: FloatArray
    ratio: FloatArray
    zero_fraction: FloatArray
    size: FloatArray
    loss: float
    n: int

    def to_frame(self) -> Any:
        """Returns a row a weight."""
        import pandas as pd

        names = ("gradient_norm", "weight_norm", "ratio", "zero_fraction", "size")
        columns = {name: getattr(self, name) for name in names}
        return pd.DataFrame({"path": list(self.paths), **columns})
