"""Fixed patterns of which positions may see each other."""

from typing import Any

from keras import ops

PATTERNS = ("dense", "local", "strided", "local_strided")


def position_pattern(
    name: str, queries: Any, keys: Any, window: int | None, stride: int | None
) -> Any:
    """Returns (1, 1, T, S) booleans, or None for "dense".

    "local" keeps |i - j| < window, "strided" keeps (i - j) mod stride = 0,
    "local_strided" keeps both kinds.

    Source: Child et al. (2019), arXiv:1904.10509, section 4.2, without the direction.
    """
    if name == "dense":
        return None
    rows = ops.arange(queries, dtype="int32")
    gaps = (rows[:, None] - ops.arange(keys, dtype="int32"))[None, None]
    near = ops.absolute(gaps) < (window or 1)
    even = ops.equal(ops.mod(gaps, stride or 1), 0)
    if name == "local":
        return near
    return even if name == "strided" else ops.logical_or(near, even)
