"""A stack of rectifier powers that ends in a Dense."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.ffn.base import FeedForward, Shape, known_features
from dl_techniques.layers.ffn.power_mlp_layer import PowerMLPLayer
from dl_techniques.layers.norms import RMSNorm
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check, check_choice, check_int

NORMS = (None, "layer", "rms")


@keras.saving.register_keras_serializable(package="dl_techniques")
class PowerMLP(FeedForward):
    """Stacks `PowerMLPLayer`s; the last layer is a Dense.

    A spline-like network at the cost of an MLP: with k = 2 or 3 one unit draws
    `(x - t)_+ ** k` exactly. Without `norm` the size of the activations explodes with
    depth for k of 3 or more.

    Args:
        hidden_units: Widths, the last one of the output; one entry is a plain Dense.
        k: The power, an integer of at least 1.
        norm: None, "layer" or "rms": what stands before every PowerMLPLayer but the
            first.
        output_activation: Activation of the output.
        use_basis: Whether the layers have a silu path.
        use_bias: Whether the layers and the output have a bias.
        kernel_initializer: Start of every kernel; each gets its own copy.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).

    Shapes:
        `(batch, ..., D)` -> `(batch, ..., hidden_units[-1])`.

    Weights:
        `layer_0/...`, `norm_1/...`, `layer_1/...`, ..., `output_layer/kernel`,
        `output_layer/bias`.

    Raises:
        ValueError: If an argument is outside its range.

    Source: Qiu et al. (2024), arXiv:2412.13571; the normalisation is ours.
    """

    def __init__(
        self,
        hidden_units: Sequence[int],
        k: int = 3,
        norm: str | None = None,
        output_activation: Any = None,
        use_basis: bool = True,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            use_bias=use_bias, kernel_initializer=kernel_initializer, **kwargs
        )
        many = isinstance(hidden_units, list | tuple) and len(hidden_units) > 0
        positive = many and all(is_int(n) and n > 0 for n in hidden_units)
        rule = "a list of positive integers, the last one the output's"
        check(positive, "hidden_units", rule, hidden_units)
        check_int("k", k)
        check_choice("norm", norm, NORMS)
        self.hidden_units = tuple(hidden_units)
        self.k = k
        self.norm = norm
        self.output_activation = keras.activations.get(output_activation)
        self.use_basis = use_basis

    def build(self, input_shape: Shape) -> None:
        known_features(input_shape)
        shape = tuple(input_shape)
        self.stack: list[Any] = []
        for i, units in enumerate(self.hidden_units[:-1]):
            if i and self.norm:
                self._append(self._norm(f"norm_{i}"), shape)
            layer = PowerMLPLayer(
                units,
                self.k,
                self.use_basis,
                self.use_bias,
                dtype=self.dtype_policy,
                name=f"layer_{i}",
                **self.kernel_arguments.of_kernel(2 * i),
            )
            self._append(layer, shape)
            shape = (*shape[:-1], units)
        last = len(self.hidden_units) - 1
        self.output_layer = self.dense("output_layer", self.hidden_units[-1], 2 * last)
        self.output_layer.build(shape)

    def _norm(self, name: str) -> Any:
        kind = keras.layers.LayerNormalization if self.norm == "layer" else RMSNorm
        return kind(dtype=self.dtype_policy, name=name)

    def _append(self, layer: Any, shape: Shape) -> None:
        layer.build(shape)
        self.stack.append(layer)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = inputs
        for layer in self.stack:
            x = layer(x)
        return self.output_activation(self.output_layer(x))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.hidden_units[-1])

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x, spread = inputs[0], []
        for layer in self.stack:
            x = layer(x)
            if isinstance(layer, PowerMLPLayer):
                spread.append(ops.std(ops.cast(x, "float32")))
        spread.append(ops.std(ops.cast(self.output_layer(x), "float32")))
        return {"layer_std": ops.stack(spread)}

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["dropout"], config["seed"]
        return {
            **config,
            "hidden_units": list(self.hidden_units),
            "k": self.k,
            "norm": self.norm,
            "output_activation": keras.activations.serialize(self.output_activation),
            "use_basis": self.use_basis,
        }
