"""Whether a stated distribution of a number holds; NumPy and SciPy's normal only."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, described, float64
from dl_techniques.analysis._normal_scores import (
    cdf,
    crps_gaussian,
    crps_mixture,
    crps_samples,
    gaussian_nll,
    mixture_nll,
    mixture_parts,
)
from dl_techniques.analysis._resampling import check_level
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
class QuantileCalibration(AnalysisResult):
    """Nominal against observed quantiles.

    Attributes:
        levels: (m,) nominal.
        observed: (m,) share of PIT values at or below each level.
        error: Mean |observed - levels|.
        max_error: Largest.
        ks: Kolmogorov-Smirnov distance of the PIT values from uniform.
        n: PIT values used.
        pit_counts: (20,) histogram of the PIT values over [0, 1].
    """

    levels: FloatArray
    observed: FloatArray
    error: float
    max_error: float
    ks: float
    n: int
    pit_counts: FloatArray


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


def pit_values(
    y: Any, *, cdf: Any = None, samples: Any = None, mixture: Any = None
) -> FloatArray:
    """Returns F(y), the probability integral transform, of the shape of `y`.

    Exactly one of:
        cdf: A function of y, or the values of F at y.
        samples: (n, [d,] m) draws; F is the share below, ties counted one half.
        mixture: (pi, mu, sigma), each (n, [d,] k), of normal distributions.
    """
    x = float64(y, "y")
    given = sum(v is not None for v in (cdf, samples, mixture))
    check(given == 1, "cdf", "given, or `samples`, or `mixture`; one of them", given)
    if mixture is not None:
        pi, mu, sigma = mixture_parts(mixture, x)
        return np.asarray((pi * _phi((x[..., None] - mu) / sigma)).sum(axis=-1))
    if samples is not None:
        s = float64(samples, "samples")
        check(s.shape[:-1] == x.shape, "samples", f"of shape {x.shape} + (m,)", s.shape)
        below, equal = s < x[..., None], s == x[..., None]
        share = (below + 0.5 * equal).mean(axis=-1)
        return np.asarray(np.where(np.isfinite(x), share, np.nan))
    found = float64(cdf(x) if callable(cdf) else cdf, "cdf")
    check(found.shape == x.shape, "cdf", f"of shape {x.shape}", found.shape)
    return found


def quantile_calibration(pit: Any, levels: Any = None) -> QuantileCalibration:
    """Compares the share of PIT values below each level with the level.

    Source: Kuleshov, Fenner and Ermon (2018), arXiv 1807.00263.
    """
    t = np.linspace(0.05, 0.95, 19) if levels is None else float64(levels, "levels", 1)
    inside = bool(((t > 0) & (t < 1)).all())
    check(inside, "levels", "between 0 and 1", described(t))
    u = float64(pit, "pit").reshape(-1)
    finite = u[np.isfinite(u)]
    doubts = [flag.NONFINITE_DROPPED] if len(finite) < len(u) else []
    u = np.sort(finite)
    n = len(u)
    within = bool(((u >= -1e-6) & (u <= 1 + 1e-6)).all())
    check(within, "pit", "between 0 and 1", described(u))
    counts = np.histogram(np.clip(u, 0, 1), 20, (0, 1))[0].astype(np.float64)
    if not n:
        none = np.full(len(t), NAN)
        doubts.append(flag.EMPTY)
        return QuantileCalibration(
            t, none, NAN, NAN, NAN, 0, counts, flags=tuple(doubts)
        )
    observed = np.searchsorted(u, t, "right") / n
    gap = np.abs(observed - t)
    steps = np.arange(n + 1) / n
    ks = max(float((steps[1:] - u).max()), float((u - steps[:-1]).max()))
    error, worst = (float(gap.mean()), float(gap.max())) if len(t) else (NAN, NAN)
    return QuantileCalibration(
        t, observed, error, worst, ks, n, counts, flags=tuple(doubts)
    )


def interval_coverage(pit: Any, level: float) -> float:
    """Returns the share of values inside the central interval of that level."""
    check_level(level)
    u = float64(pit, "pit").reshape(-1)
    u = u[np.isfinite(u)]
    return float((np.abs(u - 0.5) <= level / 2).mean()) if u.size else NAN


def sharpness(sigma: Any) -> float:
    """Returns the root mean square of predicted standard deviations."""
    s = float64(sigma, "sigma").reshape(-1)
    s = s[np.isfinite(s)]
    return float(np.sqrt((s**2).mean())) if s.size else NAN


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
        covered = interval_coverage(_phi((t - p) / s), 0.9)
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


_phi = cdf  # `cdf` is an argument of `pit_values`
