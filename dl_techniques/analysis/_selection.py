"""Whether confidence tells right predictions from wrong ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, float64, same_length
from dl_techniques.analysis.results import AnalysisResult

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class AccuracyCoverage(AnalysisResult):
    """Accuracy of the most confident rows; unpacks to coverage, accuracy, aurc.

    Attributes:
        coverage: (n,) share kept.
        accuracy: (n,) of the kept rows.
        aurc: Mean of 1 - accuracy over all coverages.
    """

    coverage: FloatArray
    accuracy: FloatArray
    aurc: float

    def __iter__(self) -> Iterator[Any]:
        return iter((self.coverage, self.accuracy, self.aurc))


def _pair(confidence: Any, correct: Any) -> tuple[FloatArray, FloatArray]:
    c = float64(confidence, "confidence", 1)
    y = float64(correct, "correct", 1)
    same_length(confidence=c, correct=y)
    good = np.isfinite(c) & np.isfinite(y)
    return c[good], y[good]


def confidence_auroc(confidence: Any, correct: Any) -> float:
    """Returns the chance that a right row is more confident than a wrong one.

    Equal confidences count one half; NaN when all rows are right or all wrong.
    """
    c, y = _pair(confidence, correct)
    right = y > 0.5
    n_right = int(right.sum())
    n_wrong = len(c) - n_right
    if not (n_right and n_wrong):
        return NAN
    ordered = np.sort(c)
    ranks = np.searchsorted(ordered, c, "left") + np.searchsorted(ordered, c, "right")
    total = float((ranks[right] + 1).sum()) / 2
    return (total - n_right * (n_right + 1) / 2) / (n_right * n_wrong)


def accuracy_coverage_curve(confidence: Any, correct: Any) -> AccuracyCoverage:
    """Rejects the least confident rows one by one.

    Rows of equal confidence count as the mean over their orders.
    """
    c, y = _pair(confidence, correct)
    n = len(c)
    if not n:
        return AccuracyCoverage(c, y, NAN, flags=(flag.EMPTY,))
    _, group, size = np.unique(-c, return_inverse=True, return_counts=True)
    share = np.bincount(group, weights=y) / size
    kept = np.arange(1, n + 1)
    accuracy = np.cumsum(np.repeat(share, size)) / kept
    return AccuracyCoverage(kept / n, accuracy, float((1 - accuracy).mean()))


def threshold_table(
    confidence: Any, correct: Any, thresholds: Any = None
) -> "pd.DataFrame":
    """Returns a row a threshold: coverage, accuracy and the share of errors kept."""
    import pandas as pd

    c, y = _pair(confidence, correct)
    given = np.linspace(0, 1, 21) if thresholds is None else thresholds
    t = float64(given, "thresholds", 1)
    order = np.argsort(c, kind="stable")
    start = np.searchsorted(c[order], t, "left")
    kept = len(c) - start
    right_below = np.concatenate([[0.0], np.cumsum(y[order])])
    right = right_below[-1] - right_below[start]
    n_wrong = len(c) - right_below[-1]
    accuracy = right / np.where(kept > 0, kept, np.nan)
    return pd.DataFrame(
        {
            "threshold": t,
            "coverage": kept / (len(c) or np.nan),
            "accuracy": accuracy,
            "errors_kept": (kept - right) / (n_wrong if n_wrong > 0 else np.nan),
        }
    )
