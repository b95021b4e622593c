"""A layer of rectifier powers with a silu path."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.activations.relu_k import relu_power
from dl_techniques.layers.ffn.base import (
    FeedForward,
    Shape,
    check_width,
    known_features,
)
from dl_techniques.utils.validation import check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class PowerMLPLayer(FeedForward):
    """Adds powers of rectified projections to a silu path.

        y = relu(W x + b) ** k + U silu(x)

    The power is computed in float32. Deep stacks with k of 3 or more explode from any
    initialisation; put a normalisation between the layers (`PowerMLP`).

    Args:
        units: Width of the output.
        k: The power, an integer of at least 1.
        use_basis: Whether the silu path exists.
        use_bias: Whether there is a b; the silu path never has one.
        kernel_initializer: Start of both kernels; each gets its own copy.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).

    Shapes:
        `(batch, ..., D)` -> `(batch, ..., units)`.

    Weights:
        `main_dense/kernel` (D, units), `main_dense/bias`, `basis_dense/kernel`.

    Raises:
        ValueError: If `units` or `k` is not a positive integer.

    Source: Qiu et al. (2024), arXiv:2412.13571.
    """

    def __init__(
        self,
        units: int,
        k: int = 3,
        use_basis: bool = True,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            use_bias=use_bias, kernel_initializer=kernel_initializer, **kwargs
        )
        check_width("units", units)
        check_int("k", k)
        self.units = units
        self.k = k
        self.use_basis = use_basis

    def build(self, input_shape: Shape) -> None:
        known_features(input_shape)
        self.main_dense = self.dense("main_dense", self.units, 0)
        self.main_dense.build(input_shape)
        if self.use_basis:
            self.basis_dense = self.dense("basis_dense", self.units, 1, use_bias=False)
            self.basis_dense.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        y = relu_power(self.main_dense(inputs), self.k)
        if self.use_basis:
            y = y + ops.cast(self.basis_dense(keras.activations.silu(inputs)), y.dtype)
        return ops.saturate_cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        told = {"power": relu_power(self.main_dense(inputs[0]), self.k)}
        if self.use_basis:
            told["basis"] = self.basis_dense(keras.activations.silu(inputs[0]))
        return told

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["dropout"], config["seed"]
        return {
            **config,
            "units": self.units,
            "k": self.k,
            "use_basis": self.use_basis,
        }
