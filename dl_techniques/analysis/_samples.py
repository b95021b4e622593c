"""Draws samples from arrays, dictionaries of arrays and data sets of batches."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dl_techniques.analysis._arrays import Seed, rng
from dl_techniques.utils.validation import check

Array = np.ndarray[Any, Any]


class Samples(NamedTuple):
    """Some samples of a larger set.

    Attributes:
        x: Inputs, an array or a nest of arrays.
        y: Labels or targets; None without them.
        rows: Where the samples came from.
        total: How many there were.
    """

    x: Any
    y: Any
    rows: Array
    total: int


def is_nest(x: Any) -> bool:
    """Tells whether `x` is a dictionary, list or tuple of arrays."""
    if isinstance(x, Mapping):
        return True
    return isinstance(x, list | tuple) and all(hasattr(v, "shape") for v in x)


def mapped(function: Callable[[Any], Any], x: Any) -> Any:
    """Applies `function` to every array of a nest."""
    if isinstance(x, Mapping):
        return {k: mapped(function, v) for k, v in x.items()}
    if is_nest(x):
        return type(x)(mapped(function, v) for v in x)
    return function(x)


def length(x: Any) -> int:
    """Returns the number of samples of an array or a nest that agrees."""
    sizes: list[int] = []
    mapped(lambda v: sizes.append(len(np.asarray(v))), x)
    check(len(set(sizes)) == 1, "x", "arrays of one length", sizes)
    return sizes[0]


def taken(x: Any, rows: Any) -> Any:
    """Returns the given rows of an array or a nest."""
    return mapped(lambda v: np.asarray(v)[rows], x)


def is_stream(x: Any) -> bool:
    """Tells whether `x` gives batches: tf.data, a PyDataset, a loader, a generator."""
    if is_nest(x) or hasattr(x, "shape") or isinstance(x, str | bytes | list | tuple):
        return False
    return hasattr(x, "__iter__") or (
        hasattr(x, "__getitem__") and hasattr(x, "__len__")
    )


def draw(x: Any, y: Any, most: int, seed: Seed = 0) -> Samples:
    """Draws at most `most` samples at random, in order; classes keep their shares.

    A stream of (x, y) batches is read once from end to end.
    """
    if is_stream(x):
        check(y is None, "y", "None when `x` gives the labels too", type(y))
        return _from_stream(x, most, seed)
    x = mapped(np.asarray, x)
    n = length(x)
    check(n > 0, "x", "at least one sample", n)
    if y is not None:
        y = mapped(np.asarray, y)
        check(length(y) == n, "y", f"of {n} samples, like `x`", length(y))
    rows = _choice(n, y, most, seed)
    if len(rows) == n:
        return Samples(x, y, rows, n)
    return Samples(taken(x, rows), None if y is None else taken(y, rows), rows, n)


def _choice(n: int, y: Any, most: int, seed: Seed) -> Array:
    if n <= most:
        return np.arange(n)
    labels = class_numbers(y)
    if labels is None:
        return np.sort(rng(seed).choice(n, most, replace=False))
    return stratified_rows(labels, most, seed)


def class_numbers(y: Any) -> Array | None:
    """Returns (n,) class numbers of integer or one-hot labels; None for others."""
    if y is None or is_nest(y):
        return None
    y = np.asarray(y)
    if y.dtype.kind in "iub" and y.size == len(y):
        return y.reshape(-1).astype(np.int64)
    hot = y.ndim == 2 and y.shape[1] > 1 and bool(np.isin(y, (0, 1)).all())
    return y.argmax(axis=1) if hot and bool((y.sum(axis=1) == 1).all()) else None


def _from_stream(batches: Any, most: int, seed: Seed) -> Samples:
    """Keeps each sample with the same chance (reservoir), then restores the order."""
    endless = getattr(batches, "cardinality", None)
    last = None if endless is None else int(endless())
    check(last != -1, "x", "a data set that ends", "an endless one")
    generator = rng(seed)
    kept: list[tuple[int, Any]] = []
    seen = 0
    for batch in _batches(batches):
        x, y = _parts(batch)
        for i in range(length(x)):
            at = seen if seen < most else int(generator.integers(0, seen + 1))
            if at < most:
                one = (seen, (taken(x, i), None if y is None else taken(y, i)))
                if seen < most:
                    kept.append(one)
                else:
                    kept[at] = one
            seen += 1
    check(seen > 0, "x", "at least one sample", seen)
    kept.sort(key=lambda pair: pair[0])
    xs, ys = zip(*(pair for _, pair in kept), strict=True)
    rows = np.array([at for at, _ in kept])
    return Samples(_stacked(xs), None if ys[0] is None else _stacked(ys), rows, seen)


def _batches(batches: Any) -> Any:
    if hasattr(batches, "__getitem__") and hasattr(batches, "__len__"):
        return (batches[i] for i in range(len(batches)))
    return iter(batches)


def _parts(batch: Any) -> tuple[Any, Any]:
    pair = isinstance(batch, list | tuple)
    x, y = (batch[0], batch[1] if len(batch) > 1 else None) if pair else (batch, None)
    return mapped(_numpy, x), None if y is None else mapped(_numpy, y)


def _numpy(value: Any) -> Array:
    detached = value.detach().cpu() if hasattr(value, "detach") else value
    return np.asarray(detached)


def _stacked(items: Any) -> Any:
    first = items[0]
    if isinstance(first, Mapping):
        return {k: _stacked([i[k] for i in items]) for k in first}
    if isinstance(first, list | tuple):
        return type(first)(_stacked([i[k] for i in items]) for k in range(len(first)))
    return np.stack(items)


def stratified_rows(labels: Array, most: int, seed: Any = 0) -> Array:
    """Returns `most` rows in order, chosen at random, each class with its share."""
    order = np.random.default_rng(seed).permutation(len(labels))
    # Spread each class evenly over [0, 1): the first rows hold every class's share.
    shuffled = labels[order]
    place = np.empty(len(labels))
    for k in np.unique(shuffled):
        mine = np.flatnonzero(shuffled == k)
        place[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
    return np.sort(order[np.argsort(place, kind="stable")[:most]])
