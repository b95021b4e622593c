"""Points of a curve: what a screen can show of them."""

from typing import Any, NamedTuple

import numpy as np

_POINTS = 200


class Points(NamedTuple):
    """A curve thinned to what is drawn; `area` is that of the whole curve."""

    x: Any
    y: Any
    threshold: Any
    area: float


def thinned(x: Any, y: Any, most: int = _POINTS) -> tuple[Any, Any]:
    """Returns at most about `most` points, the first, last and extreme ones kept."""
    if len(x) <= most:
        return x, y
    keep = np.unique(np.linspace(0, len(x) - 1, most).round().astype(int))
    known = np.flatnonzero(np.isfinite(y))
    if len(known):
        ends = [known[np.argmin(y[known])], known[np.argmax(y[known])]]
        keep = np.unique([*keep.tolist(), *map(int, ends)])
    return x[keep], y[keep]


def _steps(score: Any, positive: Any) -> tuple[Any, Any, Any] | None:
    """Returns thresholds and how many positives and negatives reach them."""
    known = np.isfinite(score)
    score, positive = score[known], positive[known]
    if not positive.any() or positive.all():
        return None
    order = np.argsort(-score, kind="stable")
    score, positive = score[order], positive[order]
    last = np.flatnonzero(np.append(np.diff(score) != 0, True))
    hits = np.cumsum(positive)[last]
    return score[last], hits, last + 1 - hits


def roc_points(score: Any, positive: Any) -> Points | None:
    """Returns the ROC curve, or None when one side is absent."""
    found = _steps(score, positive)
    if found is None:
        return None
    threshold, hits, false = found
    y = np.append(0, hits / hits[-1])
    x = np.append(0, false / false[-1])
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    return _thin(x, y, np.append(np.nan, threshold), area)


def pr_points(score: Any, positive: Any) -> Points | None:
    """Returns recall and precision; the area is the average precision."""
    found = _steps(score, positive)
    if found is None:
        return None
    threshold, hits, false = found
    recall, precision = hits / hits[-1], hits / (hits + false)
    area = float(np.sum(np.diff(np.append(0, recall)) * precision))
    return _thin(recall, precision, threshold, area)


def _thin(x: Any, y: Any, threshold: Any, area: float) -> Points:
    if len(x) > _POINTS:
        at = np.linspace(0, len(x) - 1, _POINTS).round().astype(int)
        x, y, threshold = x[at], y[at], threshold[at]
    return Points(x, y, threshold, area)
