"""The fused inverted bottleneck."""

from typing import Any

import keras

from dl_techniques.layers.mobilenet_v4_blocks import parts
from dl_techniques.layers.mobilenet_v4_blocks.parts import Shape
from dl_techniques.layers.stochastic_depth import StochasticDepth
from dl_techniques.utils.validation import check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class FusedInvertedBottleneck(keras.layers.Layer):
    """Widens with a full convolution and projects back.

        y = bn(project(act(bn(expand(x)))))  (+ x where the shapes agree)

    Args:
        filters: Output channels.
        kernel_size: Side of the widening convolution.
        strides: Its step.
        expansion_ratio: Width relative to the input, rounded to a multiple of 8.
        activation: After the widening.
        drop_path_rate: Chance that a sample skips the branch in training, in [0, 1).
        kernel_regularizer: Penalty on both kernels.

    Shapes:
        `(batch, H, W, C)` -> `(batch, ceil(H / strides), ceil(W / strides), filters)`.

    Weights:
        `expand/kernel` (k, k, C, E), `expand_bn/*`, `project/kernel` (1, 1, E,
        filters), `project_bn/*`.

    Source: Qin et al. (2024), arXiv:2404.10518, the fused rows of the tables.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        expansion_ratio: float = 4.0,
        activation: Any = "relu",
        drop_path_rate: float = 0.0,
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("filters", filters),
            ("kernel_size", kernel_size),
            ("strides", strides),
        ):
            check_int(name, value)
        check_number("expansion_ratio", expansion_ratio, 0, low_open=True)
        check_number("drop_path_rate", drop_path_rate, 0, high=1, high_open=True)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.expansion_ratio = expansion_ratio
        self.activation = keras.activations.get(activation)
        self.drop_path_rate = drop_path_rate
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, input_shape: Shape) -> None:
        channels = parts.check_image(input_shape)
        policy = self.dtype_policy
        more: dict[str, Any] = {
            "regularizer": self.kernel_regularizer,
            "policy": policy,
        }
        self.width = parts.make_divisible(channels * self.expansion_ratio)
        size, step = self.kernel_size, self.strides
        self.expand = parts.convolution("expand", self.width, size, step, **more)
        self.expand_bn = parts.batch_norm("expand_bn", policy)
        self.project = parts.convolution("project", self.filters, 1, **more)
        self.project_bn = parts.batch_norm("project_bn", policy)
        self.drop_path = StochasticDepth(self.drop_path_rate, dtype=policy)
        self.residual = step == 1 and channels == self.filters
        wide = parts.halved(input_shape, step, self.width)
        self.expand.build(parts.shape_padded(input_shape, size, step))
        self.expand_bn.build(wide)
        self.project.build(wide)
        self.project_bn.build(self.compute_output_shape(input_shape))

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        x = self.expand(parts.padded(inputs, self.kernel_size, self.strides))
        x = self.activation(self.expand_bn(x, training=training))
        x = self.project_bn(self.project(x), training=training)
        return inputs + self.drop_path(x, training=training) if self.residual else x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return parts.halved(input_shape, self.strides, self.filters)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Returns the products of one sample."""
        channels = int(input_shape[-1] or 0)
        width = parts.make_divisible(channels * self.expansion_ratio)
        after = self.compute_output_shape(input_shape)
        each = width * (self.kernel_size**2 * channels + self.filters)
        return parts.positions(after) * each

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "expansion_ratio": self.expansion_ratio,
            "activation": keras.activations.serialize(self.activation),
            "drop_path_rate": self.drop_path_rate,
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
