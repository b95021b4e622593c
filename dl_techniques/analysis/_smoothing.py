"""Truncation of matrices to their leading singular triplets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_techniques.analysis._spectral_report import LayerSpectrum
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("detx", "power_law", "fraction")


def smooth_matrix(w: Any, n_keep: int) -> np.ndarray[Any, Any]:
    """Returns the best approximation of `w` of rank `n_keep`, in its dtype.

    Args:
        w: `(a, b)`, or `(s, a, b)`: each slice by itself.
        n_keep: Clipped to [1, min(a, b)]; the full number returns `w` unchanged.
    """
    given = np.asarray(w)
    check(given.ndim in (2, 3), "w", "of shape (a, b) or (s, a, b)", given.shape)
    n_keep = int(np.clip(n_keep, 1, min(given.shape[-2:])))
    if n_keep == min(given.shape[-2:]):
        return given.copy()
    wide = given.astype(np.complex128 if given.dtype.kind == "c" else np.float64)
    u, s, vh = np.linalg.svd(wide, full_matrices=False)
    kept = (u[..., :n_keep] * s[..., None, :n_keep]) @ vh[..., :n_keep, :]
    return kept.astype(given.dtype)


def values_to_keep(layer: LayerSpectrum, method: str, fraction: float) -> int | None:
    """Returns how many pooled singular values stay; None leaves the layer alone.

    "detx" and "power_law" keep the tail each names, "fraction" a share of all.
    """
    check(method in METHODS, "method", " or ".join(METHODS), method)
    check(0 < fraction <= 1, "fraction", "in (0, 1]", fraction)
    count = len(layer.spectrum.values)
    if method == "fraction":
        return max(1, round(fraction * count)) if count else None
    if method == "detx":
        return layer.detx.num if layer.detx and layer.detx.num else None
    rejected = layer.fit.verdict in ("rejected", "undefined")
    return None if rejected else layer.fit.num_pl_spikes


@dataclass(frozen=True, slots=True, eq=False)
class SmoothedLayer(AnalysisResult):
    """What smoothing did to one weight.

    Attributes:
        path: See `WeightMatrix`.
        kept: Pooled singular values kept.
        total: Pooled singular values there were.
        relative_change: ||W - S||_F / ||W||_F.
        parameters: Entries of the weight.
        factored_parameters: Entries of its two factors.
    """

    path: str
    kept: int
    total: int
    relative_change: float
    parameters: int
    factored_parameters: int


@dataclass(frozen=True, slots=True, eq=False)
class SmoothingReport(AnalysisResult):
    """What smoothing did to a model.

    Attributes:
        layers: The changed weights.
        skipped: Path and reason of the others.
        model: The smoothed model; not part of the stored form.
    """

    layers: tuple[SmoothedLayer, ...]
    skipped: tuple[tuple[str, str], ...]
    model: Any = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain types, without the model."""
        bare = SmoothingReport(self.layers, self.skipped, flags=self.flags)
        return AnalysisResult.to_dict(bare)

    def to_frame(self) -> "pd.DataFrame":
        """Returns a row a changed weight."""
        import pandas as pd

        names = ("path", "kept", "total", "relative_change")
        sizes = ("parameters", "factored_parameters")
        rows = [{n: getattr(x, n) for n in (*names, *sizes)} for x in self.layers]
        return pd.DataFrame(rows, columns=[*names, *sizes])
