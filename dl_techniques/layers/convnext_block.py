"""What the two ConvNeXt blocks share.

One base class: the second block adds a single layer in `make_between`.
"""

from typing import Any

import keras

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.layers.layer_scale import LayerScale
from dl_techniques.layers.stochastic_depth import StochasticDepth
from dl_techniques.regularizers import (
    SoftOrthogonalConstraintRegularizer,
    SoftOrthonormalConstraintRegularizer,
    SRIPRegularizer,
    SumRegularizer,
)
from dl_techniques.utils.validation import (
    check,
    check_choice,
    check_int,
    check_number,
)

Shape = tuple[int | None, ...]
ORTHO = {
    "orthogonal": SoftOrthogonalConstraintRegularizer,
    "orthonormal": SoftOrthonormalConstraintRegularizer,
    "srip": SRIPRegularizer,
}


class ConvNextBlock(Explained, keras.layers.Layer):
    """Depthwise convolution, norm, widening mlp, and a residual around it.

    The two public blocks say what sits between the activation and the projection and
    whether there is a LayerScale.
    """

    def __init__(
        self,
        filters: int | None = None,
        kernel_size: int = 7,
        expansion_ratio: float = 4,
        activation: Any = "gelu",
        strides: int = 1,
        use_bias: bool = True,
        layer_scale_init: float | None = None,
        drop_path_rate: float = 0.0,
        dropout_rate: float = 0.0,
        spatial_dropout_rate: float = 0.0,
        use_residual: bool = True,
        norm_epsilon: float = 1e-6,
        kernel_initializer: Any = "truncated_normal(0.02)",
        kernel_regularizer: Any = None,
        ortho_regularizer: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("filters", filters, optional=True)
        check_int("kernel_size", kernel_size)
        check_number("expansion_ratio", expansion_ratio, 0, low_open=True)
        check_int("strides", strides)
        check_number("layer_scale_init", layer_scale_init, 0, optional=True)
        for name, rate in (
            ("drop_path_rate", drop_path_rate),
            ("dropout_rate", dropout_rate),
            ("spatial_dropout_rate", spatial_dropout_rate),
        ):
            check_number(name, rate, 0, high=1, high_open=True)
        check_number("norm_epsilon", norm_epsilon, 0, low_open=True)
        check_choice("ortho_regularizer", ortho_regularizer, (None, *ORTHO))
        fits = strides == 1 or not use_residual
        check(fits, "use_residual", "false when `strides` is not 1", use_residual)
        self.filters = filters
        self.kernel_size = kernel_size
        self.expansion_ratio = expansion_ratio
        self.activation = keras.activations.get(activation)
        self.strides = strides
        self.use_bias = use_bias
        self.layer_scale_init = layer_scale_init
        self.drop_path_rate = drop_path_rate
        self.dropout_rate = dropout_rate
        self.spatial_dropout_rate = spatial_dropout_rate
        self.use_residual = use_residual
        self.norm_epsilon = norm_epsilon
        self.kernel_initializer = _initializer(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.ortho_regularizer = ortho_regularizer

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, height, width, channels) with known channels"
        known = len(input_shape) == 4 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        channels = int(input_shape[-1] or 0)
        filters = self.filters or channels
        same = filters == channels or not self.use_residual
        check(same, "filters", f"the input's {channels} in a residual block", filters)
        hidden = max(1, int(channels * self.expansion_ratio))
        policy = self.dtype_policy
        self.depthwise_conv = keras.layers.DepthwiseConv2D(
            self.kernel_size,
            strides=self.strides,
            padding="same",
            use_bias=self.use_bias,
            depthwise_initializer=self._start(0),
            depthwise_regularizer=self.kernel_regularizer,
            dtype=policy,
            name="depthwise_conv",
        )
        self.norm = keras.layers.LayerNormalization(
            epsilon=self.norm_epsilon, dtype=policy, name="norm"
        )
        self.pointwise_expand = self._pointwise(hidden, "pointwise_expand", 1)
        self.pointwise_project = self._pointwise(filters, "pointwise_project", 2)
        self.between = self.make_between()
        self.dropout = keras.layers.Dropout(self.dropout_rate, dtype=policy)
        self.spatial_dropout = keras.layers.SpatialDropout2D(
            self.spatial_dropout_rate, dtype=policy
        )
        self.drop_path = StochasticDepth(self.drop_path_rate, dtype=policy)
        self.layer_scale = None
        if self.layer_scale_init:
            self.layer_scale = LayerScale(
                self.layer_scale_init, dtype=policy, name="layer_scale"
            )
        self._build_parts(tuple(input_shape), hidden, filters)

    def _build_parts(self, shape: Shape, hidden: int, filters: int) -> None:
        self.depthwise_conv.build(shape)
        inner = self.depthwise_conv.compute_output_shape(shape)
        self.norm.build(inner)
        self.pointwise_expand.build(inner)
        wide = (*inner[:-1], hidden)
        if self.between is not None:
            self.between.build(wide)
        self.pointwise_project.build(wide)
        if self.layer_scale is not None:
            self.layer_scale.build((*inner[:-1], filters))

    def make_between(self) -> keras.layers.Layer | None:
        """Returns the layer between activation and projection, if any."""
        return None

    def _start(self, number: int) -> Any:
        return fresh_initializer(self.kernel_initializer, number)

    def _pointwise(self, units: int, name: str, number: int) -> keras.layers.Dense:
        parts = [self.kernel_regularizer] if self.kernel_regularizer else []
        if self.ortho_regularizer:
            parts.append(ORTHO[self.ortho_regularizer]())
        penalty = parts[0] if len(parts) == 1 else None
        return keras.layers.Dense(
            units,
            use_bias=self.use_bias,
            kernel_initializer=self._start(number),
            kernel_regularizer=SumRegularizer(parts) if len(parts) > 1 else penalty,
            dtype=self.dtype_policy,
            name=name,
        )

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        x = self.depthwise_conv(inputs)
        x = self.activation(self.pointwise_expand(self.norm(x)))
        if self.between is not None:
            x = self.between(x)
        x = self.pointwise_project(self.dropout(x, training=training))
        x = self.spatial_dropout(x, training=training)
        if self.layer_scale is not None:
            x = self.layer_scale(x)
        x = self.drop_path(x, training=training)
        return inputs + x if self.use_residual else x

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        told = {"depthwise_kernel": self.depthwise_conv.kernel}
        if self.layer_scale is not None:
            told["gamma"] = self.layer_scale.gamma
        return told

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        height, width = (
            None if size is None else -(-size // self.strides)
            for size in input_shape[1:3]
        )
        filters = self.filters or input_shape[-1]
        return (input_shape[0], height, width, filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "expansion_ratio": self.expansion_ratio,
            "activation": keras.activations.serialize(self.activation),
            "strides": self.strides,
            "use_bias": self.use_bias,
            "layer_scale_init": self.layer_scale_init,
            "drop_path_rate": self.drop_path_rate,
            "dropout_rate": self.dropout_rate,
            "spatial_dropout_rate": self.spatial_dropout_rate,
            "use_residual": self.use_residual,
            "norm_epsilon": self.norm_epsilon,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "ortho_regularizer": self.ortho_regularizer,
        }


def _initializer(value: Any) -> Any:
    if value == "truncated_normal(0.02)":
        return keras.initializers.TruncatedNormal(stddev=0.02)
    return keras.initializers.get(value)
