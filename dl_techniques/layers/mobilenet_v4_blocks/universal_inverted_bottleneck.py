"""The universal inverted bottleneck.

One class: the four kinds of block are one row of layers with some left out.
"""

from typing import Any

import keras

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.layer_scale import LayerScale
from dl_techniques.layers.mobilenet_v4_blocks import parts
from dl_techniques.layers.mobilenet_v4_blocks.parts import Shape
from dl_techniques.layers.stochastic_depth import StochasticDepth
from dl_techniques.utils.validation import check, check_int, check_number

_KINDS = {
    (True, True): "ExtraDW",
    (False, True): "IB",
    (True, False): "ConvNext",
    (False, False): "FFN",
}


@keras.saving.register_keras_serializable(package="dl_techniques")
class UniversalInvertedBottleneck(Explained, keras.layers.Layer):
    """An inverted bottleneck with optional depthwise kernels before, in and after.

        x -> [start] -> expand -> act -> [mid -> act] -> project -> [end] -> [scale]

    Batch norm follows every convolution; the input is added where shapes agree. The
    step sits on the middle kernel, without it on the first, without both on the last.

    Args:
        filters: Output channels.
        expansion_ratio: Width relative to the input, rounded to a multiple of 8.
        start_kernel: Depthwise kernel before the widening; 0 is none.
        mid_kernel: Depthwise kernel at full width; 0 is none.
        end_kernel: Depthwise kernel after the projection; 0 is none.
        strides: Step.
        activation: After the widening and the middle kernel.
        layer_scale_init: Start of gamma; None is no gamma.
        drop_path_rate: Chance that a sample skips the branch in training, in [0, 1).
        kernel_regularizer: Penalty on every kernel.

    Shapes:
        `(batch, H, W, C)` -> `(batch, ceil(H / strides), ceil(W / strides), filters)`.

    Weights:
        `dw_start`, `pw_expand`, `dw_mid`, `pw_project`, `dw_end`, each `/kernel` with
        its `*_bn/*`, and `layer_scale/gamma` (filters,).

    Raises:
        ValueError: If an argument is out of range, or `strides` is above 1 without any
            depthwise kernel.

    Source: Qin et al. (2024), arXiv:2404.10518, section 3 and figure 4.
    """

    def __init__(
        self,
        filters: int,
        expansion_ratio: float = 4.0,
        start_kernel: int = 0,
        mid_kernel: int = 3,
        end_kernel: int = 0,
        strides: int = 1,
        activation: Any = "relu",
        layer_scale_init: float | None = None,
        drop_path_rate: float = 0.0,
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("filters", filters)
        check_number("expansion_ratio", expansion_ratio, 0, low_open=True)
        check_int("start_kernel", start_kernel, 0)
        check_int("mid_kernel", mid_kernel, 0)
        check_int("end_kernel", end_kernel, 0)
        check_int("strides", strides)
        check_number("layer_scale_init", layer_scale_init, 0, optional=True)
        check_number("drop_path_rate", drop_path_rate, 0, high=1, high_open=True)
        deep = bool(start_kernel or mid_kernel or end_kernel)
        check(deep or strides == 1, "strides", "1 without a depthwise kernel", strides)
        self.filters = filters
        self.expansion_ratio = expansion_ratio
        self.start_kernel = start_kernel
        self.mid_kernel = mid_kernel
        self.end_kernel = end_kernel
        self.strides = strides
        self.activation = keras.activations.get(activation)
        self.layer_scale_init = layer_scale_init
        self.drop_path_rate = drop_path_rate
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    @property
    def kind(self) -> str:
        """Which of ExtraDW, IB, ConvNext and FFN the first two kernels make it."""
        return _KINDS[bool(self.start_kernel), bool(self.mid_kernel)]

    @property
    def steps(self) -> dict[str, int]:
        """The step of each depthwise kernel."""
        names = {"dw_mid": self.mid_kernel, "dw_start": self.start_kernel}
        holder = next((n for n, size in names.items() if size), "dw_end")
        return {
            n: self.strides if n == holder else 1
            for n in ("dw_start", "dw_mid", "dw_end")
        }

    def build(self, input_shape: Shape) -> None:
        channels = parts.check_image(input_shape)
        self.width = parts.make_divisible(channels * self.expansion_ratio)
        self.residual = self.strides == 1 and channels == self.filters
        shape = tuple(input_shape)
        for name, filters, size in (
            ("dw_start", None, self.start_kernel),
            ("pw_expand", self.width, 1),
            ("dw_mid", None, self.mid_kernel),
            ("pw_project", self.filters, 1),
            ("dw_end", None, self.end_kernel),
        ):
            shape = self._convolve(name, filters, size, shape)
        self.layer_scale = None
        if self.layer_scale_init is not None:
            self.layer_scale = LayerScale(
                self.layer_scale_init, dtype=self.dtype_policy, name="layer_scale"
            )
            self.layer_scale.build(shape)
        self.drop_path = StochasticDepth(self.drop_path_rate, dtype=self.dtype_policy)

    def _convolve(
        self, name: str, filters: int | None, size: int, shape: Shape
    ) -> Shape:
        """Makes one convolution and its norm; returns the shape after it."""
        setattr(self, name, None)
        if not size:
            return shape
        step = self.steps.get(name, 1)
        conv = parts.convolution(
            name,
            filters,
            size,
            step,
            regularizer=self.kernel_regularizer,
            policy=self.dtype_policy,
        )
        norm = parts.batch_norm(f"{name}_bn", self.dtype_policy)
        conv.build(parts.shape_padded(shape, size, step))
        shape = parts.halved(shape, step, filters)
        norm.build(shape)
        setattr(self, name, conv)
        setattr(self, f"{name}_bn", norm)
        return shape

    def _apply(self, name: str, size: int, x: Any, training: Any) -> Any:
        conv = getattr(self, name)
        if conv is None:
            return x
        x = conv(parts.padded(x, size, self.steps.get(name, 1)))
        return getattr(self, f"{name}_bn")(x, training=training)

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        x = self._apply("dw_start", self.start_kernel, inputs, training)
        x = self.activation(self._apply("pw_expand", 1, x, training))
        if self.mid_kernel:
            x = self.activation(self._apply("dw_mid", self.mid_kernel, x, training))
        x = self._apply("pw_project", 1, x, training)
        x = self._apply("dw_end", self.end_kernel, x, training)
        if self.layer_scale is not None:
            x = self.layer_scale(x)
        return inputs + self.drop_path(x, training=training) if self.residual else x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return parts.halved(input_shape, self.strides, self.filters)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Returns the products of one sample."""
        channels = int(input_shape[-1] or 0)
        width = parts.make_divisible(channels * self.expansion_ratio)
        shape, total = tuple(input_shape), 0
        for name, size, each, filters in (
            ("dw_start", self.start_kernel, channels, channels),
            ("", 1, channels * width, width),
            ("dw_mid", self.mid_kernel, width, width),
            ("", 1, width * self.filters, self.filters),
            ("dw_end", self.end_kernel, self.filters, self.filters),
        ):
            if size:
                shape = parts.halved(shape, self.steps.get(name, 1), filters)
                total += parts.positions(shape) * size**2 * each
        return total

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the depthwise kernels, and gamma where there is one."""
        told = {
            f"{name}_kernel": getattr(self, name).kernel
            for name in ("dw_start", "dw_mid", "dw_end")
            if getattr(self, name) is not None
        }
        if self.layer_scale is not None:
            told["gamma"] = self.layer_scale.gamma
        return told

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "expansion_ratio": self.expansion_ratio,
            "start_kernel": self.start_kernel,
            "mid_kernel": self.mid_kernel,
            "end_kernel": self.end_kernel,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "layer_scale_init": self.layer_scale_init,
            "drop_path_rate": self.drop_path_rate,
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }


UIB = UniversalInvertedBottleneck
