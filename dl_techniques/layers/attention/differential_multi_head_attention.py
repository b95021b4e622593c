"""Attention by the difference of two softmax maps.

One class: two maps and lambda have to be made, subtracted and shown.
"""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.attention.base import AttentionBase
from dl_techniques.layers.attention.call import Operands, Shape, row_summary
from dl_techniques.layers.attention.keras_heads import check_even, check_rope
from dl_techniques.layers.attention.masks import (
    masked_softmax,
    pair_scores,
    weighted_values,
)
from dl_techniques.layers.embedding.rotation import rotate_heads
from dl_techniques.layers.explain import as_array
from dl_techniques.layers.norms import RMSNorm
from dl_techniques.utils.validation import check, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class DifferentialMultiHeadAttention(AttentionBase):
    """Subtracts a second attention map from the first, so that common noise cancels.

        A = softmax(q k^T / sqrt(d)), M_h = A_{2h} - lambda A_{2h+1}
        lambda = exp(lambda_q1 . lambda_k1) - exp(lambda_q2 . lambda_k2) + lambda_init
        y = sum_h (1 - lambda_init) RMSNorm(M_h v_h) W_h

    Rows of M sum to 1 - lambda; its entries may be negative.

    Args:
        num_heads: Number of heads H, of two maps each.
        head_dim: Width d of one map's queries and keys; None is D / (2 H). Values are
            2 d wide. Even with rotary positions.
        num_kv_heads: Number K of heads with keys and values of their own, a divisor
            of H; None is H. Each of the 2 K key slots and K value heads serves H / K
            slots in a row, so that for even H / K both maps of a head share a key.
        layer_index: Depth from 0; sets `lambda_init`.
        lambda_init: In [0, 1); None is `0.8 - 0.6 exp(-0.3 layer_index)`.
        use_rope: Whether queries and keys turn with their position.
        rope_theta: Base of the wavelengths, above 1.
        head_norm: Whether each head's output is normalised and scaled; without it the
            factor `1 - lambda_init` is left out, too.
        epsilon: Stabiliser of that norm, above 0.
        dropout: Share of M dropped in training, in [0, 1).
        use_bias: Whether the projections have a bias.
        output_dim: Width of the output; None keeps that of the query.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints of kernels and biases.

    Shapes:
        query `(batch, T, D)`, value and key `(batch, S, features)` ->
        `(batch, T, output_dim or D)`, and M `(batch, H, T, S)` on demand.

    Weights:
        `query/kernel` (D, 2 H, d), `key/kernel` (D, 2 K, d), `value/kernel`
        (D, K, 2 d), `attention_output/kernel` (H, 2 d, D); `lambda_q1`, `lambda_k1`,
        `lambda_q2`, `lambda_k2` (d,), normal with deviation 0.1 and never penalised;
        `head_norm/scale` (2 d,).

    Raises:
        ValueError: If an argument is outside its range; at build, if 2 H does not
            divide D where it must.

    Source: Ye et al. (2024), arXiv:2410.05258, section 2, with the paper's l - 1 as
    `layer_index`. The paper is causal and has no dropout.
    """

    def __init__(
        self,
        num_heads: int,
        head_dim: int | None = None,
        num_kv_heads: int | None = None,
        layer_index: int = 0,
        lambda_init: float | None = None,
        use_rope: bool = False,
        rope_theta: float = 10000.0,
        head_norm: bool = True,
        epsilon: float = 1e-5,
        dropout: float = 0.0,
        use_bias: bool = False,
        output_dim: int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_heads, dropout, use_bias, output_dim, seed, **kwargs)
        check_int("head_dim", head_dim, optional=True)
        check_difference(num_heads, num_kv_heads, layer_index, lambda_init)
        check_rope(rope_theta, "interleaved")
        check_number("epsilon", epsilon, 0, low_open=True)
        check_even(head_dim or 2, use_rope, "head_dim")
        self.head_dim = head_dim
        self.num_kv_heads = num_kv_heads
        self.layer_index = layer_index
        self.lambda_init = lambda_init
        self.use_rope = use_rope
        self.rope_theta = rope_theta
        self.head_norm = head_norm
        self.epsilon = epsilon

    @property
    def lambda_start(self) -> float:
        """The constant part of lambda."""
        if self.lambda_init is not None:
            return float(self.lambda_init)
        return 0.8 - 0.6 * math.exp(-0.3 * self.layer_index)

    def build(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> None:
        kept = self.num_kv_heads or self.num_heads
        width = self.head_dim or self._share(query_shape)
        self.build_projections(
            query_shape,
            value_shape,
            key_shape,
            query=(2 * self.num_heads, width),
            key=(2 * kept, width),
            value=(kept, 2 * width),
            output=(self.num_heads, 2 * width),
        )
        for name in ("lambda_q1", "lambda_k1", "lambda_q2", "lambda_k2"):
            start = keras.initializers.RandomNormal(0.0, 0.1)
            weight = self.add_weight(
                name=name, shape=(width,), initializer=start, autocast=False
            )
            setattr(self, name, weight)
        if self.head_norm:
            self.norm = RMSNorm(
                epsilon=self.epsilon, name="head_norm", dtype=self.dtype_policy
            )
            self.norm.build((None, None, self.num_heads, 2 * width))

    def _share(self, query_shape: Shape) -> int:
        features = query_shape[-1] if query_shape else None
        whole = isinstance(features, int) and features % (2 * self.num_heads) == 0
        rule = f"a divisor of half the {features} features, or `head_dim` given"
        check(whole, "num_heads", rule, self.num_heads)
        width = int(features or 0) // (2 * self.num_heads)
        check_even(width, self.use_rope, "head_dim")
        return width

    def current_lambda(self) -> Any:
        """Returns lambda as a float32 tensor."""
        first = ops.exp(ops.sum(self.lambda_q1 * self.lambda_k1))
        second = ops.exp(ops.sum(self.lambda_q2 * self.lambda_k2))
        return first - second + self.lambda_start

    def lambda_value(self) -> float:
        """Returns lambda as it is now."""
        return float(as_array(self.current_lambda()))

    def both_maps(self, operands: Operands) -> tuple[Any, Any]:
        """Returns A1 and A2 in float32, (B, H, T, S) each."""
        query, key = self.query_dense(operands.query), self.key_dense(operands.key)
        if self.use_rope:
            query = rotate_heads(query, self.rope_theta, "interleaved")
            key = rotate_heads(key, self.rope_theta, "interleaved")
        key, scale = self._spread(key), query.shape[-1] ** -0.5
        # slots part here, where they are small, not in the maps
        first, second = (
            masked_softmax(
                pair_scores(query[:, :, slot::2], key[:, :, slot::2], scale),
                operands.allowed,
            )
            for slot in (0, 1)
        )
        return first, second

    def _spread(self, heads: Any) -> Any:
        times = self.num_heads // (self.num_kv_heads or self.num_heads)
        return heads if times == 1 else ops.repeat(heads, times, axis=2)

    def attend(
        self, operands: Operands, *, training: bool | None, need_weights: bool
    ) -> tuple[Any, Any]:
        first, second = self.both_maps(operands)
        weights = ops.cast(first - self.current_lambda() * second, self.compute_dtype)
        value = self._spread(self.value_dense(operands.value))
        mixed = weighted_values(self.drop(weights, training), value)
        if self.head_norm:
            mixed = self.norm(mixed) * (1.0 - self.lambda_start)
        return self.output_dense(mixed), weights

    def attention_maps(self, *inputs: Any, **call: Any) -> tuple[Any, Any, Any]:
        """Returns A1, A2 and M as NumPy, (B, H, T, S) each; arguments of the call."""
        given = keras.tree.map_structure(self._tensor, inputs)
        first, second = map(as_array, self.both_maps(self.operands(*given, **call)))
        return first, second, first - self.lambda_value() * second

    def explain_weights(self, operands: Operands, weights: Any) -> dict[str, Any]:
        """Adds both maps and lambda; the entropies are those of the first map."""
        first, second = self.both_maps(operands)
        maps = {"first_map": first, "second_map": second}
        return {**row_summary(first), **maps, "lambda": self.current_lambda()}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_kv_heads": self.num_kv_heads,
            "layer_index": self.layer_index,
            "lambda_init": self.lambda_init,
            "use_rope": self.use_rope,
            "rope_theta": self.rope_theta,
            "head_norm": self.head_norm,
            "epsilon": self.epsilon,
        }


def check_difference(
    num_heads: int,
    num_kv_heads: int | None,
    layer_index: int,
    lambda_init: float | None,
) -> None:
    """Raises `ValueError` unless heads fit each other and lambda is legal."""
    check_int("num_heads", num_heads)
    check_int("num_kv_heads", num_kv_heads, optional=True)
    divides = num_heads % (num_kv_heads or 1) == 0
    rule = f"a divisor of the {num_heads} heads"
    check(divides, "num_kv_heads", rule, num_kv_heads)
    check_int("layer_index", layer_index, low=0)
    check_number("lambda_init", lambda_init, 0, high=1, high_open=True, optional=True)
