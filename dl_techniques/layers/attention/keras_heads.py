"""What the subclasses of Keras's attention layers share."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.attention.masks import (
    masked_softmax,
    pair_scores,
    weighted_values,
)
from dl_techniques.layers.embedding.rotation import (
    LAYOUTS,
    Layout,
    rotate_heads,
    rotated_width,
)
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.layers.norms import RMSNorm
from dl_techniques.utils.validation import check, check_choice, check_number


class KerasHeads:
    """Adds RMS norms, rotary positions and an exact softmax to a Keras layer.

    Inherit before the Keras layer, call `set_query_key` after its constructor and
    `build_query_key` after its `build`.
    """

    dtype_policy: Any
    compute_dtype: str
    dropout: float
    softmax_alone = True  # whether `normalise` is the softmax that backends fuse

    def set_query_key(
        self,
        rope: bool,
        rope_theta: float,
        rope_layout: Layout,
        qk_norm: bool,
        rope_fraction: float = 1.0,
    ) -> None:
        """Keeps the arguments; each is checked."""
        check_rope(rope_theta, rope_layout, rope_fraction)
        self.turns = rope
        self.rope_theta = rope_theta
        self.rope_layout: Layout = rope_layout
        self.rope_fraction = rope_fraction
        self.qk_norm = qk_norm

    def build_query_key(self, width: int) -> None:
        """Makes the norms for heads of this width.

        Raises:
            ValueError: If the width is odd and heads turn.
        """
        check_even(width, self.turns and rotated_width(width, self.rope_fraction) > 0)
        if self.qk_norm:
            options = {"epsilon": 1e-6, "dtype": self.dtype_policy}
            self.query_norm = RMSNorm(name="query_norm", **options)
            self.key_norm = RMSNorm(name="key_norm", **options)
            for norm in (self.query_norm, self.key_norm):
                norm.build((None, None, None, width))

    def place(self, query: Any, key: Any) -> tuple[Any, Any]:
        """Returns normalised and turned queries and keys (batch, time, heads, d)."""
        if self.qk_norm:
            query, key = self.query_norm(query), self.key_norm(key)
        if self.turns:
            how = (self.rope_theta, self.rope_layout, self.rope_fraction)
            query, key = rotate_heads(query, *how), rotate_heads(key, *how)
        return query, key

    def normalise(self, scores: Any, allowed: Any, training: bool | None = None) -> Any:
        """Turns float32 scores (B, H, T, S) into weights: the softmax."""
        return masked_softmax(scores, allowed)

    def mix(
        self,
        heads: tuple[Any, Any, Any],
        allowed: Any,
        *,
        training: bool | None,
        need_weights: bool,
    ) -> tuple[Any, Any]:
        """Returns the mixed values of the heads, and weights or None.

        Args:
            heads: Queries, keys and values, (batch, time, H, width) each.
            allowed: Which pairs may meet, or None.
            training: Whether weights are dropped.
            need_weights: Whether they must come back.
        """
        query, key, value = heads
        scale = query.shape[-1] ** -0.5
        whole = not need_weights and not (training and self.dropout)
        flash = bool(self._flash_attention)  # type: ignore[attr-defined] # Keras's
        if whole and self.softmax_alone and (flash or backend_has_kernel()):
            return fused(heads, allowed, scale, flash), None
        weights = self.normalise(pair_scores(query, key, scale), allowed, training)
        weights = ops.cast(weights, self.compute_dtype)
        dropped = self._dropout_layer(weights, training=training)  # type: ignore[attr-defined] # Keras's
        return weighted_values(dropped, value), weights

    def hush(self, *parts: Any) -> None:
        """Keeps sub-layers from warning of masks, which are handled here."""
        for part in parts:
            part.supports_masking = True

    def _get_common_kwargs_for_sublayer(self) -> dict[str, Any]:
        """Gives each projection a seed of its own, where Keras repeats one."""
        self._made: int = getattr(self, "_made", -1) + 1
        given = super()._get_common_kwargs_for_sublayer()  # type: ignore[misc] # Keras
        for name in ("kernel_initializer", "bias_initializer"):
            given[name] = fresh_initializer(given[name], self._made)
        return given


def check_rope(theta: float, layout: str, fraction: float = 1.0) -> None:
    """Raises `ValueError` unless the arguments of the rotation are legal."""
    check_number("rope_theta", theta, 1, low_open=True)
    check_choice("rope_layout", layout, LAYOUTS)
    check_number("rope_fraction", fraction, 0, high=1)


def check_even(width: int, turns: bool, name: str = "head width") -> None:
    """Raises `ValueError` if heads of an odd width should turn in pairs."""
    check(not turns or width % 2 == 0, name, "even with rotary positions", width)


def backend_has_kernel() -> bool:
    """Tells whether the backend fuses attention unasked; TensorFlow and JAX do not."""
    return bool(keras.backend.backend() == "torch")


def fused(
    heads: tuple[Any, Any, Any], allowed: Any, scale: float, flash: bool = False
) -> Any:
    """Returns what the backend's fused attention gives, 0 in rows that permit nothing.

    Backends differ in such rows (a mean of the values, or NaN gradients), so they see
    every key there and are cleared.
    """
    query, key, value = heads
    options = {"scale": scale, "flash_attention": flash}
    if allowed is None:
        return ops.dot_product_attention(query, key, value, **options)
    some = ops.any(allowed, axis=-1, keepdims=True)
    every = ops.ones((1, 1, ops.shape(query)[1], ops.shape(key)[1]), "bool")
    mask = ops.logical_and(ops.logical_or(allowed, ops.logical_not(some)), every)
    mixed = ops.dot_product_attention(query, key, value, mask=mask, **options)
    return ops.where(ops.transpose(some, (0, 2, 1, 3)), mixed, 0)
