"""Global response normalisation."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.norms.base import Shape, at_least_float32, safe_norm
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class GlobalResponseNorm(Explained, keras.layers.Layer):
    """Lets channels compete: strong ones are raised, weak ones lowered.

        G[c] = ||x[..., c]||_2 over the spatial axes
        N[c] = G[c] / (mean_c(G[c]) + epsilon)
        y = gamma * (x * N) + beta + x

    At the start the layer is the identity. Weight decay on `gamma` keeps it there.

    Args:
        epsilon: Added to the mean norm, above 0.
        gamma_initializer: Start of `gamma`.
        beta_initializer: Start of `beta`.
        gamma_regularizer: Penalty on `gamma`.
        beta_regularizer: Penalty on `beta`.

    Shapes:
        `(batch, ..., channels)` with 0 to 3 spatial axes; unchanged. Without spatial
        axes the norm is the absolute value, as for a 1 x 1 image.

    Weights:
        `gamma`, `beta`: `(channels,)`, zeros.

    Raises:
        ValueError: If `epsilon <= 0`; at build, if the number of channels is an
            undefined dimension.

    Source: Woo et al. (2023), arXiv:2301.00808, section 3, Algorithm 1. The norm has
    gradient 0, not NaN, where a feature map is all zero.
    """

    def __init__(
        self,
        epsilon: float = 1e-6,
        gamma_initializer: Any = "zeros",
        beta_initializer: Any = "zeros",
        gamma_regularizer: Any = None,
        beta_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.epsilon = epsilon
        self.gamma_initializer = keras.initializers.get(gamma_initializer)
        self.beta_initializer = keras.initializers.get(beta_initializer)
        self.gamma_regularizer = keras.regularizers.get(gamma_regularizer)
        self.beta_regularizer = keras.regularizers.get(beta_regularizer)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "of rank 2 to 5 without an undefined dimension in the last axis"
        known = 2 <= len(input_shape) <= 5 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        self.gamma, self.beta = (
            self.add_weight(
                name=name,
                shape=(input_shape[-1],),
                initializer=initializer,
                regularizer=regularizer,
                autocast=False,
            )
            for name, initializer, regularizer in (
                ("gamma", self.gamma_initializer, self.gamma_regularizer),
                ("beta", self.beta_initializer, self.beta_regularizer),
            )
        )

    def competition(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Returns `N` with the rank of `x`."""
        axes = tuple(range(1, len(x.shape) - 1))
        norm = safe_norm(x, axes) if axes else ops.abs(x)
        return norm / (ops.mean(norm, axis=-1, keepdims=True) + self.epsilon)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        y = x * (self.gamma * self.competition(x) + 1.0) + self.beta
        return ops.cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x = at_least_float32(inputs[0])
        y = at_least_float32(self(inputs[0], training=False))
        return {
            "competition_before": self.competition(x),
            "competition_after": self.competition(y),
            "gamma": self.gamma,
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "gamma_initializer": keras.initializers.serialize(self.gamma_initializer),
            "beta_initializer": keras.initializers.serialize(self.beta_initializer),
            "gamma_regularizer": keras.regularizers.serialize(self.gamma_regularizer),
            "beta_regularizer": keras.regularizers.serialize(self.beta_regularizer),
        }


GlobalResponseNormalization = GlobalResponseNorm
