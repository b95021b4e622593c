"""Squeeze-and-excitation: one learned gate a channel."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.utils.validation import check, check_int, check_number

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class SqueezeExcitation(Explained, keras.layers.Layer):
    """Scales every channel by a gate computed from the channel means.

        y = x * gate(restore(act(reduce(mean(x)))))

    The mean runs over all axes between batch and channels; a `(batch, channels)`
    input has none and is gated by itself.

    Args:
        reduction_ratio: Width of the squeeze relative to the channels, in (0, 1].
        activation: Function between the two projections.
        gate_activation: Function that makes the gate.
        use_bias: Whether both projections have an offset.
        divisor: The squeeze is rounded up to a multiple of it.
        kernel_initializer: Start of both kernels.
        kernel_regularizer: Penalty on both kernels.

    Shapes:
        Rank 2 to 5, `(batch, ..., channels)`; unchanged. Masked time steps of a
        sequence are left out of the mean.

    Weights:
        `reduce/kernel`: (channels, squeeze). `restore/kernel`: (squeeze, channels).
        `reduce/bias`, `restore/bias` with `use_bias`.

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is not 2 to 5
            or the number of channels is unknown.

    Source: Hu, Shen, Sun (2018), CVPR, arXiv:1709.01507, eq. 2-4.
    """

    def __init__(
        self,
        reduction_ratio: float = 0.25,
        activation: Any = "relu",
        gate_activation: Any = "sigmoid",
        use_bias: bool = False,
        divisor: int = 1,
        kernel_initializer: Any = "glorot_normal",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("reduction_ratio", reduction_ratio, 0, low_open=True, high=1)
        check_int("divisor", divisor)
        self.reduction_ratio = reduction_ratio
        self.activation = keras.activations.get(activation)
        self.gate_activation = keras.activations.get(gate_activation)
        self.use_bias = use_bias
        self.divisor = divisor
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        known = 2 <= len(input_shape) <= 5 and input_shape[-1] is not None
        rule = "(batch, ..., channels) of rank 2 to 5 with known channels"
        check(known, "input_shape", rule, input_shape)
        channels = int(input_shape[-1] or 0)
        squeeze = max(1, round(channels * self.reduction_ratio))
        squeeze = self.divisor * math.ceil(squeeze / self.divisor)
        self.reduce = self._projection(squeeze, self.activation, "reduce", 0)
        self.restore = self._projection(channels, self.gate_activation, "restore", 1)
        self.reduce.build((None, channels))
        self.restore.build((None, squeeze))

    def _projection(
        self, units: int, activation: Any, name: str, number: int
    ) -> keras.layers.Dense:
        return keras.layers.Dense(
            units,
            activation=activation,
            use_bias=self.use_bias,
            kernel_initializer=fresh_initializer(self.kernel_initializer, number),
            kernel_regularizer=self.kernel_regularizer,
            dtype=self.dtype_policy,
            name=name,
        )

    def call(self, inputs: keras.KerasTensor, mask: Any = None) -> keras.KerasTensor:
        return inputs * self._gate(inputs, mask)

    def _gate(self, inputs: keras.KerasTensor, mask: Any = None) -> keras.KerasTensor:
        axes = tuple(range(1, len(inputs.shape) - 1))
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        x = ops.cast(inputs, dtype)
        if axes and mask is not None:
            kept = ops.expand_dims(ops.cast(mask, dtype), -1)
            total = ops.maximum(ops.sum(kept, axis=1, keepdims=True), 1)
            x = ops.sum(x * kept, axis=1, keepdims=True) / total
        elif axes:
            x = ops.mean(x, axis=axes, keepdims=True)
        return self.restore(self.reduce(ops.cast(x, self.compute_dtype)))

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        return {"gate": self._gate(inputs)}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "reduction_ratio": self.reduction_ratio,
            "activation": keras.activations.serialize(self.activation),
            "gate_activation": keras.activations.serialize(self.gate_activation),
            "use_bias": self.use_bias,
            "divisor": self.divisor,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
