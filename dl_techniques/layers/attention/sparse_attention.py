"""Attention whose weights contain exact zeros.

Longer than most files: seven normalisers and four patterns share one constructor.
"""

import math
from typing import Any, Literal, get_args

import keras
from keras import ops

from dl_techniques.constraints import ValueRangeConstraint
from dl_techniques.layers.attention.base import AttentionBase
from dl_techniques.layers.attention.call import Operands, Shape
from dl_techniques.layers.attention.masks import all_of, causal_pairs, masked_softmax
from dl_techniques.layers.attention.patterns import PATTERNS, position_pattern
from dl_techniques.layers.attention.pruned_softmax import (
    iterative_softmax,
    soft_threshold_softmax,
    threshold_softmax,
    top_k_softmax,
)
from dl_techniques.layers.attention.sparse_maps import entmax, entmax15, sparsemax
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Normalizer = Literal[
    "softmax", "sparsemax", "entmax15", "entmax", "top_k", "threshold", "iterative"
]
Pattern = Literal["dense", "local", "strided", "local_strided"]
NORMALIZERS: tuple[str, ...] = get_args(Normalizer)


@keras.saving.register_keras_serializable(package="dl_techniques")
class SparseAttention(AttentionBase):
    """Multi-head attention with zeros by its normaliser, by a pattern, or by both.

        z = q k^T / sqrt(key_dim)
        sparsemax  p = max(z - tau, 0)                                  sum p = 1
        entmax     p = max((alpha - 1) z - tau, 0) ** (1 / (alpha - 1))
        top_k      softmax over the top_k largest z
        threshold  the softmax without p < threshold, rescaled; "auto" is 1 / n
        iterative  rounds i of dropping p < 1 / (n iterative_alpha ** i), rescaled

    n counts the permitted keys of a row, whose largest weight always stays.
    "entmax15" is entmax with alpha 1.5, found exactly. A learned threshold t gives
    max(p - t max p, 0), rescaled, which has a gradient in t. Patterns are masks: they
    save neither time nor memory.

    Args:
        num_heads: Number of heads H.
        key_dim: Width of a head's queries and keys.
        value_dim: Width of a head's values; None is `key_dim`.
        normalizer: The map from scores to weights.
        alpha: Of "entmax", above 1 to 2.
        learn_alpha: Whether each head learns its alpha; needs "entmax".
        threshold: "auto" or a number in (0, 1).
        learnable_threshold: Whether it is learned; needs "threshold" and a number.
        per_head_thresholds: Whether each head learns its own.
        iterative_alpha: Growth of the limit by round, in (0, 1).
        max_iterations: Rounds of "iterative".
        top_k: Weights that "top_k" keeps.
        pattern: "local" permits |i - j| < window, "strided" (i - j) mod stride = 0,
            "local_strided" both kinds, "dense" all.
        window: Reach of "local", 1 or more.
        stride: Of "strided", 2 or more.
        causal: Whether no call looks ahead.
        dropout: Share of the weights dropped in training, in [0, 1).
        use_bias: Whether the projections have offsets.
        output_dim: Width of the output; None keeps that of the query.
        kwargs: `seed`, initializers, regularizers, constraints: see `AttentionBase`.

    Shapes:
        query `(batch, T, D)`, value and key `(batch, S, features)` ->
        `(batch, T, output_dim)`, and weights `(batch, H, T, S)` on demand.

    Weights:
        `query/kernel`, `key/kernel`, `value/kernel`, `attention_output/kernel`, biases;
        `alpha_logit` (H,), alpha = 1.05 + 0.95 sigmoid; `threshold` (1,) or (H,).

    Raises:
        ValueError: If an argument is outside its range or lacks what it needs.

    Source: sparsemax: Martins, Astudillo (2016), arXiv:1602.02068. entmax: Peters,
    Niculae, Martins (2019), arXiv:1905.05702. Learned alpha: Correia, Niculae, Martins
    (2019), arXiv:1909.00015. Patterns: Child et al. (2019), arXiv:1904.10509.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        normalizer: Normalizer = "entmax15",
        alpha: float = 1.5,
        learn_alpha: bool = False,
        threshold: float | Literal["auto"] = "auto",
        learnable_threshold: bool = False,
        per_head_thresholds: bool = False,
        iterative_alpha: float = 0.6,
        max_iterations: int = 3,
        top_k: int = 8,
        pattern: Pattern = "dense",
        window: int | None = None,
        stride: int | None = None,
        causal: bool = False,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_heads, dropout, use_bias, output_dim, **kwargs)
        check_int("key_dim", key_dim)
        check_int("value_dim", value_dim, optional=True)
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.normalizer = normalizer
        self.alpha = alpha
        self.learn_alpha = learn_alpha
        self.threshold = threshold
        self.learnable_threshold = learnable_threshold
        self.per_head_thresholds = per_head_thresholds
        self.iterative_alpha = iterative_alpha
        self.max_iterations = max_iterations
        self.top_k = top_k
        self.pattern_name = pattern
        self.window = window
        self.stride = stride
        self.causal = causal
        self._check_normalizer()
        self._check_pattern()

    def _check_normalizer(self) -> None:
        kind, number = self.normalizer, self.threshold != "auto"
        check_choice("normalizer", kind, NORMALIZERS)
        check_number("alpha", self.alpha, 1, low_open=True, high=2)
        if number:
            rule = "'auto' or a number between 0 and 1"
            legal = isinstance(self.threshold, float) and 0 < self.threshold < 1
            check(legal, "threshold", rule, self.threshold)
        open_ends = {"high": 1, "low_open": True, "high_open": True}
        check_number("iterative_alpha", self.iterative_alpha, 0, **open_ends)
        check_int("max_iterations", self.max_iterations)
        check_int("top_k", self.top_k)
        needs = [
            ("learn_alpha", kind == "entmax", "normalizer 'entmax'"),
            (
                "learnable_threshold",
                kind == "threshold" and number,
                "normalizer 'threshold' and a number as threshold",
            ),
            ("per_head_thresholds", self.learnable_threshold, "learnable_threshold"),
        ]
        for name, met, what in needs:
            given = getattr(self, name)
            check(met or not given, name, f"False without {what}", given)

    def _check_pattern(self) -> None:
        check_choice("pattern", self.pattern_name, PATTERNS)
        for name, low, part in (("window", 1, "local"), ("stride", 2, "strided")):
            value = getattr(self, name)
            needed = part in self.pattern_name.split("_")
            check_int(name, value, low=low, optional=not needed)

    def build(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> None:
        heads = self.num_heads, self.key_dim
        values = self.num_heads, self.value_dim or self.key_dim
        shapes = query_shape, value_shape, key_shape
        self.build_projections(*shapes, query=heads, key=heads, value=values)
        if self.learn_alpha:
            share = min(max((self.alpha - 1.05) / 0.95, 1e-3), 1 - 1e-3)
            start = math.log(share / (1 - share))
            self.alpha_logit = self._vector("alpha_logit", self.num_heads, start)
        if self.learnable_threshold:
            size = self.num_heads if self.per_head_thresholds else 1
            limits = ValueRangeConstraint(0.0, 0.9999)
            self.limit = self._vector("threshold", size, self.threshold, limits)

    def _vector(self, name: str, size: int, start: Any, constraint: Any = None) -> Any:
        return self.add_weight(
            name=name,
            shape=(size,),
            initializer=keras.initializers.Constant(start),
            constraint=constraint,
            dtype="float32",
            autocast=False,
        )

    def pattern(self, queries: Any, keys: Any) -> Any:
        fixed = position_pattern(
            self.pattern_name, queries, keys, self.window, self.stride
        )
        return all_of([fixed, causal_pairs(queries, keys) if self.causal else None])

    def normalise(self, scores: Any, allowed: Any) -> Any:
        kind = self.normalizer
        if kind == "softmax":
            return masked_softmax(scores, allowed)
        if kind == "sparsemax":
            return sparsemax(scores, allowed)
        if kind == "entmax15":
            return entmax15(scores, allowed)
        if kind == "entmax":
            return entmax(scores, self.alphas(), allowed)
        if kind == "top_k":
            return top_k_softmax(scores, self.top_k, allowed)
        if kind == "iterative":
            rounds = self.max_iterations
            return iterative_softmax(scores, self.iterative_alpha, rounds, allowed)
        if self.learnable_threshold:
            limit = ops.reshape(self.limit, (-1, 1, 1))
            return soft_threshold_softmax(scores, limit, allowed)
        limit = None if self.threshold == "auto" else self.threshold
        return threshold_softmax(scores, limit, allowed)

    def alphas(self) -> Any:
        """Returns the alpha of "entmax", a number or (H, 1, 1)."""
        if not self.learn_alpha:
            return self.alpha
        alpha = 1.05 + 0.95 * ops.sigmoid(self.alpha_logit)
        return ops.reshape(alpha, (-1, 1, 1))

    def explain_weights(self, operands: Operands, weights: Any) -> dict[str, Any]:
        """Adds zeros among permitted keys, keys with weight, and what is learned."""
        told = super().explain_weights(operands, weights)
        ones = ops.ones_like(weights, "float32")
        support = ops.where(weights > 0, ones, 0.0)
        allowed = operands.allowed
        keys = ones if allowed is None else ops.where(allowed, ones, 0.0)
        used, all_keys = (ops.sum(n, axis=(0, 2, 3)) for n in (support, keys))
        told["share_of_zeros"] = 1 - used / ops.maximum(all_keys, 1.0)
        told["support_size"] = ops.sum(support, axis=-1)
        if self.learn_alpha:
            told["alpha"] = ops.reshape(self.alphas(), (-1,))
        if self.learnable_threshold:
            told["threshold"] = self.limit
        return told

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _KEPT}
        return {**super().get_config(), **own, "pattern": self.pattern_name}


_KEPT = (
    "key_dim",
    "value_dim",
    "normalizer",
    "alpha",
    "learn_alpha",
    "threshold",
    "learnable_threshold",
    "per_head_thresholds",
    "iterative_alpha",
    "max_iterations",
    "top_k",
    "window",
    "stride",
    "causal",
)
