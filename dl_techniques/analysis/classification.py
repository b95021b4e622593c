"""Confusion matrix, measures a class, and the decision regions of 2-D inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, IntArray, float64
from dl_techniques.analysis._predictions import Kind, prepare
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class ClassificationReport(AnalysisResult):
    """Right and wrong answers, class by class; a share of nothing is NaN.

    Attributes:
        confusion: (K, K) rows by label (first axis) and chosen class.
        support: (K,) rows of the class.
        precision, recall, f1: (K,).
        accuracy: Share of right rows.
        balanced_accuracy: Mean recall of the classes that occur.
        macro_f1: Mean f1 of the classes that occur.
        top_k: Share of rows whose label is among the k likeliest; NaN when K <= k.
        k: Of `top_k`.
        n_invalid: Rows left out.
    """

    confusion: IntArray
    support: IntArray
    precision: FloatArray
    recall: FloatArray
    f1: FloatArray
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    top_k: float
    k: int
    n_invalid: int


@dataclass(frozen=True, slots=True)
class DecisionGrid(AnalysisResult):
    """A model's answers on a grid over the plane.

    Attributes:
        x: (w,) first input.
        y: (h,) second input.
        classes: (h, w) chosen class; for one output, whether it is above 0.5.
        confidence: (h, w) probability of the chosen class.
        values: (h, w) raw output of a regression; None for classes.
    """

    x: FloatArray
    y: FloatArray
    classes: IntArray | None
    confidence: FloatArray | None
    values: FloatArray | None


def classification_report(
    labels: Any, scores: Any, *, kind: Kind = "auto", k: int = 5
) -> ClassificationReport:
    """Counts labels against chosen classes (the first of equal maxima).

    Args:
        labels: As for `check_predictions`.
        scores: As for `check_predictions`; one column gives two classes.
        kind: As for `check_predictions`.
        k: Of the top-k accuracy.
    """
    check(is_int(k) and k > 0, "k", "at least 1", k)
    found = prepare(labels, scores, kind)
    p, y = found.scores, found.labels
    chosen = p.argmax(axis=1) if p.ndim == 2 else (p > 0.5).astype(np.int64)
    width = p.shape[1] if p.ndim == 2 else 2
    counts = np.bincount(y * width + chosen, minlength=width**2)
    confusion = counts.reshape(width, width).astype(np.int64)
    right, support = np.diag(confusion), confusion.sum(axis=1)
    picked = confusion.sum(axis=0)
    recall, precision = _ratio(right, support), _ratio(right, picked)
    f1 = _ratio(2 * right, support + picked)
    there = support > 0
    absent = (flag.CLASS_ABSENT,) if len(y) and not there.all() else ()
    return ClassificationReport(
        confusion, support, precision, recall, f1,
        float(right.sum()) / len(y) if len(y) else NAN,
        float(recall[there].mean()) if there.any() else NAN,
        float(f1[there].mean()) if there.any() else NAN,
        _top_k(p, y, k), k, found.n_invalid, flags=(*found.flags, *absent),
    )  # fmt: skip


def confusion_matrix(labels: Any, scores: Any, *, kind: Kind = "auto") -> IntArray:
    """Returns the (K, K) counts, labels along the first axis."""
    return classification_report(labels, scores, kind=kind).confusion


def _ratio(part: Any, whole: Any) -> FloatArray:
    return np.asarray(part / np.where(whole > 0, whole, np.nan))


def _top_k(p: Any, y: IntArray, k: int) -> float:
    if p.ndim != 2 or p.shape[1] <= k or not len(y):
        return NAN
    best = np.argsort(-p, axis=1, kind="stable")[:, :k]
    return float((best == y[:, None]).any(axis=1).mean())


def grid_points(points: Any, *, n: int = 60, margin: float = 0.1) -> tuple[Any, ...]:
    """Returns x (n,), y (n,) and the (n * n, 2) grid around (rows, 2) points."""
    check(is_int(n) and n > 1, "n", "at least 2", n)
    p = float64(points, "points", 2)
    check(p.shape[1] == 2, "points", "of shape (rows, 2)", p.shape)
    p = p[np.isfinite(p).all(axis=1)]
    low, high = (p.min(axis=0), p.max(axis=0)) if len(p) else (-np.ones(2), np.ones(2))
    wider = margin * np.where(high > low, high - low, 1.0)
    x, y = (
        np.linspace(a, b, n) for a, b in zip(low - wider, high + wider, strict=True)
    )
    rows = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return x, y, rows.astype(np.float32)


def decision_grid(
    points: Any,
    predict: Callable[[Any], Any],
    *,
    regression: bool = False,
    n: int = 60,
    margin: float = 0.1,
) -> DecisionGrid:
    """Asks `predict` for probabilities (or values) on a grid around the points.

    Args:
        points: (rows, 2) inputs the grid has to hold.
        predict: (m, 2) float32 -> (m, K) or (m,) probabilities, or (m,) values.
        regression: Whether it gives values.
        n: Points along each axis.
        margin: Share of the range added on each side.
    """
    x, y, rows = grid_points(points, n=n, margin=margin)
    out = float64(predict(rows), "predict(...)")
    fits = out.ndim in (1, 2) and len(out) == len(rows)
    check(fits, "predict", f"returning {len(rows)} rows", out.shape)
    out = out.reshape(len(rows), -1)
    if regression:
        return DecisionGrid(x, y, None, None, out[:, 0].reshape(n, n))
    if out.shape[1] == 1:
        out = np.concatenate([1 - out, out], axis=1)
    classes, top = out.argmax(axis=1), out.max(axis=1)
    return DecisionGrid(x, y, classes.reshape(n, n), top.reshape(n, n), None)
