"""Runs a model over samples batch by batch and keeps its layers' outputs."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import Seed, rng
from dl_techniques.analysis._recording import Recorded, bound_of, record
from dl_techniques.analysis._samples import length, taken

Array = np.ndarray[Any, Any]


def batches(
    model: Any,
    layers: Mapping[str, Any],
    x: Any,
    batch_size: int,
    end: float = np.inf,
) -> Iterator[tuple[slice, Recorded]]:
    """Yields the rows and the pass of each batch; builds the model where needed.

    After the time `end` (of `time.perf_counter`) no further batch is begun; the first
    always is.
    """
    n = length(x)
    if not model.built:
        model(taken(x, slice(0, 1)), training=False)
    for start in range(0, n, batch_size):
        if start and time.perf_counter() > end:
            return
        rows = slice(start, min(start + batch_size, n))
        yield rows, record(model, layers, taken(x, rows))


def over_positions(array: Array, mask: Array | None) -> Array:
    """Averages (n, positions..., units) over the positions that count."""
    if array.ndim < 3:
        return array
    flat = array.reshape(len(array), -1, array.shape[-1])
    wide = flat.astype(np.float32) if array.dtype == np.float16 else flat
    if mask is None:
        return np.asarray(wide.mean(axis=1))
    weight = mask.reshape(len(array), -1, 1)
    total = np.where(weight, wide, 0).sum(axis=1)
    return np.asarray(total / np.maximum(weight.sum(axis=1), 1))


class Keeper:
    """Collects outputs within a number of bytes.

    Layers with positions give up positions (never units) when the whole is too large;
    when that is not enough, samples are left out evenly.
    """

    def __init__(self, n: int, most: int, reduce: Any, seed: Seed) -> None:
        self._n, self._most, self._reduce, self._rng = n, most, reduce, rng(seed)
        self._positions: dict[str, Array] = {}
        self._arrays: dict[str, list[Array]] = {}
        self._masks: dict[str, list[Array]] = {}
        self.kept: Array | None = None
        self.bounds: dict[str, float] = {}
        self.skipped: dict[str, str] = {}
        self.flags: tuple[str, ...] = ()

    def add(self, rows: slice, part: Recorded) -> None:
        """Adds one batch."""
        found = {k: self._reduced(v, part.masks.get(k)) for k, v in part.arrays.items()}
        if self.kept is None:
            self._plan(found)
        assert self.kept is not None  # noqa: S101  # `_plan` set it
        mine = self.kept[rows]
        for name, array in found.items():
            mask = part.masks.get(name) if self._reduce is None else None
            if name in self._positions:
                at = self._positions[name]
                array = array.reshape(len(array), -1, array.shape[-1])[:, at]
                mask = None if mask is None else mask.reshape(len(array), -1)[:, at]
            self._arrays.setdefault(name, []).append(array[mine])
            if mask is not None:
                self._masks.setdefault(name, []).append(mask[mine])
        for name, layer in part.layers.items():
            bound = bound_of(layer)
            if bound is not None:
                self.bounds[name] = bound
        self.skipped |= part.skipped

    def _reduced(self, array: Array, mask: Array | None) -> Array:
        if self._reduce is None:
            return array
        if self._reduce == "mean":
            return over_positions(array, mask)
        return np.asarray(self._reduce(array))

    def _plan(self, found: dict[str, Array]) -> None:
        size = {k: v[:1].nbytes for k, v in found.items()}
        wide = {k: v for k, v in found.items() if v.ndim > 2}
        fixed = sum(size.values()) - sum(size[k] for k in wide)
        self.kept = np.ones(self._n, bool)
        if self._n * sum(size.values()) <= self._most:
            return
        self.flags = (flag.SUBSAMPLED,)
        room = max(self._most / self._n - fixed, 0.0)
        share = room / max(sum(size[k] for k in wide), 1)
        left = fixed
        for name, array in wide.items():
            count = int(np.prod(array.shape[1:-1]))
            few = max(1, int(count * share))
            chosen = self._rng.choice(count, few, replace=False)
            self._positions[name] = np.sort(chosen)
            left += size[name] * few // count
        if left * self._n > self._most:
            few = max(1, int(self._most // left))
            self.kept[:] = False
            self.kept[np.linspace(0, self._n - 1, few).round().astype(int)] = True

    def arrays(self) -> dict[str, Array]:
        """Returns what was kept, by layer."""
        return {k: np.concatenate(v) for k, v in self._arrays.items()}

    def masks(self) -> dict[str, Array]:
        """Returns the masks of the layers that have one."""
        whole = {k: v for k, v in self._masks.items() if len(v) == len(self._arrays[k])}
        return {k: np.concatenate(v) for k, v in whole.items()}
