"""Multi-head attention with a softmax that sharpens flat rows."""

from typing import Any

import keras

from dl_techniques.layers.activations.adaptive_temperature_softmax import (
    Coefficients,
    as_given,
    check_sharpening,
    sharpened,
    sharpening,
)
from dl_techniques.layers.attention.call import Operands
from dl_techniques.layers.attention.masks import masked_softmax, pair_scores
from dl_techniques.layers.attention.multi_head_attention import MultiHeadAttention


@keras.saving.register_keras_serializable(package="dl_techniques")
class AdaptiveMultiHeadAttention(MultiHeadAttention):
    """Sharpens each row of attention by an amount that its entropy decides.

        y = sum_h softmax(beta q_h k_h^T / sqrt(key_dim)) v_h W_h + b

    beta is that of `AdaptiveTemperatureSoftmax`; keys that a mask hides do not count
    in the entropy.

    Args:
        num_heads: Number of heads H.
        key_dim: Width of a head's queries and keys; None is D / H.
        coefficients: Of the polynomial in the entropy, highest power first; None: the
            paper's.
        entropy_threshold: Rows of no more entropy, in nats, stay; at least 0.
        max_beta: Upper bound of beta, at least 1; None: none.
        inference_only: Whether training sees the plain softmax.
        kwargs: As of `MultiHeadAttention`.

    Shapes:
        As of `MultiHeadAttention`.

    Weights:
        As of `MultiHeadAttention`.

    Raises:
        ValueError: If an argument is outside its range.

    Source: Velickovic et al. (2024), arXiv:2410.01104; there it acts at inference
    only.
    """

    softmax_alone = False

    def __init__(
        self,
        num_heads: int,
        key_dim: int | None = None,
        coefficients: Coefficients = None,
        entropy_threshold: float = 0.5,
        max_beta: float | None = None,
        inference_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_heads, key_dim, **kwargs)
        check_sharpening(coefficients, entropy_threshold, max_beta)
        self.coefficients = coefficients
        self.entropy_threshold = entropy_threshold
        self.max_beta = max_beta
        self.inference_only = inference_only

    def normalise(self, scores: Any, allowed: Any, training: bool | None = None) -> Any:
        if training and self.inference_only:
            return masked_softmax(scores, allowed)
        return sharpened(scores, allowed, -1, *self._how())

    def _how(self) -> tuple[Coefficients, float, float | None]:
        return self.coefficients, self.entropy_threshold, self.max_beta

    def explain_weights(self, operands: Operands, weights: Any) -> dict[str, Any]:
        """Adds what the rows were before, and beta: (B, H, T) each."""
        query, key = self.placed(operands)
        scores = pair_scores(query, key, query.shape[-1] ** -0.5)
        plain = masked_softmax(scores, operands.allowed)
        told = sharpening(plain, -1, *self._how())
        return {**super().explain_weights(operands, weights), **told}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "coefficients": as_given(self.coefficients),
            "entropy_threshold": self.entropy_threshold,
            "max_beta": self.max_beta,
            "inference_only": self.inference_only,
        }
