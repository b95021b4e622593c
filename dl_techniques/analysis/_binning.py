"""Sorts confidences into bins and compares each bin with what came true."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import (
    FloatArray,
    IntArray,
    described,
    float64,
    same_length,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check

Strategy = Literal["uniform", "quantile"]
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class BinTable(AnalysisResult):
    """Confidence against outcome in B bins.

    Attributes:
        edges: (B + 1,) ascending; a bin is (low, high], the first also holds 0.
        count: (B,) rows, or their weight.
        mean_confidence: (B,) NaN in an empty bin.
        accuracy: (B,) share of outcomes that came true, NaN in an empty bin.
        gap: (B,) accuracy - mean_confidence; positive is under-confident.
        effective_count: (B,) rows of equal weight that say as much as the bin's.
        strategy: "uniform" or "quantile".
    """

    edges: FloatArray
    count: NDArray[Any]
    mean_confidence: FloatArray
    accuracy: FloatArray
    gap: FloatArray
    effective_count: NDArray[Any]
    strategy: str

    def to_frame(self) -> Any:
        """Returns a row a bin, with its borders."""
        import pandas as pd

        names = ("count", "mean_confidence", "accuracy", "gap")
        columns = {name: getattr(self, name) for name in names}
        return pd.DataFrame({"low": self.edges[:-1], "high": self.edges[1:], **columns})


def bin_predictions(
    confidence: Any,
    outcome: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    sample_weight: Any = None,
) -> BinTable:
    """Bins confidences in [0, 1] and averages them and their outcomes.

    Args:
        confidence: (n,) in [0, 1].
        outcome: (n,) of 0 and 1 (fractions are averaged too). Rows with NaN or inf are
            left out.
        n_bins: From 1 to 1000.
        strategy: "uniform" bins have equal width; "quantile" bins equal mass, at most n
            of them, equal values possibly on both sides of an edge.
        sample_weight: (n,) non-negative, multiplies counts.

    Source: Guo et al. (2017), arXiv 1706.04599.
    """
    c = float64(confidence, "confidence", 1)
    y = float64(outcome, "outcome", 1)
    w = None if sample_weight is None else float64(sample_weight, "sample_weight", 1)
    same_length(confidence=c, outcome=y, sample_weight=c if w is None else w)
    if w is not None:
        good = bool(np.isfinite(w).all() and (w >= 0).all())
        check(good, "sample_weight", "finite and non-negative", described(w))
    finite = np.isfinite(c) & np.isfinite(y)
    doubts: tuple[str, ...] = ()
    if not finite.all():
        c, y, doubts = c[finite], y[finite], (flag.NONFINITE_DROPPED,)
        w = None if w is None else w[finite]
    within = bool(((c >= -1e-6) & (c <= 1 + 1e-6)).all())
    check(within, "confidence", "between 0 and 1", described(c))
    return fill_bins(c, y, n_bins, strategy, w, doubts)


def fill_bins(
    confidence: NDArray[Any],
    outcome: NDArray[Any],
    n_bins: int,
    strategy: str,
    weight: FloatArray | None = None,
    doubts: tuple[str, ...] = (),
) -> BinTable:
    """Does what `bin_predictions` says for (n,) arrays that were checked before."""
    check_bins(n_bins, strategy)
    if not len(confidence) and flag.EMPTY not in doubts:
        doubts = (*doubts, flag.EMPTY)
    if strategy == "uniform":
        edges = np.linspace(0.0, 1.0, n_bins + 1)
        sums = _uniform_sums(confidence, outcome, edges, weight)
    else:
        edges, sums = _quantile_sums(confidence, outcome, n_bins, weight)
    count, confidence_sum, outcome_sum, square_sum = sums
    filled = np.where(count > 0, count, np.nan)
    mean, accuracy = confidence_sum / filled, outcome_sum / filled
    number: NDArray[Any] = count if weight is not None else count.astype(np.int64)
    effective = number
    if weight is not None:
        effective = count**2 / np.where(square_sum > 0, square_sum, np.inf)
    return BinTable(
        edges, number, mean, accuracy, accuracy - mean, effective, strategy,
        flags=doubts,
    )  # fmt: skip


def check_bins(n_bins: Any, strategy: Any) -> None:
    """Raises `ValueError` for a number of bins or a strategy that is not legal."""
    fits = is_int(n_bins) and 1 <= n_bins <= 1000
    check(fits, "n_bins", "an integer from 1 to 1000", n_bins)
    known = strategy in ("uniform", "quantile")
    check(known, "strategy", "'uniform' or 'quantile'", strategy)


def bin_index(confidence: NDArray[Any], edges: FloatArray) -> IntArray:
    """Returns `searchsorted(edges[1:-1], confidence)` for equally spaced edges.

    A product names the bin up to rounding; comparing with the edges corrects that.
    """
    last = len(edges) - 2
    wide = confidence.astype(np.float64)
    index = (wide * (last + 1)).astype(np.int64)
    np.clip(index, 0, last, out=index)
    index -= wide <= edges[index]
    np.maximum(index, 0, out=index)
    index += wide > edges[index + 1]
    return np.minimum(index, last, out=index)


_Sums = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _uniform_sums(
    c: NDArray[Any], y: NDArray[Any], edges: FloatArray, w: FloatArray | None
) -> _Sums:
    size = len(edges) - 1
    total = np.zeros((4, size))
    for start in range(0, len(c), _BLOCK):
        part = slice(start, start + _BLOCK)
        index = bin_index(c[part], edges)
        if w is None and y.dtype == np.bool_:
            both = np.bincount(index + size * y[part], minlength=2 * size)
            total[0] += both[:size] + both[size:]
            total[1] += np.bincount(index, c[part], size)
            total[2] += both[size:]
            continue
        weight = np.ones(len(index)) if w is None else w[part]
        for row, values in enumerate((weight, weight * c[part], weight * y[part])):
            total[row] += np.bincount(index, values, size)
        total[3] += np.bincount(index, weight * weight, size)
    return total[0], total[1], total[2], total[3]


def _quantile_sums(
    c: NDArray[Any], y: NDArray[Any], n_bins: int, w: FloatArray | None
) -> tuple[FloatArray, _Sums]:
    n, size = len(c), min(n_bins, max(len(c), 1))
    order = np.argsort(c, kind="stable")
    c, y = c[order].astype(np.float64), y[order].astype(np.float64)
    weight = np.ones(n) if w is None else w[order]
    if w is None:
        lengths = np.full(size, n // size)
        lengths[: n % size] += 1
        starts = np.concatenate([[0], np.cumsum(lengths)])
    else:
        centre = np.cumsum(weight) - weight / 2
        group = (size * centre / max(float(weight.sum()), 1e-300)).astype(np.int64)
        starts = np.searchsorted(np.clip(group, 0, size - 1), np.arange(size + 1))
    edges = np.concatenate([[0.0], np.ones(size)])
    inner = starts[1:-1]
    if n:
        before = c[np.clip(inner - 1, 0, n - 1)]
        edges[1:-1] = (before + c[np.clip(inner, 0, n - 1)]) / 2
    cells = (weight, weight * c, weight * y, weight * weight)
    return edges, tuple(_segment_sums(v, starts) for v in cells)  # type: ignore[return-value]  # four of them


def _segment_sums(values: FloatArray, starts: IntArray) -> FloatArray:
    padded = np.concatenate([values, [0.0]])
    sums = np.add.reduceat(padded, starts)[:-1]
    sums[starts[:-1] == starts[1:]] = 0.0  # reduceat gives a value for empty segments
    return sums
