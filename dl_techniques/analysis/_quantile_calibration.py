"""Whether a stated distribution of a number holds, by its quantiles."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, described, float64
from dl_techniques.analysis._normal_scores import cdf, mixture_parts
from dl_techniques.analysis._resampling import check_level
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check


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


_phi = cdf  # `cdf` is an argument of `pit_values`
