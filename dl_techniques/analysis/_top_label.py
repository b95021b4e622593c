"""Finds each row's largest score and whether it is the label's, a block at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis._arrays import IntArray

_BLOCK_VALUES = 160_000  # a block, its copy and its comparison stay in the L2 cache
_WIDE = 64  # from here on reducing over the last axis is as fast as over the first


def top_label(
    scores: NDArray[Any], labels: IntArray
) -> tuple[NDArray[Any], NDArray[np.bool_], float]:
    """Returns (n,) maxima, (n,) whether the first maximum is the label, the minimum.

    Blocks are turned over so that maxima run along contiguous memory; an argmax is
    taken only in blocks with ties.
    """
    n, width = scores.shape
    top = np.empty(n, scores.dtype)
    hit = np.empty(n, np.bool_)
    lowest = np.inf
    size = max(1, _BLOCK_VALUES // width)
    rows = np.arange(min(size, n))
    for start in range(0, n, size):
        block, y = scores[start : start + size], labels[start : start + size]
        turned = np.ascontiguousarray(block.T) if width < _WIDE else block.T
        best = turned.max(axis=0)
        lowest = min(lowest, float(turned.min()))
        top[start : start + size] = best
        found = turned[y, rows[: len(y)]] == best
        if np.count_nonzero(turned == best) > len(y):  # ties: the first maximum counts
            found = block.argmax(axis=1) == y
        hit[start : start + size] = found
    return top, hit, lowest
