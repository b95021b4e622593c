"""What a layer puts out: moments, sparsity, dead units and dimension; NumPy only.

One file: a record and the class that fills it batch by batch; moments, dimensions and
totals of units stand in modules of their own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import (
    NAN,
    BoolArray,
    FloatArray,
    IntArray,
    Seed,
    flag_tuple,
    rng,
)
from dl_techniques.analysis._dimensions import (
    EffectiveDimension,
    effective_dimension,
    effective_rank,
    participation_ratio,
    pca_dimension,
    twonn_dimension,
)
from dl_techniques.analysis._moments import (
    Histogram,
    Moments,
    bin_edges,
    count_between,
    histogram,
    quantiles,
)
from dl_techniques.analysis._unit_totals import UnitTotals
from dl_techniques.analysis.results import AnalysisResult

__all__ = [
    "ActivationStats",
    "EffectiveDimension",
    "Histogram",
    "StreamingStats",
    "activation_statistics",
    "effective_dimension",
    "effective_rank",
    "participation_ratio",
    "pca_dimension",
    "twonn_dimension",
]

LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_SATURATED = 0.99


@dataclass(frozen=True, slots=True)
class ActivationStats(AnalysisResult):
    """Statistics of one layer's output.

    Attributes:
        count: Finite values.
        mean, std, min, max: Of them.
        levels, quantiles: (7,) 1, 5, 25, 50, 75, 95, 99 percent.
        skewness, kurtosis: Biased, excess; NaN of equal values.
        zero_fraction: Share of |a| <= zero_tol.
        sparsity: Share of |a| < near_zero * max(1, rms).
        positive_fraction: Share above zero.
        hoyer_sparsity: (sqrt n - l1 / l2) / (sqrt n - 1).
        treves_rolls: (1 - mean(|a|)^2 / mean(a^2)) / (1 - 1 / n).
        nonfinite_fraction: Share of NaN and inf, left out of everything else.
        unit_index: (u,) units described, all of them or evenly spaced ones.
        unit_mean, unit_std, unit_active_fraction: (u,) over samples and positions.
        unit_dead: (u,) largest |a| is 0.
        unit_constant: (u,) all values equal.
        unit_saturated_fraction: (u,) |a| > 0.99 of the bound; None without one.
        dead_fraction, constant_fraction: Shares of the units.
        selectivity: (u,) (mean in the best class - mean elsewhere) / std, or None.
        best_class: (u,) that class, or None.
        histogram: Over the range of the values.
    """

    count: int
    mean: float
    std: float
    min: float
    max: float
    levels: FloatArray
    quantiles: FloatArray
    skewness: float
    kurtosis: float
    zero_fraction: float
    sparsity: float
    positive_fraction: float
    hoyer_sparsity: float
    treves_rolls: float
    nonfinite_fraction: float
    unit_index: IntArray
    unit_mean: FloatArray
    unit_std: FloatArray
    unit_active_fraction: FloatArray
    unit_dead: BoolArray
    unit_constant: BoolArray
    unit_saturated_fraction: FloatArray | None
    dead_fraction: float
    constant_fraction: float
    selectivity: FloatArray | None
    best_class: IntArray | None
    histogram: Histogram


class StreamingStats:
    """Collects the statistics of one layer batch by batch.

    Moments and unit statistics are exact. Quantiles, `sparsity` and the histogram are
    exact up to `reservoir` values; beyond, the first two come from a random sample of
    that size and the histogram has the first batch's range widened by 20 %.

    Args:
        unit_axis: Axis of the units; axis 0 is the samples.
        zero_tol: See `ActivationStats.zero_fraction`.
        near_zero: See `ActivationStats.sparsity`.
        max_units: Most units described.
        bound: Largest |a| of the activation function (1 for tanh and sigmoid).
        n_bins: Bins of the histogram.
        reservoir: Most values kept.
        seed: Of the sample.
    """

    def __init__(
        self,
        *,
        unit_axis: int = -1,
        zero_tol: float = 0.0,
        near_zero: float = 1e-5,
        max_units: int = 4096,
        bound: float | None = None,
        n_bins: int = 64,
        reservoir: int | None = 65_536,
        seed: Seed = 0,
    ) -> None:
        self._near_zero, self._n_bins, self._keep = near_zero, n_bins, reservoir
        limit = None if bound is None else _SATURATED * bound
        self._units = UnitTotals(unit_axis, max_units, limit)
        self._zero_tol, self._rng = zero_tol, rng(seed)
        self._moments = Moments.of(np.empty(0))
        self._parts: list[FloatArray] = []
        self._kept = np.empty(0)
        self._edges: FloatArray | None = None
        self._counts: list[Histogram] = []
        self._n = self._n_zero = self._n_positive = 0
        self._l1, self._overflow = 0.0, False

    def update(self, array: Any, labels: Any = None, mask: Any = None) -> None:
        """Adds a batch; `mask` marks the (sample, position) pairs that count."""
        raw = np.asarray(array)
        rows = self._units.add(raw, labels, mask)
        x = rows.reshape(-1)
        self._n += x.size
        finite = np.isfinite(x)
        self._overflow |= raw.dtype == np.float16 and bool(np.isinf(x).any())
        x = x if finite.all() else x[finite]
        self._moments = self._moments.merge(Moments.of(x))
        size = np.abs(x)
        self._l1 += float(size.sum())
        self._n_zero += int(np.count_nonzero(size <= self._zero_tol))
        self._n_positive += int(np.count_nonzero(x > 0))
        if self._keep is None:
            self._parts.append(x)
        elif x.size:
            self._sample(x)

    def _sample(self, x: FloatArray) -> None:
        assert self._keep is not None  # noqa: S101  # the caller looked
        if self._edges is None:
            low, high = float(x.min()), float(x.max())
            wider = 0.1 * (high - low)
            self._edges = bin_edges(low - wider, high + wider, self._n_bins)
        self._counts.append(count_between(x, self._edges))
        seen = self._moments.n - x.size
        room = max(0, self._keep - seen)
        if room:
            self._kept = np.concatenate([self._kept, x[:room]])
            seen, x = seen + len(x[:room]), x[room:]
        chosen = self._rng.random(len(x)) * (seen + 1 + np.arange(len(x))) < self._keep
        slots = self._rng.integers(0, self._keep, int(chosen.sum()))
        self._kept[slots] = x[chosen]

    def result(self) -> ActivationStats:
        """Returns the statistics of everything added so far."""
        m, n = self._moments, self._moments.n
        kept = np.concatenate(self._parts) if self._parts else self._kept
        if n <= len(kept) or self._edges is None:
            shown = histogram(kept, self._n_bins)
        else:
            c = self._counts
            total = np.sum([h.counts for h in c], axis=0)
            ends = sum(h.below for h in c), sum(h.above for h in c)
            shown = Histogram(self._edges, total, *ends)
        doubts = [flag.NONFINITE_DROPPED] if n < self._n else []
        doubts += [flag.OVERFLOW] if self._overflow else []
        doubts += [] if n else [flag.EMPTY]
        doubts += [flag.CONSTANT] if m.constant else []
        doubts += [flag.SUBSAMPLED] if len(kept) < n else []
        units, more = self._units.result()
        mean, std, low, high = m.shown()
        near = self._near_zero * max(1.0, m.rms if n else 1.0)
        return ActivationStats(
            count=n, mean=mean, std=std, min=low, max=high,
            levels=np.array(LEVELS), quantiles=quantiles(kept, LEVELS),
            skewness=m.skewness, kurtosis=m.kurtosis,
            zero_fraction=self._n_zero / n if n else NAN,
            sparsity=float((np.abs(kept) < near).mean()) if n else NAN,
            positive_fraction=self._n_positive / n if n else NAN,
            hoyer_sparsity=_hoyer(n, self._l1, m.rms),
            treves_rolls=_treves_rolls(n, self._l1, m.rms),
            nonfinite_fraction=1 - n / self._n if self._n else NAN,
            histogram=shown,
            flags=flag_tuple(doubts + more),
            **units,
        )  # fmt: skip


def activation_statistics(
    array: Any, *, labels: Any = None, mask: Any = None, **options: Any
) -> ActivationStats:
    """Describes a layer's output (samples, positions..., units).

    Args:
        array: At least one axis; the first is the samples.
        labels: (samples,) classes, for the selectivity.
        mask: Shape of `array` without the units: which positions count.
        options: `unit_axis`, `zero_tol`, `near_zero`, `max_units`, `bound`, `n_bins` as
            for `StreamingStats`.
    """
    stats = StreamingStats(reservoir=None, **options)
    stats.update(array, labels, mask)
    return stats.result()


def _hoyer(n: int, l1: float, rms: float) -> float:
    if n < 2 or not rms > 0:
        return NAN
    root = float(np.sqrt(n))
    return (root - l1 / (rms * root)) / (root - 1)


def _treves_rolls(n: int, l1: float, rms: float) -> float:
    if n < 2 or not rms > 0:
        return NAN
    return (1 - (l1 / n / rms) ** 2) / (1 - 1 / n)
