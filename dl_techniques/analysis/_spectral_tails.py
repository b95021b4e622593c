"""Other readings of a spectrum's tail: rival distributions and the det X = 1 tail."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN, FloatArray, float64
from dl_techniques.analysis._power_law import exponential_logpdf, power_law_logpdf
from dl_techniques.analysis._power_law_fit import PowerLawFit
from dl_techniques.analysis.results import AnalysisResult


class Comparison(NamedTuple):
    """Log-likelihood ratio of the power law over a rival.

    Attributes:
        R: Positive favours the power law.
        z: R over its standard deviation (Vuong).
        p: Two-sided; chi-squared for the nested truncated power law.
    """

    R: float
    z: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class DetX(AnalysisResult):
    """The smallest top tail whose eigenvalues, scaled to mean 1, multiply to < 1.

    Attributes:
        num: Number of values in it.
        value: Its smallest value, in the units given.
        log_det: Natural logarithm of the product of the scaled values.
    """

    num: int
    value: float
    log_det: float


def detx_tail(evals: Any) -> DetX:
    """Finds the tail of the trace-log condition by one cumulative sum.

    Zero eigenvalues end the walk (RANK_DEFICIENT). A spectrum without spread has no
    such tail (DEGENERATE_SPECTRUM).
    """
    x = np.sort(float64(evals, "evals", 1))
    x = x[np.isfinite(x)]
    top = float(x[-1]) if len(x) else 0.0
    if len(x) < 2 or top <= 0 or x[0] == top:
        return DetX(0, NAN, NAN, flags=(flags.DEGENERATE_SPECTRUM,))
    noise = top * len(x) * float(np.finfo(np.float64).eps)
    falling = x[x > noise][::-1]
    raised = (flags.RANK_DEFICIENT,) if len(falling) < len(x) else ()
    log_det = np.cumsum(np.log(falling / x.mean()))
    below = np.flatnonzero(log_det < 0)
    last = int(below[0]) if len(below) else len(falling) - 1
    return DetX(last + 1, float(falling[last]), float(log_det[last]), flags=raised)


def compare_distributions(evals: Any, fit: PowerLawFit) -> dict[str, Comparison]:
    """Compares the fitted tail with three rivals, each at maximum likelihood.

    Returns "exponential", "lognormal" and "truncated_power_law"; all NaN when there
    is no fit.
    """
    names = ("exponential", "lognormal", "truncated_power_law")
    x = np.sort(float64(evals, "evals", 1))
    x = x[x >= fit.xmin] if np.isfinite(fit.alpha) else x[:0]
    if len(x) < 2:
        return dict.fromkeys(names, Comparison(NAN, NAN, NAN))
    x = x / x[0]
    power = power_law_logpdf(x, fit.alpha)
    return {
        "exponential": _compare(power, exponential_logpdf(x)),
        "lognormal": _compare(power, _lognormal(x)),
        "truncated_power_law": _compare(power, _truncated(x, fit.alpha), nested=True),
    }


def _compare(
    power: FloatArray, rival: FloatArray, *, nested: bool = False
) -> Comparison:
    ratio = power - rival
    total, spread = float(ratio.sum()), float(ratio.std())
    z = total / (np.sqrt(len(ratio)) * spread) if spread > 0 else 0.0
    if nested:
        return Comparison(total, z, float(special.chdtrc(1, 2 * abs(min(total, 0.0)))))
    return Comparison(total, z, float(special.erfc(abs(z) / np.sqrt(2))))


def _lognormal(x: FloatArray) -> FloatArray:
    """Returns ln p of the lognormal on x >= 1 fitted to x."""
    log_x = np.log(x)

    def logpdf(at: FloatArray) -> FloatArray:
        mean, spread = at[0], np.exp(at[1])
        inside = special.log_ndtr(mean / spread)
        return _log_normal(log_x, mean, spread) - log_x - inside

    start = [float(log_x.mean()), float(np.log(log_x.std() + 1e-6))]
    bounds = [(-20 * (1 + start[0]), None), (-10.0, 6.0)]
    return logpdf(_fitted(logpdf, start, bounds))


def _log_normal(x: FloatArray, mean: float, spread: float) -> FloatArray:
    z = (x - mean) / spread
    return np.asarray(-0.5 * (z * z + np.log(2 * np.pi)) - np.log(spread))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def _truncated(x: FloatArray, alpha: float) -> FloatArray:
    """Returns ln p of x^-a exp(-rate x) on x >= 1 fitted to x."""
    log_x = np.log(x)

    def logpdf(at: FloatArray) -> FloatArray:
        exponent, rate = at[0], np.exp(at[1])
        return -exponent * log_x - rate * x - _log_mass(exponent, rate)

    start = [alpha, -float(np.log(x[-1]))]
    rivals = [start, [alpha, -30.0]]
    found = [_fitted(logpdf, s, [(1.0, 1e4), (-40.0, 10.0)]) for s in rivals]
    return max((logpdf(f) for f in found), key=lambda v: float(v.sum()))


def _log_mass(exponent: float, rate: float) -> float:
    """Returns ln of the integral of x^-exponent exp(-rate x) over x >= 1."""
    end = np.log(1 + 750 / rate)
    if exponent > 1:
        end = min(end, 40 / (exponent - 1))
    u = (end / 2) * (_NODES + 1)
    inside = (1 - exponent) * u - rate * np.exp(u)
    return float(special.logsumexp(inside, b=_WEIGHTS * end / 2))


def _fitted(logpdf: Any, start: list[float], bounds: Any) -> FloatArray:
    from scipy import optimize  # slow to import, seldom used

    found = optimize.minimize(
        lambda at: -float(logpdf(at).sum()),
        start,
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-6, "fatol": 1e-8, "maxiter": 2000},
    )
    return np.asarray(found.x)
