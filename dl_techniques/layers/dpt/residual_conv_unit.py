"""Two convolutions in a residual branch."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.dpt.convolution import convolution
from dl_techniques.utils.validation import check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class ResidualConvUnit(keras.layers.Layer):
    """Adds two 3x3 convolutions, each behind a ReLU, to its input.

        y = x + conv_2(relu(conv_1(relu(x))))

    Args:
        filters: Channels of input and output.

    Shapes:
        `(batch, height, width, filters)`, unchanged.

    Weights:
        `conv_1/kernel`, `conv_1/bias`, `conv_2/kernel`, `conv_2/bias`.

    Source: Ranftl et al. (2021), arXiv:2103.13413, as RefineNet's, without norms.
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_int("filters", filters)
        self.filters = filters
        self.conv_1 = convolution(filters, 3, "conv_1", self.dtype_policy)
        self.conv_2 = convolution(filters, 3, "conv_2", self.dtype_policy)

    def build(self, input_shape: Shape) -> None:
        self.conv_1.build(input_shape)
        self.conv_2.build(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return inputs + self.conv_2(ops.relu(self.conv_1(ops.relu(inputs))))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}
