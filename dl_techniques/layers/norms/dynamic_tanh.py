"""A squashing function in place of normalisation."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import Axis, AxisNormalization, Shape
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class DynamicTanh(AxisNormalization):
    """Squashes each value by a tanh of learned steepness; computes no statistics.

        y = gamma * tanh(alpha * x) + beta

    Args:
        alpha_init_value: Start of the steepness.
        axis: Axis or axes along which gamma and beta differ; axis 0 is refused.
        gamma_initializer: Start of gamma.
        beta_initializer: Start of beta.
        gamma_regularizer: Penalty on gamma.
        beta_regularizer: Penalty on beta.
        gamma_constraint: Projection of gamma after each step.
        beta_constraint: Projection of beta after each step.

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `alpha` () `alpha_init_value`; `gamma` ones and `beta` zeros with the sizes
        along `axis`.

    Raises:
        ValueError: If `axis` is not legal or `alpha_init_value` not a number.

    Source: Zhu et al. (2025), arXiv:2503.10622, Algorithm 1.
    """

    def __init__(
        self,
        alpha_init_value: float = 0.5,
        axis: Axis = -1,
        gamma_initializer: Any = "ones",
        beta_initializer: Any = "zeros",
        gamma_regularizer: Any = None,
        beta_regularizer: Any = None,
        gamma_constraint: Any = None,
        beta_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, **kwargs)
        check_number("alpha_init_value", alpha_init_value, None)
        self.alpha_init_value = alpha_init_value
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_regularizer = keras.regularizers.get(gamma_regularizer)
        self.beta_regularizer = keras.regularizers.get(beta_regularizer)
        self.gamma_constraint = keras.constraints.get(gamma_constraint)
        self.beta_constraint = keras.constraints.get(beta_constraint)

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        sizes = self.axis_sizes(input_shape)
        self.alpha = self.add_weight(
            name="alpha",
            shape=(),
            initializer=keras.initializers.Constant(self.alpha_init_value),
        )
        self.gamma = self.add_weight(
            name="gamma",
            shape=sizes,
            initializer=self.gamma_initializer,
            regularizer=self.gamma_regularizer,
            constraint=self.gamma_constraint,
        )
        self.beta = self.add_weight(
            name="beta",
            shape=sizes,
            initializer=self.beta_initializer,
            regularizer=self.beta_regularizer,
            constraint=self.beta_constraint,
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        gamma, beta = self.spread(self.gamma, inputs), self.spread(self.beta, inputs)
        return gamma * ops.tanh(self.alpha * inputs) + beta

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        squashed = ops.tanh(ops.cast(self.alpha, inputs[0].dtype) * inputs[0])
        saturated = ops.cast(ops.abs(squashed) > 0.95, "float32")
        return {
            "alpha": self.alpha,
            "gamma": self.gamma,
            "beta": self.beta,
            "saturated_share": ops.mean(saturated),
        }

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["epsilon"]
        regularizer = keras.regularizers.serialize
        constraint = keras.constraints.serialize
        return {
            **config,
            "alpha_init_value": self.alpha_init_value,
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
            "beta_initializer": keras.initializers.serialize(self.beta_initializer),
            "gamma_regularizer": regularizer(self.gamma_regularizer),
            "beta_regularizer": regularizer(self.beta_regularizer),
            "gamma_constraint": constraint(self.gamma_constraint),
            "beta_constraint": constraint(self.beta_constraint),
        }
