"""Single numbers for the distance between confidence and outcome.

One file: the errors are different sums over the gaps of one table of bins.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, flag_tuple
from dl_techniques.analysis._binning import (
    BinTable,
    Strategy,
    check_bins,
    fill_bins,
)
from dl_techniques.analysis._predictions import Kind, Prepared, prepare
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

Norm = Literal["l1", "l2", "max"]
View = Literal["class1", "top"]


@dataclass(frozen=True, slots=True)
class ClasswiseCalibration(AnalysisResult):
    """Calibration of every class against the rest.

    Attributes:
        per_class: (K,) error of the class' probability over all rows.
        support: (K,) rows (or weight) of the class.
        mean: Mean of `per_class`.
        weighted: Mean of `per_class` by `support`.
    """

    per_class: FloatArray
    support: FloatArray
    mean: float
    weighted: float


def expected_calibration_error(
    labels: Any,
    scores: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    sample_weight: Any = None,
    kind: Kind = "auto",
    norm: Norm = "l1",
    binary_view: View = "class1",
) -> float:
    """Measures how far confidence lies from accuracy, over bins of confidence.

        l1: sum_b n_b / n |gap_b|    l2: sqrt(sum_b n_b / n gap_b^2)    max: max |gap_b|

    Of several classes the confidence is the largest probability; of one column it is
    the probability of class 1, or with `binary_view="top"` that of the likelier class.

    Source: Guo et al. (2017), arXiv 1706.04599; Kumar et al. (2019), arXiv 1909.10155.
    """
    check_bins(n_bins, strategy)
    check(norm in ("l1", "l2", "max"), "norm", "'l1', 'l2' or 'max'", norm)
    known = binary_view in ("class1", "top")
    check(known, "binary_view", "'class1' or 'top'", binary_view)
    found = prepare(labels, scores, kind, sample_weight)
    confidence, outcome = top_view(found) if binary_view == "top" else found[3:5]
    weight = found.sample_weight
    return table_error(fill_bins(confidence, outcome, n_bins, strategy, weight), norm)


def maximum_calibration_error(labels: Any, scores: Any, **options: Any) -> float:
    """Returns the largest gap of a bin; options as `expected_calibration_error`."""
    return expected_calibration_error(labels, scores, norm="max", **options)


def adaptive_calibration_error(labels: Any, scores: Any, **options: Any) -> float:
    """Returns the expected calibration error over bins of equal mass."""
    return expected_calibration_error(labels, scores, strategy="quantile", **options)


def average_calibration_error(
    labels: Any,
    scores: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    sample_weight: Any = None,
    kind: Kind = "auto",
) -> float:
    """Returns the mean |gap| over bins that are not empty, each counting the same."""
    check_bins(n_bins, strategy)
    found = prepare(labels, scores, kind, sample_weight)
    return average_gap(bins_of(found, n_bins, strategy))


def debiased_calibration_error(
    labels: Any,
    scores: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    sample_weight: Any = None,
    kind: Kind = "auto",
) -> float:
    """Returns the l2 error less what chance alone puts into it.

        sqrt(max(0, sum_b n_b / n (gap_b^2 - acc_b (1 - acc_b) / (n_b - 1))))

    Bins with fewer than two rows are left out of the sum.

    Source: Kumar et al. (2019), arXiv 1909.10155.
    """
    check_bins(n_bins, strategy)
    found = prepare(labels, scores, kind, sample_weight)
    return debiased_error(bins_of(found, n_bins, strategy))


def classwise_calibration_error(
    labels: Any,
    scores: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    sample_weight: Any = None,
    kind: Kind = "auto",
) -> ClasswiseCalibration:
    """Measures each class' probability against the class' frequency, over all rows.

    An absent class counts too (its frequency is 0) and sets CLASS_ABSENT. One column
    of scores is read as two classes.

    Source: Kull et al. (2019), arXiv 1910.12656.
    """
    check_bins(n_bins, strategy)
    if kind == "multilabel":
        y, p = np.asarray(labels), np.asarray(scores)
        check(y.shape == p.shape and p.ndim > 1, "labels", "shaped as scores", y.shape)
        width = p.shape[-1]
        y, p = y.reshape(-1, width), p.reshape(-1, width)
        columns = [
            prepare(y[:, k], p[:, k], "binary", sample_weight) for k in range(width)
        ]
        tables = [bins_of(c, n_bins, strategy) for c in columns]
        support = [_total(c.outcome, c.sample_weight) for c in columns]
        return _classwise(tables, support, [f for c in columns for f in c.flags])
    return classwise(prepare(labels, scores, kind, sample_weight), n_bins, strategy)


def classwise(found: Prepared, n_bins: int, strategy: str) -> ClasswiseCalibration:
    """Does what `classwise_calibration_error` says for checked rows."""
    p = found.scores
    columns = [1.0 - p, p] if p.ndim == 1 else list(p.T)
    hits = [found.labels == k for k in range(len(columns))]
    weight = found.sample_weight
    tables = [
        fill_bins(c, h, n_bins, strategy, weight)
        for c, h in zip(columns, hits, strict=True)
    ]
    return _classwise(tables, [_total(h, weight) for h in hits], list(found.flags))


def _classwise(
    tables: list[BinTable], support: list[float], doubts: list[str]
) -> ClasswiseCalibration:
    each = np.array([table_error(t) for t in tables])
    counts = np.array(support)
    absent = [flag.CLASS_ABSENT] if (counts == 0).any() else []
    total = counts.sum()
    weighted = float(each @ counts / total) if total else NAN
    mean = float(each.mean()) if each.size else NAN
    return ClasswiseCalibration(
        each, counts, mean, weighted, flags=flag_tuple(doubts + absent)
    )


def bins_of(found: Prepared, n_bins: int, strategy: str) -> BinTable:
    """Returns the bins of checked rows, with their flags."""
    return fill_bins(
        found.confidence, found.outcome, n_bins, strategy, found.sample_weight,
        found.flags,
    )  # fmt: skip


def top_view(found: Prepared) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Returns the likelier class' probability and whether it is the label."""
    if found.scores.ndim == 2:
        return found.confidence, found.outcome
    p = found.scores
    return np.maximum(p, 1 - p), (p > 0.5) == (found.labels == 1)


def table_error(table: BinTable, norm: str = "l1") -> float:
    """Returns the l1, l2 or largest gap of a table; NaN when all bins are empty."""
    filled = table.count > 0
    if not filled.any():
        return NAN
    gap = np.abs(table.gap[filled])
    if norm == "max":
        return float(gap.max())
    share = table.count[filled] / table.count.sum()
    return float(share @ gap) if norm == "l1" else float(np.sqrt(share @ gap**2))


def average_gap(table: BinTable) -> float:
    """Returns the mean |gap| over bins that are not empty."""
    filled = table.count > 0
    return float(np.abs(table.gap[filled]).mean()) if filled.any() else NAN


def debiased_error(table: BinTable) -> float:
    """Does what `debiased_calibration_error` says for a table."""
    enough = table.effective_count >= 2
    if not enough.any():
        return NAN
    share = table.count[enough] / table.count.sum()
    accuracy = table.accuracy[enough]
    chance = accuracy * (1 - accuracy) / (table.effective_count[enough] - 1)
    return float(np.sqrt(max(0.0, share @ (table.gap[enough] ** 2 - chance))))


def _total(hits: NDArray[np.bool_], weight: FloatArray | None) -> float:
    return float(np.count_nonzero(hits) if weight is None else weight[hits].sum())
