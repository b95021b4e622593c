"""Which query may see which key, and weights that are exactly 0 elsewhere."""

from typing import Any

from keras import ops

from dl_techniques.layers.norms.base import at_least_float32
from dl_techniques.layers.softmax import LOWEST, masked_softmax
from dl_techniques.utils.validation import check

__all__ = [
    "LOWEST",
    "all_of",
    "causal_pairs",
    "key_mask",
    "masked_softmax",
    "near_pairs",
    "pair_mask",
    "pair_scores",
    "weighted_values",
]


def causal_pairs(queries: Any, keys: Any) -> Any:
    """Returns (1, 1, T, S): True where the key is not later than the query."""
    rows = ops.arange(queries, dtype="int32")
    return (rows[:, None] >= ops.arange(keys, dtype="int32"))[None, None]


def near_pairs(queries: Any, keys: Any, window: int) -> Any:
    """Returns (1, 1, T, S): True where query and key are less than `window` apart."""
    rows = ops.arange(queries, dtype="int32")
    gaps = rows[:, None] - ops.arange(keys, dtype="int32")
    return (ops.absolute(gaps) < window)[None, None]


def pair_mask(mask: Any) -> Any:
    """Returns an `attention_mask` as booleans of rank 4, (B, H, T, S) or 1 for any.

    Raises:
        ValueError: Unless its shape is (T, S), (B, T, S) or (B, H, T, S).
    """
    mask = ops.convert_to_tensor(mask)
    shape = tuple(mask.shape)
    rule = "of shape (T, S), (batch, T, S) or (batch, heads, T, S)"
    check(2 <= len(shape) <= 4, "attention_mask", rule, shape)
    mask = ops.cast(mask, "bool")
    if len(shape) == 2:
        return mask[None, None]
    return mask[:, None] if len(shape) == 3 else mask


def key_mask(padding: Any) -> Any:
    """Returns a padding mask (B, S) as booleans (B, 1, 1, S)."""
    return ops.cast(padding, "bool")[:, None, None, :]


def all_of(masks: list[Any]) -> Any:
    """Returns the conjunction of masks, or None when there is none."""
    together = None
    for mask in masks:
        if mask is not None:
            together = mask if together is None else ops.logical_and(together, mask)
    return together


def pair_scores(query: Any, key: Any, scale: float) -> Any:
    """Returns `scale * q . k` of (B, T, H, d), (B, S, H, d) in float32: (B, H, T, S).

    Half precision would overflow.
    """
    query = at_least_float32(query) * scale
    return ops.einsum("bthd,bshd->bhts", query, at_least_float32(key))


def weighted_values(weights: Any, value: Any) -> Any:
    """Returns the sums of (B, S, H, d) weighted by (B, H, T, S): (B, T, H, d)."""
    return ops.einsum("bhts,bshd->bthd", weights, value)
