"""What the two ConvNeXt families share.

One file: the sizes, and the one graph that is made from them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from dl_techniques.layers import stochastic_depth_rates
from dl_techniques.models.classifier_options import ClassifierOptions
from dl_techniques.models.image_classifier import ImageClassifier, level
from dl_techniques.models.variants import Shape
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

EPSILON = 1e-6
SMALL = {
    "lab8": {
        "depths": (1, 1),
        "dims": (16, 32),
        "kernel_size": 3,
        "patch_size": 1,
        "downsample": (2,),
        "input_shape": (8, 8, 1),
        "classes": 10,
    },
    "lab28": {
        "depths": (1, 1, 2),
        "dims": (24, 48, 96),
        "kernel_size": 5,
        "patch_size": 2,
        "downsample": (2, 2),
        "pad_odd": True,
        "input_shape": (28, 28, 1),
        "classes": 10,
    },
    "lab32": {
        "depths": (2, 2, 2),
        "dims": (32, 64, 128),
        "kernel_size": 5,
        "patch_size": 2,
        "downsample": (2, 2),
        "input_shape": (32, 32, 3),
        "classes": 10,
    },
    "cifar_atto": {
        "depths": (2, 2, 6, 2),
        "dims": (40, 80, 160, 320),
        "patch_size": 1,
        "input_shape": (32, 32, 3),
        "classes": 10,
    },
}
PUBLIC: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "atto": ((2, 2, 6, 2), (40, 80, 160, 320)),
    "femto": ((2, 2, 6, 2), (48, 96, 192, 384)),
    "pico": ((2, 2, 6, 2), (64, 128, 256, 512)),
    "nano": ((2, 2, 8, 2), (80, 160, 320, 640)),
    "tiny": ((3, 3, 9, 3), (96, 192, 384, 768)),
    "small": ((3, 3, 27, 3), (96, 192, 384, 768)),
    "base": ((3, 3, 27, 3), (128, 256, 512, 1024)),
    "large": ((3, 3, 27, 3), (192, 384, 768, 1536)),
    "xlarge": ((3, 3, 27, 3), (256, 512, 1024, 2048)),
    "huge": ((3, 3, 27, 3), (352, 704, 1408, 2816)),
}


def public_variants(*names: str) -> dict[str, dict[str, Any]]:
    """Returns the published variants of these names, then the small ones."""
    public = {n: {"depths": PUBLIC[n][0], "dims": PUBLIC[n][1]} for n in names}
    return {**public, **SMALL}


class ConvNext(ImageClassifier):
    """Stem, stages of blocks with halvings between them, pool, norm, classifier."""

    @classmethod
    def misfit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> str | None:
        patch = arguments.get("patch_size", 4)
        stride = arguments.get("patch_stride") or patch
        steps, padded = _steps(arguments), arguments.get("pad_odd", False)
        for side in input_shape[:2]:
            if side is None:
                continue
            sides = [(side - patch) // stride + 1 if side >= patch else 0]
            for step in steps:
                if sides[-1] < step or (sides[-1] % step and not padded):
                    break
                sides.append(-(-sides[-1] // step))
            if sides[-1] < 1 or len(sides) <= len(steps):
                path = " -> ".join(map(str, (side, *sides)))
                return f"{path} cannot go through all of the {len(steps) + 1} stages"
        return None

    def make(
        self,
        arguments: dict[str, Any],
        options: ClassifierOptions,
        block: Callable[..., Any],
        name: str | None,
    ) -> None:
        """Checks the shared arguments and builds the graph.

        Args:
            arguments: Constructor arguments of the family.
            options: The classifier arguments.
            block: Makes a block from `filters` and the usual arguments.
            name: The model's name.
        """
        plain = {k: _plain(v) for k, v in arguments.items()}
        _check(plain)
        self.check_fit(options.shape, plain)

        def body(x: Any, pyramid: dict[str, Any]) -> Any:
            x = _stages(x, plain, options, block, pyramid)
            return _head(x, plain["head_init_scale"], options)

        self.assemble(plain, options, body, name)


def _check(given: dict[str, Any]) -> None:
    depths, dims = given["depths"], given["dims"]
    for name in ("depths", "dims"):
        many = isinstance(given[name], list) and len(given[name]) > 0
        check(many, name, "a list with one number a stage", given[name])
        for value in given[name]:
            check_int(name, value)
    check(len(dims) == len(depths), "dims", f"of {len(depths)} stages", dims)
    for name in ("kernel_size", "patch_size"):
        check_int(name, given[name])
    check_int("patch_stride", given["patch_stride"], optional=True)
    check_number("head_init_scale", given["head_init_scale"], 0)
    check_choice("pad_odd", given["pad_odd"], (True, False))
    steps = given["downsample"]
    rule = f"a list of at least {len(depths) - 1} factors, one between two stages"
    many = isinstance(steps, list) and len(steps) >= len(depths) - 1
    check(many, "downsample", rule, steps)
    for step in steps:
        check_int("downsample", step)


def _steps(arguments: Mapping[str, Any]) -> list[int]:
    steps = arguments.get("downsample", (2, 2, 2))
    return list(steps)[: len(arguments["depths"]) - 1]


def _stages(
    x: Any,
    given: dict[str, Any],
    options: ClassifierOptions,
    block: Callable[..., Any],
    pyramid: dict[str, Any],
) -> Any:
    depths, dims = given["depths"], given["dims"]
    stride = given["patch_stride"] or given["patch_size"]
    x = _conv(dims[0], given["patch_size"], stride, "stem_conv", options)(x)
    x = _norm("stem_norm", options)(x)
    rates = iter(stochastic_depth_rates(sum(depths), options.drop_path_rate))
    for s, depth in enumerate(depths):
        if s:
            step = given["downsample"][s - 1]
            name = f"stages_{s}_downsample"
            x = _norm(f"{name}_norm", options)(x)
            padding = "same" if given["pad_odd"] else "valid"
            x = _conv(dims[s], step, step, f"{name}_conv", options, padding)(x)
            stride *= step
        for j in range(depth):
            x = block(
                kernel_size=given["kernel_size"],
                drop_path_rate=next(rates),
                kernel_regularizer=options.regularizer(),
                dtype=options.policy,
                name=f"stages_{s}_blocks_{j}",
            )(x)
        pyramid[level(stride)] = x
    return x


def _head(x: Any, scale: float, options: ClassifierOptions) -> Any:
    x = _norm("head_norm", options)(options.pooled(x))
    if not options.include_top:
        return x
    start = keras.initializers.TruncatedNormal(stddev=0.02 * scale)
    return options.classified(x, start if scale else "zeros")


def _conv(
    filters: int,
    size: int,
    stride: int,
    name: str,
    options: ClassifierOptions,
    padding: str = "valid",
) -> keras.layers.Layer:
    return keras.layers.Conv2D(
        filters,
        size,
        strides=stride,
        padding=padding,
        kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.02),
        kernel_regularizer=options.regularizer(),
        dtype=options.policy,
        name=name,
    )


def _norm(name: str, options: ClassifierOptions) -> keras.layers.Layer:
    return keras.layers.LayerNormalization(
        epsilon=EPSILON, dtype=options.policy, name=name
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, Sequence) else value
