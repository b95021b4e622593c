"""Divides logits by the one number that fits held-out labels best.

One file: fit, curve and use are one formula; the fit needs its slope besides.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import (
    NAN,
    FloatArray,
    described,
    flag_tuple,
    float64,
    numeric,
    weighted_mean,
)
from dl_techniques.analysis._binning import fill_bins
from dl_techniques.analysis._calibration_errors import table_error
from dl_techniques.analysis._predictions import Prepared, from_logits, prepare
from dl_techniques.analysis._proper_scores import log_loss_of
from dl_techniques.analysis._top_label import top_label
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int, is_number
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class TemperatureFit(AnalysisResult):
    """The fitted temperature and what it changes.

    Attributes:
        temperature: T; probabilities are softmax(logits / T). Above 1 softens.
        nll_before: Mean negative log-likelihood at T = 1, in nats.
        nll_after: The same at T, never larger when 1 lies within the bounds.
        ece_before: Expected calibration error (15 bins) at T = 1.
        ece_after: The same at T; it can be larger, for another aim was fitted.
        n_iter: Steps taken.
        converged: Whether the last step was below the tolerance.
    """

    temperature: float
    nll_before: float
    nll_after: float
    ece_before: float
    ece_after: float
    n_iter: int
    converged: bool


@dataclass(frozen=True, slots=True)
class TemperatureCurve(AnalysisResult):
    """Likelihood and calibration at several temperatures.

    Attributes:
        temperatures: (m,) as given.
        nll: (m,) mean negative log-likelihood, in nats.
        ece: (m,) expected calibration error.
    """

    temperatures: FloatArray
    nll: FloatArray
    ece: FloatArray


def fit_temperature(
    logits: Any,
    labels: Any,
    *,
    bounds: tuple[float, float] = (0.05, 20.0),
    tol: float = 1e-8,
    max_iter: int = 100,
    sample_weight: Any = None,
) -> TemperatureFit:
    """Finds the T of least mean negative log-likelihood of softmax(logits / T).

    The likelihood is convex in w = 1 / T: Newton steps inside a bracket, halved where a
    step would leave it. An optimum at an end of `bounds` sets UNBOUNDED_TEMPERATURE
    (labels that the logits separate give T -> 0, labels that they all miss T -> inf).
    Fit on rows that are not reported on.

    Args:
        logits: (n, K), or (n,) of class 1 against 0.
        labels: As for `check_predictions`.
        bounds: Smallest and largest T.
        tol: Relative size of the last step.
        max_iter: Most steps.
        sample_weight: (n,) non-negative.

    Source: Guo et al. (2017), arXiv 1706.04599, section 4.2.
    """
    good = len(bounds) == 2 and 0 < bounds[0] < bounds[1] < np.inf
    check(good, "bounds", "two positive numbers in order", bounds)
    check(is_number(tol) and tol > 0, "tol", "above 0", tol)
    check(is_int(max_iter) and max_iter > 0, "max_iter", "at least 1", max_iter)
    found = prepare(labels, logits, "logits", sample_weight)
    if not len(found.labels):
        return TemperatureFit(NAN, NAN, NAN, NAN, NAN, 0, False, flags=found.flags)
    slope = _Slope(found)
    w, n_iter, converged, doubts = _minimise(slope, bounds, tol, max_iter)
    before, after = _at(found, 1.0), _at(found, 1.0 / w)
    if after[0] > before[0] and bounds[0] <= 1.0 <= bounds[1]:  # only by rounding
        w, after = 1.0, before
    return TemperatureFit(
        1.0 / w, before[0], after[0], before[1], after[1], n_iter, converged,
        flags=flag_tuple((*found.flags, *doubts)),
    )  # fmt: skip


class _Slope:
    """First and second derivative of the mean loss in w = 1 / T."""

    def __init__(self, found: Prepared) -> None:
        z, t = found.logits, found.targets
        assert z is not None  # noqa: S101  # kind is "logits"
        if z.ndim == 1:
            z = np.stack([np.zeros_like(z), z], axis=1)
            t = None if t is None else np.stack([1 - t, t], axis=1)
        self.z = z - z.max(axis=1, keepdims=True)
        rows = np.arange(len(z))
        own = self.z[rows, found.labels] if t is None else (t * self.z).sum(axis=1)
        self.weight = found.sample_weight
        self.own = weighted_mean(own, self.weight)

    def __call__(self, w: float) -> tuple[float, float]:
        p = np.exp(w * self.z)
        p /= p.sum(axis=1, keepdims=True)
        mean = np.einsum("ik,ik->i", p, self.z)
        square = np.einsum("ik,ik,ik->i", p, self.z, self.z)
        first = weighted_mean(mean, self.weight) - self.own
        return first, weighted_mean(square - mean**2, self.weight)


def _minimise(
    slope: _Slope, bounds: tuple[float, float], tol: float, max_iter: int
) -> tuple[float, int, bool, list[str]]:
    low, high = 1.0 / bounds[1], 1.0 / bounds[0]
    if not slope.z.any():
        return min(max(1.0, low), high), 0, True, [flag.CONSTANT]
    if slope(low)[0] >= 0:
        return low, 0, True, [flag.UNBOUNDED_TEMPERATURE]
    if slope(high)[0] <= 0:
        return high, 0, True, [flag.UNBOUNDED_TEMPERATURE]
    w = min(max(1.0, low), high)
    for n_iter in range(1, max_iter + 1):
        first, second = slope(w)
        low, high = (w, high) if first < 0 else (low, w)
        new = w - first / second if second > 0 else low
        if not low < new < high and first != 0:
            new = (low + high) / 2
        step, w = abs(new - w), new
        if step <= tol * w:
            return w, n_iter, True, []
    return w, max_iter, False, []


def _at(found: Prepared, temperature: float, n_bins: int = 15) -> tuple[float, float]:
    assert found.logits is not None  # noqa: S101  # kind is "logits"
    z = found.logits / temperature
    p = from_logits(z)
    nll, _ = log_loss_of(found._replace(logits=z))
    confidence, outcome = (
        (p, found.outcome) if p.ndim == 1 else top_label(p, found.labels)[:2]
    )
    bins = fill_bins(confidence, outcome, n_bins, "uniform", found.sample_weight)
    return nll, table_error(bins)


def temperature_curve(
    logits: Any, labels: Any, temperatures: Any, *, n_bins: int = 15
) -> TemperatureCurve:
    """Returns likelihood and calibration error at each of (m,) temperatures."""
    t = float64(temperatures, "temperatures", 1)
    check(bool((t > 0).all()), "temperatures", "above 0", described(t))
    found = prepare(labels, logits, "logits")
    each = [_at(found, float(value), n_bins) for value in t]
    nll, ece = np.array(each).reshape(-1, 2).T
    return TemperatureCurve(t, nll, ece, flags=found.flags)


def apply_temperature(logits: Any, temperature: float) -> FloatArray:
    """Returns softmax(logits / T) over the last axis, or the sigmoid of one axis."""
    check(temperature > 0, "temperature", "above 0", temperature)
    z = float64(logits, "logits") / temperature
    if z.ndim <= 1:
        return from_logits(z)
    return from_logits(z.reshape(-1, z.shape[-1])).reshape(z.shape)


def logits_from_probabilities(probabilities: Any) -> FloatArray:
    """Returns logits whose softmax (of one axis: sigmoid) are the probabilities.

    Softmax forgets a shift, so the temperature fitted to them is exact. Zeros are
    read as the smallest normal number of the dtype.
    """
    p: NDArray[Any] = numeric(probabilities, "probabilities")
    dtype = p.dtype if p.dtype.kind == "f" else np.dtype(np.float64)
    tiny = float(np.finfo(dtype).tiny)
    wide = p.astype(np.float64)
    logs: FloatArray = np.log(np.clip(wide, tiny, 1.0))
    return logs - np.log(np.clip(1.0 - wide, tiny, 1.0)) if p.ndim == 1 else logs
