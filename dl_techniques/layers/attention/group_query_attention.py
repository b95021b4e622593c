"""Keras's grouped-query attention on one tensor, with rotary positions."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.attention.call import (
    AttentionCall,
    Operands,
    Shape,
    check_shapes,
)
from dl_techniques.layers.attention.keras_heads import KerasHeads, check_even
from dl_techniques.layers.attention.masks import near_pairs
from dl_techniques.layers.embedding.rotation import Layout
from dl_techniques.utils.validation import check, check_int, check_number, check_seed


@keras.saving.register_keras_serializable(package="dl_techniques")
class GroupQueryAttention(AttentionCall, KerasHeads, keras.layers.GroupQueryAttention):
    """Lets groups of query heads share the keys and values of one head.

        y = sum_h softmax(q_h k_g^T / sqrt(d)) v_g W_h,  g = floor(h K / H)

    K = H is multi-head attention, K = 1 multi-query attention; what must be kept for
    generating text shrinks by K / H. Positions turn queries and keys, so that scores
    depend on distances.

    Args:
        head_dim: Width d of a head; even where heads turn.
        num_query_heads: H.
        num_key_value_heads: K, a divisor of H.
        rope: Whether queries and keys turn with their position.
        rope_theta: Base of the wavelengths, above 1.
        rope_fraction: Share of a head's features that turn, from 0 (none) to 1.
        rope_layout: Pairs that turn: "interleaved" neighbours or, as in LLaMA
            checkpoints, "half" across.
        qk_norm: Whether queries and keys are RMS-normalised before they turn.
        use_bias: Whether the projections have a bias.
        dropout: Share of the weights dropped in training, in [0, 1).
        sliding_window: Keys must be nearer than this many positions; None: all.
        flash_attention: Demands the backend's fused kernel.
        use_gate: Whether a sigmoid of the query scales what each head puts out.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints, as of the Keras layer.

    Shapes:
        query `(batch, T, D)`, value and key `(batch, S, features)` ->
        `(batch, T, D)`, and weights `(batch, H, T, S)` on demand.

    Weights:
        `query/kernel` (D, H, d), `key/kernel`, `value/kernel` (D, K, d),
        `attention_output/kernel` (H, d, D); `query_norm/scale`, `key_norm/scale` (d,).

    Raises:
        ValueError: If an argument is outside its range.

    Source: Ainslie et al. (2023), arXiv:2305.13245; Su et al. (2021),
    arXiv:2104.09864, on `keras.layers.GroupQueryAttention`. No bias by default, unlike
    there; rows that permit no key give 0, and scores are computed in float32.
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        rope: bool = True,
        rope_theta: float = 10000.0,
        rope_fraction: float = 1.0,
        rope_layout: Layout = "interleaved",
        qk_norm: bool = False,
        use_bias: bool = False,
        dropout: float = 0.0,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        use_gate: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_int("head_dim", head_dim)
        check_int("num_query_heads", num_query_heads)
        check_int("num_key_value_heads", num_key_value_heads)
        rule = f"a divisor of the {num_query_heads} query heads"
        divides = num_query_heads % num_key_value_heads == 0
        check(divides, "num_key_value_heads", rule, num_key_value_heads)
        check_int("sliding_window", sliding_window, optional=True)
        check_number("dropout", dropout, 0, high=1, high_open=True)
        check_seed(seed)
        super().__init__(
            head_dim,
            num_query_heads,
            num_key_value_heads,
            use_bias=use_bias,
            dropout=dropout,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            use_gate=use_gate,
            seed=seed,
            **kwargs,
        )
        self.set_query_key(rope, rope_theta, rope_layout, qk_norm, rope_fraction)
        check_even(head_dim, rope and rope_fraction > 0, "head_dim")
        self.flash_attention = flash_attention

    def build(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> None:
        shapes = check_shapes(query_shape, value_shape, key_shape)
        super().build(*shapes)
        self.build_query_key(self.head_dim)
        parts = (self._query_dense, self._key_dense, self._value_dense)
        self.hush(*parts, self._output_dense)
        if self.use_gate:
            self.hush(self._gate_dense)

    def pattern(self, queries: Any, keys: Any) -> Any:
        window = self.sliding_window
        return None if window is None else near_pairs(queries, keys, window)

    def map_heads(self) -> int:
        return int(self.num_query_heads)

    def attend(
        self, operands: Operands, *, training: bool | None, need_weights: bool
    ) -> tuple[Any, Any]:
        query, key = self.place(
            self._query_dense(operands.query), self._key_dense(operands.key)
        )
        value = self._value_dense(operands.value)
        if self.num_repeats > 1:
            key = ops.repeat(key, self.num_repeats, axis=2)
            value = ops.repeat(value, self.num_repeats, axis=2)
        mixed, weights = self.mix(
            (query, key, value),
            operands.allowed,
            training=training,
            need_weights=need_weights,
        )
        if self.use_gate:
            mixed = mixed * self._gate_dense(operands.query)
        return self._output_dense(mixed), weights

    def explain_weights(self, operands: Operands, weights: Any) -> dict[str, Any]:
        """Adds how many numbers a token leaves to be kept, with K heads and with H."""
        kept = 2 * self.head_dim * self.num_key_value_heads
        sizes = ops.convert_to_tensor([kept, kept * self.num_repeats], "int32")
        return {**super().explain_weights(operands, weights), "cache_size": sizes}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rope": self.turns,
            "rope_theta": self.rope_theta,
            "rope_fraction": self.rope_fraction,
            "rope_layout": self.rope_layout,
            "qk_norm": self.qk_norm,
            "flash_attention": self.flash_attention,
        }


GroupedQueryAttention = GroupQueryAttention
