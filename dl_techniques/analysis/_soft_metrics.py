"""A metric of soft decisions against the same metric of hard ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray, float64
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_choice, check_number

EPSILON = 1e-7


@dataclass(frozen=True, slots=True)
class ApproximationCurve(AnalysisResult):
    """The soft step of AnyLoss over the probability.

    Attributes:
        scale: L of sigmoid(L (p - 1/2)).
        p: Probabilities from 0 to 1.
        value: The step at each.
        slope: L A (1 - A): where it is 0 a sample teaches nothing.
    """

    scale: float
    p: FloatArray
    value: FloatArray
    slope: FloatArray


@dataclass(frozen=True, slots=True)
class SoftMetricCurve(AnalysisResult):
    """A metric of soft decisions over the amplifying scale.

    Attributes:
        metric: Name of the metric, one of `SOFT_METRICS`.
        scales: Amplifying scales L.
        soft: The soft metric at each.
        hard: The metric of hard decisions, which `soft` tends to.
        flat: Share of the samples at each scale whose step has no slope in float32.
    """

    metric: str
    scales: FloatArray
    soft: FloatArray
    hard: float
    flat: FloatArray


def approximation_curve(scale: float = 73.0, points: int = 201) -> ApproximationCurve:
    """Returns A(p) = sigmoid(L (p - 1/2)) and its slope."""
    check_number("scale", scale, 0, low_open=True)
    p = np.linspace(0.0, 1.0, points)
    a = _sigmoid(scale * (p - 0.5))
    return ApproximationCurve(scale, p, a, scale * a * (1 - a))


def soft_metric_curve(
    y_true: Any,
    y_prob: Any,
    metric: str = "f1",
    scales: Sequence[float] = (1, 3, 10, 20, 40, 73, 150, 300),
    average: str = "macro",
) -> SoftMetricCurve:
    """Returns the soft metric of AnyLoss at several scales, and the hard one.

    Args:
        y_true: Class numbers (n,).
        y_prob: Probabilities (n, classes), or (n,) of class 1.
        metric: One of `SOFT_METRICS`.
        scales: Amplifying scales L, above 0.
        average: "macro" over the classes present, or "micro".

    Raises:
        ValueError: An argument is out of range or shapes do not match.
    """
    check_choice("metric", metric, SOFT_METRICS)
    check_choice("average", average, ("macro", "micro"))
    p = float64(y_prob, "y_prob")
    p = np.stack([1 - p, p], axis=-1) if p.ndim == 1 else p
    y = np.asarray(y_true).reshape(-1).astype(np.int64)
    fits = p.ndim == 2 and len(p) == len(y) and len(y) > 0 and p.shape[1] > 1
    check(fits, "y_prob", f"(n, classes) for {len(y)} labels", p.shape)
    check(y.min() >= 0 and y.max() < p.shape[1], "y_true", "class numbers", y.max())
    rows = np.eye(p.shape[1])[y]
    hard = np.eye(p.shape[1])[p.argmax(-1)]
    soft, flat = [], []
    for scale in scales:
        check_number("scales", scale, 0, low_open=True)
        a = _amplified(p, float(scale))
        soft.append(_value(metric, rows, a, average))
        flat.append(float((np.abs(2 * a - 1) >= 1 - 2**-24).all(axis=-1).mean()))
    return SoftMetricCurve(
        metric,
        np.asarray(scales, dtype=np.float64),
        np.asarray(soft),
        _value(metric, rows, hard, average),
        np.asarray(flat),
    )


def _sigmoid(z: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)))


def _amplified(p: FloatArray, scale: float) -> FloatArray:
    z = 0.5 * scale * p
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _value(metric: str, y: FloatArray, a: FloatArray, average: str) -> float:
    """Returns the metric of each class's counts, averaged; two classes are one."""
    if y.shape[1] == 2:
        y, a = y[:, 1:], a[:, 1:]
    pairs = (1 - y, 1 - a), (1 - y, a), (y, 1 - a), (y, a)
    tn, fp, fn, tp = (np.asarray((u * v).sum(axis=0)) for u, v in pairs)
    support, many = tp + fn, y.shape[1] > 1
    present = support > 0 if many and (support > 0).any() else np.ones(len(tp), bool)
    if many and metric == "accuracy":
        return float(tp.sum() / len(y))
    if many and metric == "balanced_accuracy":
        return float((tp / (support + EPSILON))[present].mean())
    function = _METRICS[metric]
    if average == "micro":
        return float(function(tn.sum(), fp.sum(), fn.sum(), tp.sum()))
    return float(function(tn, fp, fn, tp)[present].mean())


def _div(a: Any, b: Any) -> Any:
    return a / (b + EPSILON)


def _matthews(tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / np.sqrt(product + EPSILON)


def _kappa(tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
    chance = (tp + fp) * (fp + tn) + (tp + fn) * (fn + tn)
    return _div(2 * (tp * tn - fp * fn), chance)


def _mean_of_rates(tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
    return (_div(tp, tp + fn) + _div(tn, tn + fp)) / 2


def _geometric(tn: Any, fp: Any, fn: Any, tp: Any) -> Any:
    return np.sqrt(_div(tp, tp + fn) * _div(tn, tn + fp) + EPSILON)


_METRICS: dict[str, Callable[..., Any]] = {
    "accuracy": lambda tn, fp, fn, tp: _div(tp + tn, tn + fp + fn + tp),
    "precision": lambda tn, fp, fn, tp: _div(tp, tp + fp),
    "recall": lambda tn, fp, fn, tp: _div(tp, tp + fn),
    "specificity": lambda tn, fp, fn, tp: _div(tn, tn + fp),
    "f1": lambda tn, fp, fn, tp: _div(2 * tp, 2 * tp + fn + fp),
    "balanced_accuracy": _mean_of_rates,
    "geometric_mean": _geometric,
    "youden_j": lambda *counts: 2 * _mean_of_rates(*counts) - 1,
    "mcc": _matthews,
    "cohen_kappa": _kappa,
    "iou": lambda tn, fp, fn, tp: _div(tp, tp + fp + fn),
}
SOFT_METRICS = tuple(_METRICS)
