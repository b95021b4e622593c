"""Attention over an image whose heads share one set of keys and values.

One file: the small layer that makes keys or values is used by this attention alone.
"""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.layer_scale import LayerScale
from dl_techniques.layers.mobilenet_v4_blocks import parts
from dl_techniques.layers.mobilenet_v4_blocks.parts import Shape
from dl_techniques.layers.stochastic_depth import StochasticDepth
from dl_techniques.utils.validation import check_choice, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class MobileMQA(Explained, keras.layers.Layer):
    """Lets every place look at all others; the heads differ in their queries only.

        y = x + scale * (concat_h softmax(q_h k^T / sqrt(key_dim)) v) W

    Keys and values come from the batch-normalised input; with `kv_stride` each is
    thinned first by a depthwise convolution of that step and a batch norm. There are no
    biases and no positions.

    Args:
        num_heads: Number of query heads h.
        key_dim: Width of a query and of the keys.
        value_dim: Width of the values; None is `key_dim`.
        kv_stride: Step of the keys and values.
        query_stride: Step of the queries, averaged; the result is enlarged again.
        dw_kernel: Side of the thinning convolution.
        norm_position: "pre" norms the input, "post" the output of the branch.
        layer_scale_init: Start of gamma; None is no gamma.
        drop_path_rate: Chance that a sample skips the branch in training, in [0, 1).

    Shapes:
        `(batch, H, W, C)`, unchanged; H and W may be odd or unknown.

    Weights:
        `norm/*`, `query/kernel` (1, 1, C, h key_dim), `key/down_conv/kernel`
        (3, 3, C, 1), `key/norm/*`, `key/proj/kernel` (1, 1, C, key_dim), the same for
        `value`, `output/kernel` (1, 1, h value_dim, C), `layer_scale/gamma` (C,);
        `query_norm/*` with a query step.

    Raises:
        ValueError: If an argument is out of range.

    Source: Qin et al. (2024), arXiv:2404.10518, section 3.2; the softmax runs in
    float32.
    """

    def __init__(
        self,
        num_heads: int = 8,
        key_dim: int = 64,
        value_dim: int | None = None,
        kv_stride: int = 1,
        query_stride: int = 1,
        dw_kernel: int = 3,
        norm_position: str = "pre",
        layer_scale_init: float | None = 1e-5,
        drop_path_rate: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("num_heads", num_heads)
        check_int("key_dim", key_dim)
        check_int("value_dim", value_dim, optional=True)
        check_int("kv_stride", kv_stride)
        check_int("query_stride", query_stride)
        check_int("dw_kernel", dw_kernel)
        check_choice("norm_position", norm_position, ("pre", "post"))
        check_number("layer_scale_init", layer_scale_init, 0, optional=True)
        check_number("drop_path_rate", drop_path_rate, 0, high=1, high_open=True)
        self.num_heads = num_heads
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.kv_stride = kv_stride
        self.query_stride = query_stride
        self.dw_kernel = dw_kernel
        self.norm_position = norm_position
        self.layer_scale_init = layer_scale_init
        self.drop_path_rate = drop_path_rate

    def build(self, input_shape: Shape) -> None:
        channels = parts.check_image(input_shape)
        policy, shape = self.dtype_policy, tuple(input_shape)
        values = self.value_dim or self.key_dim
        heads = self.num_heads
        self.norm = parts.batch_norm("norm", policy)
        self.norm.build(shape)
        self.query = parts.convolution("query", heads * self.key_dim, 1, policy=policy)
        self.query.build(shape)
        self.pool = self.query_norm = None
        if self.query_stride > 1:
            step = self.query_stride
            self.pool = keras.layers.AveragePooling2D(
                step, padding="same", dtype=policy
            )
            self.query_norm = parts.batch_norm("query_norm", policy)
            self.query_norm.build(shape)
        given = (self.kv_stride, self.dw_kernel)
        self.key = _Source(self.key_dim, *given, dtype=policy, name="key")
        self.value = _Source(values, *given, dtype=policy, name="value")
        self.key.build(shape)
        self.value.build(shape)
        self.output_conv = parts.convolution("output", channels, 1, policy=policy)
        self.output_conv.build((*shape[:-1], heads * values))
        self.layer_scale = None
        if self.layer_scale_init is not None:
            self.layer_scale = LayerScale(
                self.layer_scale_init, dtype=policy, name="layer_scale"
            )
            self.layer_scale.build(shape)
        self.drop_path = StochasticDepth(self.drop_path_rate, dtype=policy)

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        pre = self.norm_position == "pre"
        x = self.norm(inputs, training=training) if pre else inputs
        mixed, _ = self._mix(x, training)
        x = self.output_conv(mixed)
        x = x if pre else self.norm(x, training=training)
        if self.layer_scale is not None:
            x = self.layer_scale(x)
        return inputs + self.drop_path(x, training=training)

    def _mix(self, x: Any, training: Any) -> tuple[Any, Any]:
        """Returns the heads' values (batch, H, W, h value_dim) and the weights."""
        q = x
        if self.pool is not None and self.query_norm is not None:
            q = self.query_norm(self.pool(x), training=training)
        q = self.query(q)
        batch, height, width, _ = ops.shape(q)
        q = ops.reshape(q, (batch, height * width * self.num_heads, self.key_dim))
        k = self.key(x, training=training)
        v = self.value(x, training=training)
        exact = keras.backend.result_type(q.dtype, "float32")
        k = ops.transpose(ops.cast(k, exact), (0, 2, 1))
        scores = ops.matmul(ops.cast(q, exact) * self.key_dim**-0.5, k)
        weights = ops.softmax(scores)
        mixed = ops.matmul(ops.cast(weights, v.dtype), v)
        features = self.num_heads * (self.value_dim or self.key_dim)
        mixed = ops.reshape(mixed, (batch, height, width, features))
        if self.query_stride > 1:
            size = ops.shape(x)[1:3]
            mixed = ops.image.resize(mixed, size, interpolation="bilinear")
            mixed = ops.cast(mixed, x.dtype)
        return mixed, weights

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the attention weights, (batch, heads, queries, keys)."""
        pre = self.norm_position == "pre"
        x = self.norm(inputs[0], training=False) if pre else inputs[0]
        _, weights = self._mix(x, False)
        batch, rows, keys = ops.shape(weights)
        heads = self.num_heads
        weights = ops.reshape(weights, (batch, rows // heads, heads, keys))
        return {"weights": ops.transpose(weights, (0, 2, 1, 3))}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def multiply_adds(self, input_shape: Shape) -> int:
        """Returns the products of one sample."""
        channels = int(input_shape[-1] or 0)
        values = self.value_dim or self.key_dim
        places = parts.positions(input_shape)
        asked = parts.positions(parts.halved(input_shape, self.query_stride))
        keys = parts.positions(parts.halved(input_shape, self.kv_stride))
        both = self.key_dim + values
        total = keys * channels * both + asked * self.num_heads * keys * both
        total += channels * self.num_heads * (asked * self.key_dim + places * values)
        thin = 2 * keys * channels * self.dw_kernel**2 if self.kv_stride > 1 else 0
        return total + thin

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "kv_stride": self.kv_stride,
            "query_stride": self.query_stride,
            "dw_kernel": self.dw_kernel,
            "norm_position": self.norm_position,
            "layer_scale_init": self.layer_scale_init,
            "drop_path_rate": self.drop_path_rate,
        }


class _Source(keras.layers.Layer):
    """Makes keys or values: thins the image where asked, projects it to one head."""

    def __init__(self, width: int, stride: int, size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.stride = stride
        self.size = size

    def build(self, input_shape: Shape) -> None:
        policy, shape = self.dtype_policy, tuple(input_shape)
        self.down_conv = self.norm = None
        if self.stride > 1:
            given = (None, self.size, self.stride)
            self.down_conv = parts.convolution("down_conv", *given, policy=policy)
            self.down_conv.build(parts.shape_padded(shape, self.size, self.stride))
            self.norm = parts.batch_norm("norm", policy)
            self.norm.build(shape)
        self.proj = parts.convolution("proj", self.width, 1, policy=policy)
        self.proj.build(shape)

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        x = inputs
        if self.down_conv is not None and self.norm is not None:
            x = self.down_conv(parts.padded(x, self.size, self.stride))
            x = self.norm(x, training=training)
        x = self.proj(x)
        batch, height, width, features = ops.shape(x)
        return ops.reshape(x, (batch, height * width, features))
