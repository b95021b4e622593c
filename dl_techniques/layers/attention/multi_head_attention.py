"""Keras's multi-head attention on one tensor, with rotary positions."""

from typing import Any

import keras

from dl_techniques.layers.attention.call import (
    AttentionCall,
    Operands,
    Shape,
    check_shapes,
)
from dl_techniques.layers.attention.keras_heads import KerasHeads
from dl_techniques.layers.attention.masks import near_pairs
from dl_techniques.layers.embedding.rotation import Layout
from dl_techniques.utils.validation import check, check_int, check_number, check_seed


@keras.saving.register_keras_serializable(package="dl_techniques")
class MultiHeadAttention(AttentionCall, KerasHeads, keras.layers.MultiHeadAttention):
    """Lets every position mix the values of all positions, by likeness, in heads.

        y = sum_h softmax(q_h k_h^T / sqrt(key_dim)) v_h W_h + b

    One tensor is enough: `value` defaults to `query` and `key` to `value`.

    Args:
        num_heads: Number of heads H.
        key_dim: Width of a head's queries and keys; None is D / H.
        value_dim: Width of a head's values; None is `key_dim`.
        use_rope: Whether queries and keys turn with their position.
        rope_theta: Base of the wavelengths, above 1.
        rope_layout: Pairs that turn: "interleaved" neighbours or "half" across.
        qk_norm: Whether queries and keys are RMS-normalised before they turn.
        dropout: Share of the weights dropped in training, in [0, 1).
        use_bias: Whether the projections have a bias.
        output_shape: Width of the output; None keeps that of the query.
        attention_axes: None or 1, the only axis there is.
        sliding_window: Keys must be nearer than this many positions; None: all.
        flash_attention: Demands the backend's fused kernel.
        use_gate: Whether a sigmoid of the query scales what each head puts out.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints, as of the Keras layer.

    Shapes:
        query `(batch, T, D)`, value and key `(batch, S, features)` ->
        `(batch, T, D or output_shape)`, and weights `(batch, H, T, S)` on demand.

    Weights:
        Those of the Keras layer; `query_norm/scale`, `key_norm/scale` (key_dim,).

    Raises:
        ValueError: If an argument is outside its range; at build, if H does not divide
            D where it must, or heads of odd width should turn.

    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.2, on
    `keras.layers.MultiHeadAttention`. Rows that permit no key give 0, and scores are
    computed in float32.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int | None = None,
        value_dim: int | None = None,
        use_rope: bool = False,
        rope_theta: float = 10000.0,
        rope_layout: Layout = "interleaved",
        qk_norm: bool = False,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | None = None,
        attention_axes: int | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_int("num_heads", num_heads)
        check_int("key_dim", key_dim, optional=True)
        check_int("value_dim", value_dim, optional=True)
        check_int("sliding_window", sliding_window, optional=True)
        check_number("dropout", dropout, 0, high=1, high_open=True)
        check_seed(seed)
        only = attention_axes in (None, 1, [1], (1,))
        check(only, "attention_axes", "None or 1", attention_axes)
        super().__init__(
            num_heads,
            key_dim or 1,
            value_dim,
            dropout=dropout,
            use_bias=use_bias,
            output_shape=output_shape,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            use_gate=use_gate,
            seed=seed,
            **kwargs,
        )
        self.set_query_key(use_rope, rope_theta, rope_layout, qk_norm)
        self.given = {
            "key_dim": key_dim,
            "value_dim": value_dim,
            "attention_axes": attention_axes,
            "flash_attention": flash_attention,
        }

    @property
    def key_dim(self) -> int | None:
        return self._key_dim if self.built else self.given["key_dim"]

    @property
    def value_dim(self) -> int | None:
        return self._value_dim if self.built else self.given["value_dim"]

    def build(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> None:
        shapes = check_shapes(query_shape, value_shape, key_shape)
        self._key_dim = self.given["key_dim"] or self._share(query_shape[-1] or 0)
        self._value_dim = self.given["value_dim"] or self._key_dim
        super().build(*shapes)
        self.build_query_key(self._key_dim)
        parts = (self.query_dense, self.key_dense, self.value_dense, self.output_dense)
        self.hush(*parts, *([self._gate_dense] if self._use_gate else []))

    def _share(self, features: int) -> int:
        rule = f"a divisor of the {features} features, or `key_dim` given"
        check(features % self.num_heads == 0, "num_heads", rule, self.num_heads)
        return features // self.num_heads

    def pattern(self, queries: Any, keys: Any) -> Any:
        window = self._sliding_window
        return None if window is None else near_pairs(queries, keys, window)

    def attend(
        self, operands: Operands, *, training: bool | None, need_weights: bool
    ) -> tuple[Any, Any]:
        query, key = self.placed(operands)
        mixed, weights = self.mix(
            (query, key, self.value_dense(operands.value)),
            operands.allowed,
            training=training,
            need_weights=need_weights,
        )
        if self._use_gate:
            mixed = mixed * self._gate_dense(operands.query)
        return self.output_dense(mixed), weights

    def placed(self, operands: Operands) -> tuple[Any, Any]:
        """Returns queries and keys as they meet, (batch, time, H, key_dim)."""
        query, key = self.query_dense(operands.query), self.key_dense(operands.key)
        return self.place(query, key)

    def compute_output_shape(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> Shape:
        return (*query_shape[:-1], *(self._output_shape or query_shape[-1:]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            **self.given,
            "use_rope": self.turns,
            "rope_theta": self.rope_theta,
            "rope_layout": self.rope_layout,
            "qk_norm": self.qk_norm,
        }
