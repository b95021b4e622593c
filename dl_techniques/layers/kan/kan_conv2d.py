"""A convolution whose kernel entries are learned splines."""

from typing import Any

import keras
import numpy as np
from keras import ops

from dl_techniques.layers.kan import splines
from dl_techniques.layers.kan.arguments import check_spline_arguments
from dl_techniques.utils.validation import check, check_choice, check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class KANConv2D(keras.layers.Layer):
    """Convolves the maps `act(x), B_1(x), B_2(x), ...` of every channel.

        y = conv(act(x), base_kernel) + conv([B_g(x)], spline_kernel)

    With a 1x1 kernel it is a `KANLinear` without scaler at every pixel. Padding puts
    zeros around the maps, not around `x`.

    Args:
        filters: Number of output channels.
        kernel_size: Size of the kernel.
        strides: Step of the kernel.
        padding: "same" or "valid".
        grid_size, spline_order, grid_range, base_activation, scale_noise: As in
            `KANLinear`.

    Shapes:
        `(batch, height, width, channels)` -> as `Conv2D`.

    Weights:
        `base_kernel` (k, k, channels, filters); `spline_kernel` (k, k, channels *
        (grid_size + spline_order), filters); `grid`, not trained.

    Raises:
        ValueError: If an argument is out of range; at build, if the input is not an
            image with known channels.

    Source: Liu et al. (2024), arXiv:2404.19756, applied to patches.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        strides: int = 1,
        padding: str = "same",
        grid_size: int = 5,
        spline_order: int = 3,
        grid_range: tuple[float, float] = (-1, 1),
        base_activation: Any = "silu",
        scale_noise: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("filters", filters)
        check_int("kernel_size", kernel_size)
        check_int("strides", strides)
        check_choice("padding", padding, ("same", "valid"))
        check_spline_arguments(grid_size, spline_order, grid_range, scale_noise, 0.0)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        self.grid_size = grid_size
        self.spline_order = spline_order
        self.grid_range = tuple(grid_range)
        self.base_activation = keras.activations.get(base_activation)
        self.scale_noise = scale_noise

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, height, width, channels) with known channels"
        known = len(input_shape) == 4 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        channels = int(input_shape[-1] or 0)
        size = (self.kernel_size, self.kernel_size)
        n_bases = self.grid_size + self.spline_order
        self.base_kernel = self.add_weight(
            name="base_kernel",
            shape=(*size, channels, self.filters),
            initializer="glorot_uniform",
        )
        bound = self.scale_noise / self.grid_size
        self.spline_kernel = self.add_weight(
            name="spline_kernel",
            shape=(*size, channels * n_bases, self.filters),
            initializer=keras.initializers.RandomUniform(-bound, bound),
        )
        low, high = self.grid_range
        knots = splines.uniform_knots(low, high, self.grid_size, self.spline_order)
        self.grid = self.add_weight(
            name="grid",
            shape=(channels, len(knots)),
            initializer=lambda shape, dtype=None: ops.cast(
                np.broadcast_to(knots, shape), dtype
            ),
            trainable=False,
            autocast=False,  # knots of a fine grid coincide in float16
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        maps = splines.basis_maps(x, ops.cast(self.grid, x.dtype), self.spline_order)
        maps = ops.cast(ops.concatenate(maps, axis=-1), self.compute_dtype)
        smooth = self._convolve(self.base_activation(inputs), self.base_kernel)
        return smooth + self._convolve(maps, self._basis_first())

    def _basis_first(self) -> Any:
        """Returns the spline kernel with its channels in the order of the maps."""
        kernel = ops.convert_to_tensor(self.spline_kernel)
        channels, bases = self.grid.shape[0], self.grid_size + self.spline_order
        size = (self.kernel_size, self.kernel_size)
        split = ops.reshape(kernel, (*size, channels, bases, self.filters))
        return ops.reshape(ops.transpose(split, (0, 1, 3, 2, 4)), kernel.shape)

    def _convolve(self, maps: Any, kernel: Any) -> Any:
        return ops.conv(maps, kernel, self.strides, self.padding, "channels_last")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        lost = 0 if self.padding == "same" else self.kernel_size - 1
        height, width = (
            None if size is None else -(-(size - lost) // self.strides)
            for size in input_shape[1:3]
        )
        return (input_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("filters", "kernel_size", "strides", "padding"),
            *("grid_size", "spline_order", "scale_noise"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            "grid_range": list(self.grid_range),
            "base_activation": keras.activations.serialize(self.base_activation),
        }


KANvolution = KANConv2D
