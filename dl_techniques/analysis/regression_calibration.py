"""Whether predicted numbers and stated distributions hold; NumPy and SciPy only.

The checks of a distribution live in private modules and are named here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, float64
from dl_techniques.analysis._normal_scores import (
    cdf,
    crps_gaussian,
    crps_mixture,
    crps_samples,
    gaussian_nll,
    mixture_nll,
)
from dl_techniques.analysis._quantile_calibration import (
    QuantileCalibration,
    interval_coverage,
    pit_values,
    quantile_calibration,
    sharpness,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

__all__ = [
    "QuantileCalibration",
    "RegressionReport",
    "crps_gaussian",
    "crps_mixture",
    "crps_samples",
    "gaussian_nll",
    "interval_coverage",
    "mixture_nll",
    "pit_values",
    "quantile_calibration",
    "regression_report",
    "sharpness",
]

_RESIDUAL_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class RegressionReport(AnalysisResult):
    """Errors of point predictions.

    Attributes:
        n: Values used.
        mae, rmse, r2: Usual; r2 is NaN for a constant target.
        bias: Mean of prediction - target.
        levels: (5,) of the quantiles.
        residual_quantiles: (5,) of prediction - target.
        nll, crps: Gaussian with the given scale; NaN without one.
        coverage_90: Share of targets in the central 90 %; NaN without a scale.
    """

    n: int
    mae: float
    rmse: float
    r2: float
    bias: float
    levels: FloatArray
    residual_quantiles: FloatArray
    nll: float
    crps: float
    coverage_90: float


def regression_report(y: Any, prediction: Any, scale: Any = None) -> RegressionReport:
    """Describes the errors of predictions of the shape of `y`.

    Args:
        y: Targets.
        prediction: Means.
        scale: Standard deviations, for the probabilistic scores.
    """
    t, p = float64(y, "y"), float64(prediction, "prediction")
    check(t.shape == p.shape, "prediction", f"of shape {t.shape}", p.shape)
    s = np.ones_like(t) if scale is None else float64(scale, "scale")
    s = np.broadcast_to(s, t.shape)
    good = np.isfinite(t) & np.isfinite(p) & np.isfinite(s)
    doubts = [] if good.all() else [flag.NONFINITE_DROPPED]
    t, p, s = t[good], p[good], s[good]
    levels = np.array(_RESIDUAL_LEVELS)
    if not t.size:
        none = np.full(len(levels), NAN)
        nothing = (0, NAN, NAN, NAN, NAN, levels, none, NAN, NAN, NAN)
        return RegressionReport(*nothing, flags=(*doubts, flag.EMPTY))
    error = p - t
    constant = bool(t.min() == t.max())
    doubts += [flag.CONSTANT] if constant else []
    spread = float(((t - t.mean()) ** 2).sum())
    nll = crps = covered = NAN
    if scale is not None:
        nll, crps = gaussian_nll(t, p, s), float(crps_gaussian(t, p, s).mean())
        covered = interval_coverage(cdf((t - p) / s), 0.9)
    return RegressionReport(
        n=t.size,
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
        r2=NAN if constant else 1 - float((error**2).sum()) / spread,
        bias=float(error.mean()),
        levels=levels,
        residual_quantiles=np.quantile(error, levels),
        nll=nll,
        crps=crps,
        coverage_90=covered,
        flags=tuple(doubts),
    )
