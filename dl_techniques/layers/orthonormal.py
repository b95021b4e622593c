"""What blocks with an orthonormal kernel share: penalty, centring, gain."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.constraints import ValueRangeConstraint
from dl_techniques.initializers import OrthonormalInitializer
from dl_techniques.layers.explain import Explained
from dl_techniques.regularizers import (
    SoftOrthonormalConstraintRegularizer,
    SumRegularizer,
)
from dl_techniques.utils.validation import check_choice, check_number

Shape = tuple[int | None, ...]
NORMALIZATIONS = ("center", "center_l2", "center_rms", "none")
SCALE_MODES = ("clip", "sigmoid")
SCALINGS = ("none", "diagonal", "matrix")
DEFAULT_PENALTY = "l1(1e-5)"


class OrthonormalBlock(Explained, keras.layers.Layer):
    """Base: y = activation(s * normalize(project(x))), orthonormal projection.

    Args:
        activation: Anything `keras.activations.get` takes.
        use_bias: Whether the projection has a bias.
        ortho_reg_factor: Weight of the orthonormality penalty, at least 0.
        normalization: "center", "center_l2", "center_rms" or "none".
        scale_initial_value: Start of every gain, in [0, 1].
        scale_mode: "clip" projects the gains into [0, 1] after each step, "sigmoid"
            keeps their logits.
        kernel_initializer: Start of the kernel; "orthonormal" or what Keras takes.
        bias_initializer: Start of the bias.
        kernel_regularizer: Added to the orthonormality penalty.
        bias_regularizer: Penalty on the bias.
        scale_regularizer: Penalty on the weight `scale`; "l1(1e-5)" is L1(1e-5).
        ortho_scaling: "none", "diagonal" or "matrix", see the regularizer.
        epsilon: Stabiliser of "center_l2" and "center_rms", above 0.
    """

    def __init__(
        self,
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
        super().__init__(**kwargs)
        check_number("ortho_reg_factor", ortho_reg_factor, 0)
        check_choice("normalization", normalization, NORMALIZATIONS)
        check_choice("scale_mode", scale_mode, SCALE_MODES)
        inner = scale_mode == "sigmoid"  # the logits of 0 and 1 are infinite
        limits = {"high": 1, "low_open": inner, "high_open": inner}
        check_number("scale_initial_value", scale_initial_value, 0, **limits)
        check_choice("ortho_scaling", ortho_scaling, SCALINGS)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.ortho_reg_factor = ortho_reg_factor
        self.normalization = normalization
        self.scale_initial_value = scale_initial_value
        self.scale_mode = scale_mode
        default_start = kernel_initializer == "orthonormal"
        self.kernel_initializer = (
            OrthonormalInitializer()
            if default_start
            else keras.initializers.get(kernel_initializer)
        )
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        default_penalty = scale_regularizer == DEFAULT_PENALTY
        self.scale_regularizer = (
            keras.regularizers.L1(1e-5)
            if default_penalty
            else keras.regularizers.get(scale_regularizer)
        )
        self.defaults = {
            "kernel_initializer": "orthonormal" if default_start else None,
            "scale_regularizer": DEFAULT_PENALTY if default_penalty else None,
        }
        self.ortho_scaling = ortho_scaling
        self.epsilon = epsilon
        self.supports_masking = True

    def penalty(self) -> Any:
        """Returns the one regularizer of the kernel, or None."""
        parts = [self.kernel_regularizer] if self.kernel_regularizer else []
        if self.ortho_reg_factor > 0:
            parts.append(
                SoftOrthonormalConstraintRegularizer(
                    self.ortho_reg_factor, scaling=self.ortho_scaling
                )
            )
        return SumRegularizer(parts) if parts else None

    def add_weights(self, kernel_shape: tuple[int, ...]) -> None:
        """Makes `kernel`, `bias` and `scale`; the last kernel axis is the output."""
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel_shape,
            initializer=self.kernel_initializer,
            regularizer=self.penalty(),
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=kernel_shape[-1:],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
            )
        start, clipped = self.scale_initial_value, self.scale_mode == "clip"
        self.scale = self.add_weight(
            name="scale",
            shape=kernel_shape[-1:],
            initializer=keras.initializers.Constant(
                start if clipped else math.log(start / (1 - start))
            ),
            regularizer=self.scale_regularizer,
            constraint=ValueRangeConstraint(0.0, 1.0) if clipped else None,
            autocast=False,
        )

    def project(self, inputs: Any) -> Any:
        """Applies the kernel."""
        raise NotImplementedError

    def normalize(self, z: Any) -> Any:
        """Centres and scales over the last axis, in float32 or better."""
        z = ops.cast(z, keras.backend.result_type(z.dtype, "float32"))
        if self.normalization == "none":
            return z
        c = z - ops.mean(z, axis=-1, keepdims=True)
        if self.normalization == "center":
            return c
        square = ops.square(c)
        if self.normalization == "center_l2":
            # the floor keeps value and gradient 0 at c = 0
            total = ops.sum(square, axis=-1, keepdims=True)
            return c / ops.sqrt(ops.maximum(total, self.epsilon**2))
        return c / ops.sqrt(ops.mean(square, axis=-1, keepdims=True) + self.epsilon)

    def gain(self) -> Any:
        """Returns the gains in [0, 1]."""
        return self.scale if self.scale_mode == "clip" else ops.sigmoid(self.scale)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        z = self.project(inputs)
        z = z if self.bias is None else z + self.bias
        y = self.gain() * self.normalize(z)
        return self.activation(ops.cast(y, self.compute_dtype))

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        matrix = ops.convert_to_tensor(self.kernel)
        matrix = ops.reshape(matrix, (-1, matrix.shape[-1]))
        tall = matrix.shape[0] >= matrix.shape[1]
        matrix = matrix if tall else ops.transpose(matrix)
        return {
            "singular_values": ops.svd(matrix, compute_uv=False),
            "gram": ops.matmul(ops.transpose(matrix), matrix),
            "gain": self.gain(),
        }

    def get_config(self) -> dict[str, Any]:
        kernel_initializer = keras.initializers.serialize(self.kernel_initializer)
        scale_regularizer = keras.regularizers.serialize(self.scale_regularizer)
        given = self.defaults
        return {
            **super().get_config(),
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "ortho_reg_factor": self.ortho_reg_factor,
            "normalization": self.normalization,
            "scale_initial_value": self.scale_initial_value,
            "scale_mode": self.scale_mode,
            "kernel_initializer": given["kernel_initializer"] or kernel_initializer,
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "scale_regularizer": given["scale_regularizer"] or scale_regularizer,
            "ortho_scaling": self.ortho_scaling,
            "epsilon": self.epsilon,
        }
