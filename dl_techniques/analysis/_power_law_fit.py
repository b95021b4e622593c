"""Power-law fit of a spectrum's tail, with a verdict on whether it is one.

One file: the verdict is part of every fit, and clipping is a fit made again; the search
for the tail stands in `_power_law`.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN, FloatArray, float64
from dl_techniques.analysis._power_law import (
    SMALL_TAIL,
    Tail,
    best_tail,
    bootstrap_share,
    distance,
    exponents,
    vuong,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

OVER_TRAINED, UNDER_TRAINED = 2.0, 6.0


@dataclass(frozen=True, slots=True, eq=False)
class PowerLawCurve(AnalysisResult):
    """Every tail that was a candidate.

    Attributes:
        xmin: (m,) where it starts, ascending.
        alpha: (m,) its exponent; inf without spread.
        D: (m,) its Kolmogorov-Smirnov distance.
    """

    xmin: FloatArray
    alpha: FloatArray
    D: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PowerLawFit(AnalysisResult):
    """p(x) ~ x^-alpha for x >= xmin.

    Attributes:
        alpha: The raw exponent, NaN when nothing could be fitted.
        xmin: Where the tail starts.
        xmax: Largest value.
        D: Kolmogorov-Smirnov distance of the tail, in [0, 1].
        sigma: Standard error of alpha, (alpha - 1) / sqrt(k).
        num_pl_spikes: k, the number of values in the tail.
        n_values: How many values were above the threshold.
        K: D sqrt(k).
        z: Vuong's ratio against the exponential; positive favours the power law.
        p: Bootstrap share, NaN when it was not computed.
        verdict: "consistent", "weak", "rejected" or "undefined".
        reported_alpha: alpha unless the verdict is "rejected" or "undefined".
        quality: "over-trained" below 2, "good", "under-trained" above 6, "unknown".
        status: "success" or "failed".
        curve: All candidates when `keep_curve` asked for them.
    """

    alpha: float = NAN
    xmin: float = NAN
    xmax: float = NAN
    D: float = NAN
    sigma: float = NAN
    num_pl_spikes: int = 0
    n_values: int = 0
    K: float = NAN
    z: float = NAN
    p: float = NAN
    verdict: str = "undefined"
    reported_alpha: float = NAN
    quality: str = "unknown"
    status: str = "failed"
    curve: PowerLawCurve | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClippedFit(AnalysisResult):
    """A fit without the largest values ("fingers") that spoil it.

    Attributes:
        fit: The accepted fit.
        n_fingers: Number of values really dropped.
        raw_fit: The fit with all values.
    """

    fit: PowerLawFit
    n_fingers: int
    raw_fit: PowerLawFit


def fit_power_law(
    evals: Any,
    *,
    xmin: float | None = None,
    threshold: float | Literal["auto"] = "auto",
    min_tail: int = 2,
    small_n: int = 20,
    n_bootstrap: int = 0,
    seed: int | np.random.Generator = 0,
    keep_curve: bool = False,
) -> PowerLawFit:
    """Fits x^-alpha to the tail whose Kolmogorov-Smirnov distance is smallest.

        alpha_i = 1 + k / sum_{j>=i} ln(x_j / x_i),   k = n - i

    Fewer than `small_n` values: (k - 1) in place of k, and tails of at least 8.

    Args:
        evals: `(n,)` eigenvalues in any order.
        xmin: Fits this tail only.
        threshold: Values at or below are left out; "auto" is
            1e-5 min(1, lambda_max), which keeps alpha independent of the scale.
        min_tail: Fewest values in a tail.
        small_n: See above.
        n_bootstrap: Simulated samples for `p`; 0 computes none.
        seed: For the bootstrap.
        keep_curve: Whether the distance and exponent of every tail are kept.

    Source: Clauset, Shalizi, Newman (2009), SIAM Review 51; thresholds 2 and 6:
    Martin, Peng, Mahoney (2021), Nature Communications 12.
    """
    check(min_tail >= 2, "min_tail", "at least 2", min_tail)
    x = float64(evals, "evals", 1)
    finite = np.isfinite(x)
    dropped = () if finite.all() else (flags.NONFINITE_DROPPED,)
    x = np.sort(x[finite])
    if threshold == "auto":
        threshold = 1e-5 * min(1.0, float(x[-1])) if len(x) else 0.0
    x = x[x > max(float(threshold), 0.0)]
    if len(x) < SMALL_TAIL:
        return failed_fit(len(x), (*dropped, flags.TOO_FEW_VALUES))
    if np.log(x[-1] / x[0]) < 1e-3:
        return failed_fit(len(x), (*dropped, flags.DEGENERATE_SPECTRUM))
    log_x = np.log(x / x[-1])
    if xmin is None:
        tail = best_tail(log_x, min_tail=min_tail, small_n=small_n)
    else:
        tail = _given_tail(x, log_x, xmin, small_n)
    if tail is None or not np.isfinite(tail.alpha) or tail.alpha <= 1:
        return failed_fit(len(x), (*dropped, flags.DEGENERATE_SPECTRUM))
    p = NAN
    if n_bootstrap > 0:
        rng = np.random.default_rng(seed)
        search = {"min_tail": min_tail, "small_n": small_n}
        p = bootstrap_share(x / x[-1], tail, n_bootstrap, rng, **search)
    curve = _curve(x, log_x, len(x) < small_n) if keep_curve else None
    return _judge(x, tail, p, dropped, curve)


def _curve(x: FloatArray, log_x: FloatArray, small: bool) -> PowerLawCurve:
    alphas = exponents(log_x, small)
    gaps = [distance(log_x, i, float(a)) for i, a in enumerate(alphas)]
    return PowerLawCurve(x[: len(alphas)], alphas, np.asarray(gaps))


def _given_tail(
    x: FloatArray, log_x: FloatArray, xmin: float, small_n: int
) -> Tail | None:
    start = int(np.searchsorted(x, xmin, side="left"))
    if len(x) - start < 2:
        return None
    alpha = float(exponents(log_x[start:], len(x) < small_n)[0])
    return Tail(start, alpha, distance(log_x, start, alpha))


def _judge(
    x: FloatArray,
    tail: Tail,
    p: float,
    raised: tuple[str, ...],
    curve: PowerLawCurve | None,
) -> PowerLawFit:
    values = x[tail.start :]
    k = len(values)
    strength = tail.distance * float(np.sqrt(k))
    z = vuong(values / x[-1], tail.alpha)
    verdict = "weak"
    if p < 0.1 or strength > 0.80 or z < -1.96:
        verdict = "rejected"
    elif z > 1.96 or (strength <= 0.65 and k >= 50):
        verdict = "consistent"
    doubt = {"rejected": (flags.NOT_POWER_LAW,), "weak": (flags.WEAK_POWER_LAW,)}
    reported = NAN if verdict == "rejected" else tail.alpha
    return PowerLawFit(
        alpha=tail.alpha,
        xmin=float(values[0]),
        xmax=float(x[-1]),
        D=tail.distance,
        sigma=(tail.alpha - 1) / float(np.sqrt(k)),
        num_pl_spikes=k,
        n_values=len(x),
        K=strength,
        z=z,
        p=p,
        verdict=verdict,
        reported_alpha=reported,
        quality=quality_label(reported),
        status="success",
        curve=curve,
        flags=(*raised, *doubt.get(verdict, ())),
    )


def quality_label(alpha: float) -> str:
    """Returns the label of an exponent; NaN is "unknown"."""
    if np.isnan(alpha):
        return "unknown"
    if alpha < OVER_TRAINED:
        return "over-trained"
    return "good" if alpha <= UNDER_TRAINED else "under-trained"


def failed_fit(n_values: int, raised: tuple[str, ...]) -> PowerLawFit:
    """Returns the fit that says that there is none."""
    return PowerLawFit(n_values=n_values, flags=raised)


def clip_fingers(
    evals: Any, *, max_fingers: int = 10, finger_thresh: float = 1.0, **fit: Any
) -> ClippedFit:
    """Drops the top 2, 3, ... `max_fingers` - 1 values and refits.

    The first refit is accepted whose alpha + `finger_thresh` is below the unclipped
    alpha. `fit` goes to `fit_power_law`.
    """
    check(max_fingers >= 1, "max_fingers", "at least 1", max_fingers)
    values = np.sort(float64(evals, "evals", 1))
    values = values[np.isfinite(values)]
    raw = fit_power_law(values, **fit)
    for n in range(2, min(max_fingers, len(values) - SMALL_TAIL + 1)):
        clipped = fit_power_law(values[:-n], **fit)
        if clipped.alpha + finger_thresh < raw.alpha:
            return ClippedFit(clipped, n, raw)
    return ClippedFit(raw, 0, raw)
