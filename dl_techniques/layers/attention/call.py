"""The call that all attention layers share.

One class: it is what a layer inherits whole; masks and heads have files of their own.
"""

import inspect
from typing import Any, NamedTuple

import keras
from keras import ops

from dl_techniques.layers.attention.masks import (
    all_of,
    causal_pairs,
    key_mask,
    pair_mask,
)
from dl_techniques.layers.explain import Explained, as_array
from dl_techniques.layers.norms.base import at_least_float32
from dl_techniques.layers.softmax import row_entropy
from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]


class Operands(NamedTuple):
    """What one call works on.

    Attributes:
        query: (B, T, D).
        value: (B, S, Dv).
        key: (B, S, Dk).
        allowed: Booleans that broadcast to (B, H, T, S), or None for all pairs.
    """

    query: Any
    value: Any
    key: Any
    allowed: Any


class AttentionCall(Explained):
    """Takes one, two or three tensors and every mask; a layer overrides `attend`.

    Inherit before `keras.layers.Layer`. `value` defaults to `query` and `key` to
    `value`. The padding of values and keys, `attention_mask` and the causal mask hold
    together; the padding of the query only passes on.
    """

    supports_masking: bool
    compute_dtype: str

    def call(
        self,
        query: Any,
        value: Any = None,
        key: Any = None,
        mask: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        use_causal_mask: bool = False,
        return_attention_scores: bool = False,
        training: bool | None = None,
    ) -> Any:
        operands = self.operands(
            query,
            value,
            key,
            mask,
            query_mask,
            value_mask,
            key_mask,
            attention_mask,
            use_causal_mask,
        )
        output, weights = self.attend(
            operands, training=training, need_weights=return_attention_scores
        )
        return (output, weights) if return_attention_scores else output

    def operands(
        self,
        query: Any,
        value: Any = None,
        key: Any = None,
        mask: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        use_causal_mask: bool = False,
    ) -> Operands:
        """Fills in what was left out and joins the masks.

        Raises:
            TypeError: If a list is given in place of a tensor.
            ValueError: If a rank does not fit.
        """
        for name, given in (("query", query), ("value", value), ("key", key)):
            _check_tensor(name, given)
        if value is None and value_mask is None:
            value_mask = query_mask if mask is None else mask
        value = query if value is None else value
        key = value if key is None else key
        pairs = ops.shape(query)[1], ops.shape(key)[1]
        allowed = [
            None if attention_mask is None else pair_mask(attention_mask),
            *(_padding(part) for part in (value_mask, key_mask)),
            causal_pairs(*pairs) if use_causal_mask else None,
            self.pattern(*pairs),
        ]
        return Operands(query, value, key, all_of(allowed))

    def pattern(self, queries: Any, keys: Any) -> Any:
        """Gives the layer's own mask for T queries and S keys, None unless overridden.

        It broadcasts to (B, H, T, S) and has rank 4.
        """
        return

    def attend(
        self, operands: Operands, *, training: bool | None, need_weights: bool
    ) -> tuple[Any, Any]:
        """Returns output (B, T, O) and weights (B, H, T, S) before any dropout.

        A layer may return None for the weights unless `need_weights`; they must not
        change the output.
        """
        raise NotImplementedError

    def output_width(self, features: int | None) -> int | None:
        """Returns the size of the output's last axis for queries of this size."""
        return getattr(self, "output_dim", None) or features

    def map_heads(self) -> int:
        """Returns how many attention maps a call gives back."""
        return int(self.num_heads)  # type: ignore[attr-defined] # every layer has it

    def compute_mask(self, query: Any, previous_mask: Any = None) -> Any:
        return previous_mask

    def compute_output_shape(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> Shape:
        return (*query_shape[:-1], self.output_width(query_shape[-1]))

    def compute_output_spec(self, *inputs: Any, **call: Any) -> Any:
        given = inspect.signature(self.call).bind(*inputs, **call).arguments
        query = given["query"]
        shape = self.compute_output_shape(tuple(query.shape))
        output = keras.KerasTensor(shape, dtype=self.compute_dtype)
        if not given.get("return_attention_scores"):
            return output
        named = (given.get(name) for name in ("key", "value", "query"))
        stored = next(x for x in named if x is not None)
        maps = (query.shape[0], self.map_heads(), query.shape[1], stored.shape[1])
        return output, keras.KerasTensor(maps, dtype=self.compute_dtype)

    def explain(self, *inputs: Any, **call: Any) -> dict[str, Any]:
        """Calls the layer at inference and returns its attention maps as NumPy.

        Args:
            inputs: query, value, key, as in the call.
            call: Masks, as in the call.

        Returns:
            "output"; "attention" (B, H, T, S); "entropy" of every row in nats
            (B, H, T); "share_below_uniform" (H,), the share of weights below 1 / S;
            and what the layer adds.
        """
        inputs = keras.tree.map_structure(self._tensor, inputs)
        layer: Any = self
        output = layer(*inputs, training=False, **call)
        again = {**call, "training": False, "return_attention_scores": True}
        _, weights = layer(*inputs, **again)
        told = {"output": output, "attention": weights}
        told |= self.explain_weights(self.operands(*inputs, **call), weights)
        return {name: as_array(part) for name, part in told.items()}

    def explain_weights(self, operands: Operands, weights: Any) -> dict[str, Any]:
        """Returns what is worth seeing of the maps (B, H, T, S), by name."""
        return row_summary(weights)


def row_summary(weights: Any) -> dict[str, Any]:
    """Returns the entropy of each row and each head's share of weights below 1 / S."""
    p = at_least_float32(weights)
    below = ops.cast(p < 1.0 / p.shape[-1], p.dtype)
    return {
        "entropy": row_entropy(p),
        "share_below_uniform": ops.mean(below, axis=(0, 2, 3)),
    }


def check_shapes(
    query_shape: Shape, value_shape: Shape | None = None, key_shape: Shape | None = None
) -> tuple[Shape, Shape, Shape]:
    """Returns the three shapes, filled in.

    Raises:
        ValueError: If one is not (batch, time, features) with known features, or
            values and keys differ in number.
    """
    value_shape = query_shape if value_shape is None else value_shape
    key_shape = value_shape if key_shape is None else key_shape
    named = {"query": query_shape, "value": value_shape, "key": key_shape}
    for name, shape in named.items():
        sizes = all(n is None or isinstance(n, int) for n in shape)
        known = sizes and len(shape) == 3 and shape[-1] is not None
        rule = "(batch, time, features) with known features"
        check(known, f"{name}_shape", rule, shape)
    equal = value_shape[1] == key_shape[1] or None in (value_shape[1], key_shape[1])
    check(equal, "key_shape", f"as long as the values, {value_shape[1]}", key_shape)
    return query_shape, value_shape, key_shape


def _check_tensor(name: str, given: Any) -> None:
    if isinstance(given, list | tuple):
        raise TypeError(f"`{name}` must be one tensor. Received: {name}={given!r}")
    if given is not None:
        shape = tuple(given.shape)
        check(len(shape) == 3, name, "of shape (batch, time, features)", shape)


def _padding(mask: Any) -> Any:
    return None if mask is None else key_mask(mask)
