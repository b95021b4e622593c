"""The same architectures out of Keras' own layers alone, as peers of our models."""

from typing import Any

import keras

from dl_techniques.models import ConvNextV1, MobileNetV4, ResNet, ViT
from dl_techniques.models.mobilenet_v4_stages import read_stage

K = keras.layers


class Gain(K.Layer):
    """Multiplies each channel by a weight."""

    def build(self, input_shape: Any) -> None:
        self.gain = self.add_weight(shape=input_shape[-1:], initializer="ones")

    def call(self, inputs: Any) -> Any:
        return inputs * self.gain


def model(x: Any, y: Any, classes: int) -> keras.Model:
    """Returns the classifier on top of a pooled map."""
    return keras.Model(x, K.Dense(classes, "softmax")(y))


def convnext(variant: str) -> keras.Model:
    """ConvNeXt V1 of a small variant."""
    v = ConvNextV1.variants[variant]
    x = keras.Input(v["input_shape"])
    dims, size = v["dims"], v["patch_size"]
    y = K.LayerNormalization(epsilon=1e-6)(K.Conv2D(dims[0], size, size)(x))
    for s, (depth, dim) in enumerate(zip(v["depths"], dims, strict=True)):
        if s:
            y = K.LayerNormalization(epsilon=1e-6)(y)
            y = K.Conv2D(dim, 2, 2, padding="same")(y)
        for _ in range(depth):
            z = K.DepthwiseConv2D(v.get("kernel_size", 7), padding="same")(y)
            z = K.LayerNormalization(epsilon=1e-6)(z)
            z = K.Dense(dim)(K.Activation("gelu")(K.Dense(4 * dim)(z)))
            y = K.Add()([y, Gain()(z)])
    y = K.LayerNormalization(epsilon=1e-6)(K.GlobalAveragePooling2D()(y))
    return model(x, y, v["classes"])


def resnet(variant: str) -> keras.Model:
    """ResNet of a small variant."""
    v = ResNet.variants[variant]
    x = keras.Input(v["input_shape"])
    y = _conv(x, v["stem_filters"], 3)
    for s, (depth, width) in enumerate(zip(v["depths"], v["widths"], strict=True)):
        for j in range(depth):
            step = 2 if s and not j else 1
            z = _conv(_conv(y, width, 3, step), width, 3, act=False)
            same = step == 1 and y.shape[-1] == width
            y = y if same else _conv(y, width, 1, step, act=False)
            y = K.ReLU()(K.Add()([y, z]))
    return model(x, K.GlobalAveragePooling2D()(y), v["classes"])


def vit(variant: str) -> keras.Model:
    """ViT of any variant; the positions are an embedding of constants."""
    v = ViT.variants[variant]
    shape = v.get("input_shape", (224, 224, 3))
    dim, patch = v["hidden_dim"], v["patch_size"]
    x = keras.Input(shape)
    y = K.Reshape((-1, dim))(K.Conv2D(dim, patch, patch)(x))
    y = K.ZeroPadding1D((1, 0))(y)
    y = _Positions()(y)
    for _ in range(v["depth"]):
        z = K.LayerNormalization(epsilon=1e-6)(y)
        y = K.Add()(
            [y, K.MultiHeadAttention(v["num_heads"], dim // v["num_heads"])(z, z)]
        )
        z = K.LayerNormalization(epsilon=1e-6)(y)
        y = K.Add()([y, K.Dense(dim)(K.Dense(4 * dim, "gelu")(z))])
    y = K.LayerNormalization(epsilon=1e-6)(y)
    return model(x, y[:, 0], v.get("classes", 1000))


class _Positions(K.Layer):
    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight(shape=input_shape[1:])

    def call(self, inputs: Any) -> Any:
        return inputs + self.table


def mobilenet(variant: str) -> keras.Model:
    """MobileNetV4 without attention, at its own size."""
    v = MobileNetV4.variants[variant]
    side = MobileNetV4.sizes.get(variant, 224)
    x = keras.Input(v.get("input_shape", (side, side, 3)))
    factor = v.get("width_multiplier", 1)
    y = _conv(x, v["stem_filters"], 3, v.get("stem_strides", 2))
    for rows in v["stages"]:
        for kind, row in read_stage(rows):
            width = int(row["filters"] * factor)
            if kind == "conv":
                y = _conv(y, width, row["kernel_size"], row["strides"])
                continue
            z, step, mid = y, row["strides"], row["mid_kernel"]
            if row["start_kernel"]:
                first = 1 if mid else step
                z = _conv(z, None, row["start_kernel"], first, act=False)
            z = _conv(z, int(y.shape[-1] * row["expansion_ratio"]), 1)
            z = _conv(z, None, mid, step) if mid else z
            z = _conv(z, width, 1, act=False)
            y = K.Add()([y, z]) if step == 1 and y.shape[-1] == width else z
    y = K.GlobalAveragePooling2D(keepdims=True)(y)
    filters = v.get("head_filters", (960, 1280))[1]
    return model(x, K.Flatten()(_conv(y, filters, 1)), v.get("classes", 1000))


def _conv(
    x: Any, filters: int | None, size: int, step: int = 1, act: bool = True
) -> Any:
    """Convolution without bias, batch norm and relu; depthwise without filters."""
    given: dict[str, Any] = {"strides": step, "padding": "same", "use_bias": False}
    if filters is None:
        y = K.DepthwiseConv2D(size, **given)(x)
    else:
        y = K.Conv2D(filters, size, **given)(x)
    y = K.BatchNormalization()(y)
    return K.ReLU()(y) if act else y
