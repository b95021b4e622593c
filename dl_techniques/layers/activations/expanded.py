"""Gated activations whose gate may leave [0, 1]; they differ by one formula."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.activations.base import Elementwise, Shape


class _Expanded(Elementwise):
    """Base: y = x * (g(x) * (1 + 2 alpha) - alpha), one learned alpha."""

    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = keras.initializers.get(alpha_initializer)
        self.alpha_regularizer = keras.regularizers.get(alpha_regularizer)
        self.alpha_constraint = keras.constraints.get(alpha_constraint)

    def build(self, input_shape: Shape) -> None:
        self.alpha = self.add_weight(
            name="alpha",
            shape=(),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )

    def gate(self, x: Any) -> Any:
        """Returns g(x), from 0 to 1."""
        raise NotImplementedError

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return inputs * (self.gate(inputs) * (1 + 2 * self.alpha) - self.alpha)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {**super().explain_call(*inputs), "alpha": self.alpha}

    def get_config(self) -> dict[str, Any]:
        regularizer = keras.regularizers.serialize(self.alpha_regularizer)
        return {
            **super().get_config(),
            "alpha_initializer": keras.initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizer,
            "alpha_constraint": keras.constraints.serialize(self.alpha_constraint),
        }


@keras.saving.register_keras_serializable(package="dl_techniques")
class ExpandedGELU(_Expanded):
    """GELU whose gate has a learned range.

        y = x * (Phi(x) * (1 + 2 alpha) - alpha),   Phi the Gaussian distribution

    Args:
        alpha_initializer: Start of alpha; at zero the function is GELU.
        alpha_regularizer: Penalty on alpha.
        alpha_constraint: Projection of alpha after each step.

    Weights:
        `alpha` (), zero.

    Source: Huang (2024), arXiv:2405.20768.
    """

    def gate(self, x: Any) -> Any:
        return 0.5 * (1 + ops.erf(x / math.sqrt(2.0)))


@keras.saving.register_keras_serializable(package="dl_techniques")
class ExpandedSiLU(_Expanded):
    """SiLU whose gate has a learned range.

        y = x * (sigmoid(x) * (1 + 2 alpha) - alpha)

    Args:
        alpha_initializer: Start of alpha; at zero the function is SiLU.
        alpha_regularizer: Penalty on alpha.
        alpha_constraint: Projection of alpha after each step.

    Weights:
        `alpha` (), zero.

    Source: Huang (2024), arXiv:2405.20768.
    """

    def gate(self, x: Any) -> Any:
        return ops.sigmoid(x)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ExpandedArcTan(_Expanded):
    """An arctangent gate with a learned range.

        y = x * (g(x) * (1 + 2 alpha) - alpha),   g(x) = arctan(x) / pi + 1 / 2

    Args:
        alpha_initializer: Start of alpha.
        alpha_regularizer: Penalty on alpha.
        alpha_constraint: Projection of alpha after each step.

    Weights:
        `alpha` (), zero.

    Source: Huang (2024), arXiv:2405.20768.
    """

    def gate(self, x: Any) -> Any:
        return ops.arctan(x) / math.pi + 0.5


xGELU = ExpandedGELU  # noqa: N816 (the source's own spelling)
xSiLU = ExpandedSiLU  # noqa: N816 (the source's own spelling)
xATLU = ExpandedArcTan  # noqa: N816 (the source's own spelling)
