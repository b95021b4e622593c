"""Sums over samples and positions for every unit of a layer."""

from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, numeric
from dl_techniques.utils.validation import check


class UnitTotals:
    """Merges per-unit counts, means and squared distances batch by batch."""

    def __init__(self, unit_axis: int, max_units: int, limit: float | None) -> None:
        self._axis, self._max, self._limit = unit_axis, max_units, limit
        self._width = -1
        self._index = np.empty(0, np.int64)
        self._classes: dict[int, FloatArray] = {}

    def add(self, raw: Any, labels: Any, mask: Any) -> FloatArray:
        """Adds a batch and returns its rows that count, (rows, units)."""
        array = numeric(raw, "array")
        check(array.ndim >= 1, "array", "of at least one axis", array.shape)
        if array.ndim == 1:
            array = array[:, None]
        axis = self._axis
        fits = -array.ndim <= axis < array.ndim and axis % array.ndim
        check(bool(fits), "unit_axis", f"an axis of {array.shape} after 0", axis)
        moved = np.moveaxis(array, axis, -1)
        rows = moved.reshape(-1, moved.shape[-1]).astype(np.float64)
        owner = np.repeat(np.arange(len(array)), int(np.prod(moved.shape[1:-1])))
        if mask is not None:
            kept = np.asarray(mask, bool)
            same = kept.shape == moved.shape[:-1]
            check(same, "mask", f"of shape {moved.shape[:-1]}", kept.shape)
            rows, owner = rows[kept.reshape(-1)], owner[kept.reshape(-1)]
        if self._width < 0:
            self._start(rows.shape[1])
        same = rows.shape[1] == self._width
        check(same, "array", f"of {self._width} units", array.shape)
        self._merge(rows[:, self._index])
        if labels is not None:
            y = np.asarray(labels)
            check(y.shape == array.shape[:1], "labels", "one a sample", y.shape)
            self._add_classes(rows[:, self._index], y.astype(np.int64)[owner])
        return rows

    def _start(self, width: int) -> None:
        self._width = width
        n = min(width, self._max)
        self._index = np.linspace(0, width - 1, n).round().astype(np.int64)
        self._n, self._mean, self._m2, self._active, self._full = np.zeros((5, n))
        self._low, self._high = np.full(n, np.inf), np.full(n, -np.inf)

    def _merge(self, x: FloatArray) -> None:
        good = np.isfinite(x)
        n = good.sum(axis=0).astype(np.float64)
        x = np.where(good, x, 0.0)
        mean = x.sum(axis=0) / np.maximum(n, 1)
        m2 = (np.where(good, x - mean, 0.0) ** 2).sum(axis=0)
        total = np.maximum(self._n + n, 1)
        d = mean - self._mean
        self._m2 += m2 + d**2 * self._n * n / total
        self._mean += d * n / total
        self._n += n
        self._low = np.fmin(self._low, np.where(good, x, np.inf).min(0, initial=np.inf))
        top = np.where(good, x, -np.inf).max(0, initial=-np.inf)
        self._high = np.fmax(self._high, top)
        self._active += (x != 0).sum(axis=0)
        if self._limit is not None:
            self._full += (np.abs(x) > self._limit).sum(axis=0)

    def _add_classes(self, x: FloatArray, y: Any) -> None:
        good = np.isfinite(x)
        x = np.where(good, x, 0.0)
        for k in np.unique(y):
            rows = y == k
            found = np.stack([good[rows].sum(axis=0), x[rows].sum(axis=0)])
            self._classes[int(k)] = self._classes.get(int(k), 0.0) + found

    def result(self) -> tuple[dict[str, Any], list[str]]:
        """Returns the unit fields of `ActivationStats`, and flags."""
        if self._width < 0:
            self._start(0)
        n = np.where(self._n > 0, self._n, np.nan)
        there = self._n > 0
        constant = there & (self._low == self._high)
        dead = constant & (self._low == 0)
        std = np.where(constant, 0.0, np.sqrt(self._m2 / n))
        full = None if self._limit is None else self._full / n
        best, selectivity = self._selectivity(std)
        used = int(there.sum())
        doubts = [flag.SUBSAMPLED] if len(self._index) < self._width else []
        doubts += [flag.DEAD_UNITS] if dead.any() else []
        saturated = full is not None and used and np.nanmean(full) > 0.5
        doubts += [flag.SATURATED] if saturated else []
        return {
            "unit_index": self._index,
            "unit_mean": np.where(there, self._mean, np.nan),
            "unit_std": std,
            "unit_active_fraction": self._active / n,
            "unit_dead": dead,
            "unit_constant": constant,
            "unit_saturated_fraction": full,
            "dead_fraction": float(dead.sum()) / used if used else NAN,
            "constant_fraction": float(constant.sum()) / used if used else NAN,
            "selectivity": selectivity,
            "best_class": best,
        }, doubts

    def _selectivity(self, std: FloatArray) -> Any:
        if len(self._classes) < 2:
            return None, None
        names = sorted(self._classes)
        table = np.stack([self._classes[k] for k in names])
        count, total = table[:, 0], table[:, 1]
        mean = total / np.where(count > 0, count, np.nan)
        winner = np.where(np.isnan(mean), -np.inf, mean).argmax(axis=0)
        at = (winner, np.arange(len(std)))
        rest = count.sum(axis=0) - count[at]
        other = (total.sum(axis=0) - total[at]) / np.where(rest > 0, rest, np.nan)
        spread = np.where(std > 0, std, np.nan)
        return np.array(names)[winner], (mean[at] - other) / spread
