"""ResNet, the plain baseline.

One file: the net and the block that it repeats; two kinds of block are one table.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.layers import StochasticDepth, stochastic_depth_rates
from dl_techniques.models.classifier_options import ClassifierOptions
from dl_techniques.models.image_classifier import ImageClassifier, level
from dl_techniques.models.variant_functions import variant_function
from dl_techniques.utils.validation import check, check_choice, check_int

_LAB: dict[str, Any] = {
    "block": "basic",
    "widths": (16, 32, 64),
    "stem": "small",
    "stem_filters": 16,
    "classes": 10,
}


@keras.saving.register_keras_serializable(package="dl_techniques")
class ResNet(ImageClassifier):
    """Blocks whose branch is added to their input.

        stem -> stages of relu(branch(x) + shortcut(x)) -> average pool -> classifier

    A shortcut is a 1x1 convolution with batch norm where shapes change, else nothing.
    Inputs are normalised already unless `include_preprocessing` says otherwise: it
    scales [0, 255] and is on by itself for 3 channels with `weights`.

    Args:
        block: "basic" (two 3x3) or "bottleneck" (1x1, 3x3, 1x1 of 4 times the width).
        depths: Blocks of each stage; every stage but the first halves the sides.
        widths: Width of each stage.
        stem: "imagenet" (7x7 step 2, max pool step 2) or "small" (3x3).
        include_top: See `ClassifierOptions`, as for all up to `dtype`.
        stem_filters: Channels of the stem, whatever the widths are.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, classes)`; without the top the
        last map, or its pool. Odd sides round up.

    Weights:
        `stem_conv`, `stem_bn`, `stages_{s}_blocks_{j}_conv{i}`, `_bn{i}`,
        `_shortcut_conv`, `_shortcut_bn`, `head`.

    Raises:
        ValueError: If an argument is out of range.

    Source: He et al. (2016), CVPR, arXiv:1512.03385, with the step on the 3x3 of the
    bottleneck as in torchvision ("v1.5"). The small net of its section 4.2 has
    projections where the paper pads with zeros.
    """

    variants = MappingProxyType(
        {
            "18": {"block": "basic", "depths": (2, 2, 2, 2)},
            "50": {"block": "bottleneck", "depths": (3, 4, 6, 3)},
            "lab8": {**_LAB, "depths": (1, 1, 1), "input_shape": (8, 8, 1)},
            "lab28": {**_LAB, "depths": (2, 2, 2), "input_shape": (28, 28, 1)},
            "lab32": {**_LAB, "depths": (3, 3, 3), "input_shape": (32, 32, 3)},
        }
    )
    title = "resnet"

    def __init__(
        self,
        block: str,
        depths: Sequence[int],
        widths: Sequence[int] = (64, 128, 256, 512),
        stem: str = "imagenet",
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
        stem_filters: int = 64,
    ) -> None:
        check_choice("block", block, tuple(_KINDS))
        check_choice("stem", stem, ("imagenet", "small"))
        check_int("stem_filters", stem_filters)
        for key, values in (("depths", depths), ("widths", widths)):
            check(len(values) > 0, key, "a list with one number a stage", values)
            for value in values:
                check_int(key, value)
        rule = f"a list of at least {len(depths)} numbers, one a stage"
        check(len(widths) >= len(depths), "widths", rule, widths)
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
            "block": block,
            "depths": list(depths),
            "widths": list(widths),
            "stem": stem,
            "stem_filters": stem_filters,
        }

        def body(x: Any, pyramid: dict[str, Any]) -> Any:
            x, stride = _stem(x, own, options)
            rates = iter(stochastic_depth_rates(sum(depths), drop_path_rate))
            for s, (depth, width) in enumerate(zip(depths, widths, strict=False)):
                stride *= 2 if s else 1
                for j in range(depth):
                    step = 2 if s and not j else 1
                    parts = _Parts(f"stages_{s}_blocks_{j}", options, next(rates))
                    x = parts.block(x, block, width, step)
                pyramid[level(stride)] = x
            x = options.pooled(x)
            return options.classified(x, "glorot_uniform") if include_top else x

        self.assemble(own, options, body, name)


_KINDS = {"basic": ((3, 1), (3, 1)), "bottleneck": ((1, 1), (3, 1), (1, 4))}


class _Parts:
    """Layers of one block."""

    def __init__(self, name: str, options: ClassifierOptions, rate: float) -> None:
        self.name = name
        self.options = options
        self.rate = rate

    def block(self, x: Any, kind: str, width: int, step: int) -> Any:
        """Applies the block whose 3x3 convolution takes the step."""
        shortcut, kernels = x, _KINDS[kind]
        strided = next(i for i, (size, _) in enumerate(kernels) if size == 3)
        for i, (size, factor) in enumerate(kernels):
            stride = step if i == strided else 1
            x = self.conv(x, f"conv{i + 1}", width * factor, size, stride)
            x = self.norm(x, f"bn{i + 1}")
            x = x if i == len(kernels) - 1 else self.relu(x, f"relu{i + 1}")
        if shortcut.shape[-1] != x.shape[-1] or step > 1:
            shortcut = self.conv(shortcut, "shortcut_conv", x.shape[-1], 1, step)
            shortcut = self.norm(shortcut, "shortcut_bn")
        if self.rate:
            x = StochasticDepth(self.rate, **self.called("drop_path"))(x)
        x = keras.layers.Add(**self.called("add"))([shortcut, x])
        return self.relu(x, "relu")

    def called(self, part: str) -> dict[str, Any]:
        """Returns name and dtype of a part."""
        return {"name": f"{self.name}_{part}", "dtype": self.options.policy}

    def conv(self, x: Any, part: str, filters: int, size: int, step: int) -> Any:
        """Applies a convolution that pads alike on all sides."""
        padding = "same"
        if step > 1:
            padding = "valid"
            if size > 1:
                x = keras.layers.ZeroPadding2D(
                    size // 2, **self.called(part.replace("conv", "pad"))
                )(x)
        return keras.layers.Conv2D(
            filters,
            size,
            strides=step,
            padding=padding,
            use_bias=False,
            kernel_initializer=keras.initializers.VarianceScaling(
                2.0, "fan_out", "truncated_normal"
            ),
            kernel_regularizer=self.options.regularizer(),
            **self.called(part),
        )(x)

    def norm(self, x: Any, part: str) -> Any:
        """Applies batch norm with the numbers of the public checkpoints."""
        return keras.layers.BatchNormalization(
            momentum=0.9, epsilon=1e-5, **self.called(part)
        )(x)

    def relu(self, x: Any, part: str) -> Any:
        """Applies relu."""
        return keras.layers.Activation("relu", **self.called(part))(x)


def _stem(x: Any, own: dict[str, Any], options: ClassifierOptions) -> tuple[Any, int]:
    """Returns the stem's map and its stride."""
    parts = _Parts("stem", options, 0.0)
    full = own["stem"] == "imagenet"
    x = parts.conv(x, "conv", own["stem_filters"], 7 if full else 3, 2 if full else 1)
    x = parts.relu(parts.norm(x, "bn"), "relu")
    if not full:
        return x, 1
    # after the relu a border of zeros is as good as one of minus infinity
    x = keras.layers.ZeroPadding2D(1, **parts.called("pool_pad"))(x)
    return keras.layers.MaxPooling2D(3, 2, **parts.called("pool"))(x), 4


ResNet18 = variant_function(ResNet, "18", "ResNet18")
ResNet50 = variant_function(ResNet, "50", "ResNet50")


def ResNetSmall(n: int = 3, **arguments: Any) -> ResNet:  # noqa: N802  # a model's name
    """Returns the net for small images with `6 n + 2` layers.

    Args:
        n: Blocks of each of the three stages.
        arguments: Constructor arguments of `ResNet`.
    """
    check_int("n", n)
    given = {"depths": (n,) * 3, "name": f"resnet_small_{6 * n + 2}", **arguments}
    return ResNet.from_variant("lab32", **given)
