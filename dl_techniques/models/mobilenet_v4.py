"""MobileNetV4, of convolutions alone and with attention.

One file: the variants and the graph that reads their rows of stages.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.layers import stochastic_depth_rates
from dl_techniques.layers.mobilenet_v4_blocks.parts import (
    batch_norm,
    convolution,
    make_divisible,
)
from dl_techniques.models import mobilenet_v4_stages as published
from dl_techniques.models.classifier_options import ClassifierOptions
from dl_techniques.models.image_classifier import ImageClassifier, level
from dl_techniques.models.variant_functions import variant_function
from dl_techniques.utils.validation import check, check_int, check_number

_LAB: dict[str, Any] = {
    "stem_filters": 32,
    "stages": (("conv 3 1 32", "conv 1 1 32"), *published.CONV_SMALL[1:]),
    "head_filters": (960, 256),
    "width_multiplier": 0.5,
    "stem_strides": 1,
    "classes": 10,
}


@keras.saving.register_keras_serializable(package="dl_techniques")
class MobileNetV4(ImageClassifier):
    """Universal inverted bottlenecks, with mobile attention in the hybrids.

        stem -> stages -> 1x1 convolution -> average pool -> 1x1 -> classifier

    Inputs are normalised already unless `include_preprocessing` says otherwise: it
    scales [0, 255] and is on by itself for 3 channels with `weights`.

    Args:
        stem_filters: Channels of the stem, a 3x3 convolution of step 2.
        stages: For each stage a list of rows: "conv k s c", "fused k s e c",
            "uib a k s e c" (start and middle kernel, step, expansion, channels) or
            "mqa v h d" (key and value step, heads, their width); "xN" repeats.
        head_filters: Channels of the 1x1 convolutions before and after the pool. The
            first is the last stage "conv 1 1 c", added where `stages` has none.
        activation: Of every block.
        layer_scale_init: Start of gamma in "uib" and "mqa" rows; None is no gamma.
        width_multiplier: Factor on all channels but those of the second head
            convolution; the stem is never made smaller.
        include_top: See `ClassifierOptions`, as for all up to `dtype`.
        stem_strides: Step of the stem.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, classes)`; without the top the
        map of the last stage, or its pool. Odd sides round up.

    Weights:
        `stem_conv`, `stem_bn`, `stages_{s}_blocks_{j}/*`, `head_conv`, `head_bn`,
        `head`.

    Raises:
        ValueError: If an argument is out of range or a row cannot be read.

    Source: Qin et al. (2024), ECCV, arXiv:2404.10518, appendix; numbers as in timm.
    """

    variants = MappingProxyType(
        {
            "conv_small": {"stem_filters": 32, "stages": published.CONV_SMALL},
            "conv_medium": {"stem_filters": 32, "stages": published.CONV_MEDIUM},
            "conv_large": {"stem_filters": 24, "stages": published.CONV_LARGE},
            "hybrid_medium": {
                "stem_filters": 32,
                "stages": published.HYBRID_MEDIUM,
                "layer_scale_init": 1e-5,
            },
            "hybrid_large": {
                "stem_filters": 24,
                "stages": published.HYBRID_LARGE,
                "activation": "gelu",
                "layer_scale_init": 1e-5,
            },
            "conv_small_050": {
                "stem_filters": 32,
                "stages": published.CONV_SMALL,
                "width_multiplier": 0.5,
            },
            "lab28": {**_LAB, "input_shape": (28, 28, 1)},
            "lab32": {**_LAB, "input_shape": (32, 32, 3)},
        }
    )
    sizes = MappingProxyType(
        {
            "conv_medium": 256,
            "conv_large": 384,
            "hybrid_medium": 256,
            "hybrid_large": 384,
        }
    )
    title = "mobilenet_v4"

    def __init__(
        self,
        stem_filters: int,
        stages: published.Stages,
        head_filters: Sequence[int] = (960, 1280),
        activation: Any = "relu",
        layer_scale_init: float | None = None,
        width_multiplier: float = 1.0,
        include_top: bool = True,
        weights: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        classes: int = 1000,
        pooling: str | None = None,
        classifier_activation: Any = "softmax",
        include_preprocessing: Any = "auto",
        dropout_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        kernel_regularizer: Any = None,
        name: str | None = None,
        dtype: Any = None,
        *,
        stem_strides: int = 2,
    ) -> None:
        check_int("stem_filters", stem_filters)
        check_int("stem_strides", stem_strides)
        check(len(head_filters) == 2, "head_filters", "a pair of widths", head_filters)
        for value in head_filters:
            check_int("head_filters", value)
        check_number("layer_scale_init", layer_scale_init, 0, optional=True)
        check_number("width_multiplier", width_multiplier, 0, low_open=True)
        options = ClassifierOptions(
            include_top=include_top,
            weights=weights,
            input_shape=None if input_shape is None else tuple(input_shape),
            classes=classes,
            pooling=pooling,
            classifier_activation=classifier_activation,
            include_preprocessing=include_preprocessing,
            dropout_rate=dropout_rate,
            drop_path_rate=drop_path_rate,
            kernel_regularizer=kernel_regularizer,
            dtype=dtype,
        )
        own = {
            "stem_filters": stem_filters,
            "stages": [list(rows) for rows in stages],
            "head_filters": list(head_filters),
            "activation": keras.activations.serialize(
                keras.activations.get(activation)
            ),
            "layer_scale_init": layer_scale_init,
            "width_multiplier": width_multiplier,
            "stem_strides": stem_strides,
        }

        def body(x: Any, pyramid: dict[str, Any]) -> Any:
            return _head(_stages(x, own, options, pyramid), own, options)

        self.assemble(own, options, body, name)


def _stages(
    x: Any,
    own: dict[str, Any],
    options: ClassifierOptions,
    pyramid: dict[str, Any],
) -> Any:
    factor = own["width_multiplier"]
    stages = [published.read_stage(rows) for rows in own["stages"]]
    last = stages[-1] if stages else []
    if [(k, a["kernel_size"]) for k, a in last if k == "conv"][:1] != [("conv", 1)]:
        stages.append(published.read_stage([f"conv 1 1 {own['head_filters'][0]}"]))
    stride = own["stem_strides"]
    stem = make_divisible(own["stem_filters"] * max(1.0, factor))
    x = _conv_norm(x, "stem", stem, 3, stride, own, options)
    pyramid[level(stride)] = x
    rates = iter(stochastic_depth_rates(sum(map(len, stages)), options.drop_path_rate))
    for s, blocks in enumerate(stages):
        for j, (kind, row) in enumerate(blocks):
            given = _arguments(kind, row, own, next(rates))
            if kind != "mqa":
                given["kernel_regularizer"] = options.regularizer()
            block = published.block_class(kind)
            x = block(**given, dtype=options.policy, name=f"stages_{s}_blocks_{j}")(x)
            stride *= row.get("strides", 1)
            pyramid[level(stride)] = x
    return x


def _arguments(
    kind: str, row: dict[str, Any], own: dict[str, Any], rate: float
) -> dict[str, Any]:
    """Returns the constructor arguments of a row's layer."""
    given = dict(row)
    if "filters" in given:
        given["filters"] = make_divisible(given["filters"] * own["width_multiplier"])
    if kind != "mqa":
        given["activation"] = own["activation"]
    if kind != "conv":
        given["drop_path_rate"] = rate
    if kind in ("uib", "mqa"):
        given["layer_scale_init"] = own["layer_scale_init"]
    return given


def _head(x: Any, own: dict[str, Any], options: ClassifierOptions) -> Any:
    if not options.include_top:
        return options.pooled(x)
    x = keras.layers.GlobalAveragePooling2D(
        keepdims=True, dtype=options.policy, name="pool"
    )(x)
    x = _conv_norm(x, "head", own["head_filters"][1], 1, 1, own, options)
    x = keras.layers.Flatten(dtype=options.policy, name="head_flatten")(x)
    return options.classified(x, "glorot_uniform")


def _conv_norm(
    x: Any,
    name: str,
    filters: int,
    size: int,
    stride: int,
    own: dict[str, Any],
    options: ClassifierOptions,
) -> Any:
    policy = options.policy
    if stride > 1:
        x = keras.layers.ZeroPadding2D(size // 2, dtype=policy, name=f"{name}_pad")(x)
    x = convolution(
        f"{name}_conv",
        filters,
        size,
        stride,
        regularizer=options.regularizer(),
        policy=policy,
    )(x)
    x = batch_norm(f"{name}_bn", policy)(x)
    activation = keras.activations.get(own["activation"])
    return keras.layers.Activation(activation, dtype=policy, name=f"{name}_activation")(
        x
    )


def _named(variant: str, name: str) -> Any:
    return variant_function(MobileNetV4, variant, name)


MobileNetV4ConvSmall = _named("conv_small", "MobileNetV4ConvSmall")
MobileNetV4ConvMedium = _named("conv_medium", "MobileNetV4ConvMedium")
MobileNetV4ConvLarge = _named("conv_large", "MobileNetV4ConvLarge")
MobileNetV4HybridMedium = _named("hybrid_medium", "MobileNetV4HybridMedium")
MobileNetV4HybridLarge = _named("hybrid_large", "MobileNetV4HybridLarge")
