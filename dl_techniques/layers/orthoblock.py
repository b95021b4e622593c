"""Dense with an orthonormal kernel, centring and bounded gains."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.orthonormal import DEFAULT_PENALTY, OrthonormalBlock, Shape
from dl_techniques.utils.validation import check, check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class OrthoBlock(OrthonormalBlock):
    """Projects orthonormally, centres over the features, applies a gain in [0, 1].

        z = x W + b,   c = z - mean(z),   y = activation(s * n(c))

    n(c) is c for "center", c / ||c|| for "center_l2", c / sqrt(mean(c^2) + epsilon)
    for "center_rms"; "none" leaves z. Only "center" keeps the variance: "center_l2" is
    "center_rms" over sqrt(units). Centring takes one dimension away, and cancels the
    mean of the bias. The penalty acts on the smaller Gram matrix, so it can reach 0 for
    any shape, and is one regularizer of the kernel however often the layer is called.

    Args:
        units: Number of outputs, at least 2 (one output would always be centred to 0).
        activation: And the rest: see `OrthonormalBlock`.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., units)`.

    Weights:
        `kernel` (features, units) orthonormal, `bias` (units,) zeros, `scale` (units,)
        `scale_initial_value` or its logit.

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own; penalty of Bansal et al. (2018), arXiv:1810.09102.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        ortho_reg_factor: float = 0.01,
        normalization: str = "center",
        scale_initial_value: float = 0.5,
        scale_mode: str = "clip",
        kernel_initializer: Any = "orthonormal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        scale_regularizer: Any = DEFAULT_PENALTY,
        ortho_scaling: str = "none",
        epsilon: float = 1e-6,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            activation,
            use_bias,
            ortho_reg_factor,
            normalization,
            scale_initial_value,
            scale_mode,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            scale_regularizer,
            ortho_scaling,
            epsilon,
            **kwargs,
        )
        check_int("units", units, low=2)
        self.units = units

    def build(self, input_shape: Shape) -> None:
        rule = "of rank 2 or more with known features in the last axis"
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        self.add_weights((int(input_shape[-1] or 0), self.units))

    def project(self, inputs: Any) -> Any:
        return ops.matmul(inputs, self.kernel)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
