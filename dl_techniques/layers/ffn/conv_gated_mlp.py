"""A gated layer of 1 x 1 convolutions."""

from typing import Any

import keras

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import KernelArguments
from dl_techniques.utils.validation import check, check_choice, check_int

Shape = tuple[int | None, ...]
FORMATS = ("channels_last", "channels_first", None)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConvGatedMLP(Explained, keras.layers.Layer):
    """Multiplies two activated 1 x 1 convolutions and projects the product.

        y = output_activation(down(activation(gate(x)) * activation(up(x))))

    Unlike `GLUFFN` both branches are activated; no pixel sees another.

    Args:
        filters: Channels of all three convolutions.
        activation: Of both branches; also accepted as `attention_activation`.
        output_activation: Of the result.
        use_bias: Whether the convolutions have a bias.
        data_format: "channels_last", "channels_first", or None for Keras's setting.
        kernel_initializer: Start of every kernel; each gets its own copy.
        bias_initializer: Start of every bias.
        kernel_regularizer: Penalty on every kernel.
        bias_regularizer: Penalty on every bias.
        kernel_constraint: Projection of every kernel after each step.
        bias_constraint: Projection of every bias after each step.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, height, width, filters)`.

    Weights:
        `gate/kernel`, `up/kernel` (1, 1, channels, filters), `down/kernel` (1, 1,
        filters, filters) and biases.

    Raises:
        ValueError: If an argument is outside its range or the input no image.

    Source: the project's own, there called gated MLP.
    """

    def __init__(
        self,
        filters: int,
        activation: Any = "relu",
        output_activation: Any = "linear",
        use_bias: bool = True,
        data_format: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        activation = kwargs.pop("attention_activation", activation)
        super().__init__(**kwargs)
        check_int("filters", filters)
        check_choice("data_format", data_format, FORMATS)
        self.filters = filters
        self.activation = keras.activations.get(activation)
        self.output_activation = keras.activations.get(output_activation)
        self.use_bias = use_bias
        self.data_format = data_format
        self.kernel_arguments = KernelArguments(
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
        )

    @property
    def channel_axis(self) -> int:
        """The axis of the channels."""
        chosen = self.data_format or keras.config.image_data_format()
        return 1 if chosen == "channels_first" else 3

    def build(self, input_shape: Shape) -> None:
        known = len(input_shape) == 4 and input_shape[self.channel_axis] is not None
        check(known, "input_shape", "of rank 4 with known channels", input_shape)
        self.gate, self.up, self.down = (
            keras.layers.Conv2D(
                self.filters,
                1,
                data_format=self.data_format,
                use_bias=self.use_bias,
                dtype=self.dtype_policy,
                name=name,
                **self.kernel_arguments.of_kernel(number),
            )
            for number, name in enumerate(("gate", "up", "down"))
        )
        self.gate.build(input_shape)
        self.up.build(input_shape)
        self.down.build(self.compute_output_shape(input_shape))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        gate = self.activation(self.gate(inputs))
        product = gate * self.activation(self.up(inputs))
        return self.output_activation(self.down(product))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = list(input_shape)
        shape[self.channel_axis] = self.filters
        return tuple(shape)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {
            "gate": self.activation(self.gate(inputs[0])),
            "up": self.activation(self.up(inputs[0])),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "activation": keras.activations.serialize(self.activation),
            "output_activation": keras.activations.serialize(self.output_activation),
            "use_bias": self.use_bias,
            "data_format": self.data_format,
            **self.kernel_arguments.config(),
        }
