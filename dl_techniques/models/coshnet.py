"""Complex convolutions on a fixed shearlet transform.

One file: the sizes of the maps are told before the graph below is made of them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.layers import (
    ComplexAveragePooling2D,
    ComplexConv2D,
    ComplexDense,
    ComplexReLU,
    ComplexToReal,
    ModReLU,
    ShearletTransform,
)
from dl_techniques.models.variants import Shape, Variants
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

ACTIVATIONS: dict[str, Any] = {"crelu": ComplexReLU, "modrelu": ModReLU}
FRONT_ENDS = ("shearlet", "none")
TO_REAL = ("concat", "magnitude", "magnitude_squared")


@keras.saving.register_keras_serializable(package="dl_techniques")
class CoShNet(Variants, keras.Model):
    """Classifies images by complex features of fixed directional filters.

        shearlets -> [complex conv -> act -> average pool] -> [complex dense -> act]
        -> real and imaginary parts -> classifier

    Nothing is learned before the first convolution. A complex tensor is one real tensor
    with the channels [real | imaginary].

    Args:
        input_shape: (height, width, channels); every channel is filtered on its own.
        num_classes: Number of classes.
        scales: Bands of the transform; None is 2.
        directions: Directions of each band; None is 8 (the paper has 10).
        conv_filters: Complex filters of each convolution.
        conv_kernel: Their size; nothing is padded.
        dense_units: Complex units of each dense layer.
        pool_size: Window of the pooling after each convolution.
        activation: "crelu" on both parts, or "modrelu", which keeps the phase.
        to_real: "concat" of both parts, "magnitude" or "magnitude_squared".
        dropout_rate: Share of complex features dropped after each dense layer.
        front_end: "shearlet", or "none" for an input that is complex already.
        classifier_activation: Of the classifier; None gives logits.
        name: Name of the model.
        dtype: Dtype policy of the layers.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, num_classes)`, float32.

    Weights:
        `conv_{i}/*`, `dense_{i}/*` in real and imaginary parts, `head/*`.

    Raises:
        ValueError: If an argument is out of range or the image too small.

    Source: Ko, Panchal, Andrade-Loarca, Mendez-Vazquez (2022), arXiv:2208.06882; start
    of Trabelsi et al. (2018), arXiv:1705.09792.
    """

    title = "coshnet"
    variants = MappingProxyType(
        {
            "base": MappingProxyType({"input_shape": (32, 32, 1)}),
            "tiny": MappingProxyType(
                {
                    "input_shape": (32, 32, 1),
                    "conv_filters": (10, 16),
                    "dense_units": (64, 10),
                }
            ),
            "lab8": MappingProxyType(
                {
                    "input_shape": (8, 8, 1),
                    "conv_filters": (8,),
                    "conv_kernel": 3,
                    "dense_units": (32,),
                }
            ),
        }
    )

    def __init__(
        self,
        input_shape: Sequence[int] = (32, 32, 1),
        num_classes: int = 10,
        scales: int | None = None,
        directions: int | None = None,
        conv_filters: Sequence[int] = (30, 50),
        conv_kernel: int = 5,
        dense_units: Sequence[int] = (500, 10),
        pool_size: int = 2,
        activation: str = "crelu",
        to_real: str = "concat",
        dropout_rate: float = 0.0,
        front_end: str = "shearlet",
        classifier_activation: Any = "softmax",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_int("num_classes", num_classes)
        check_int("scales", scales, optional=True)
        check_int("directions", directions, optional=True)
        many = {"conv_filters": conv_filters, "dense_units": dense_units}
        for argument, values in many.items():
            for value in values:
                check_int(argument, value)
        check_int("conv_kernel", conv_kernel)
        check_int("pool_size", pool_size)
        check_choice("activation", activation, tuple(ACTIVATIONS))
        check_choice("to_real", to_real, TO_REAL)
        check_number("dropout_rate", dropout_rate, 0, high=1, high_open=True)
        check_choice("front_end", front_end, FRONT_ENDS)
        policy = keras.dtype_policies.get(dtype)
        last = keras.activations.get(classifier_activation)
        given = {
            "input_shape": list(input_shape),
            "num_classes": num_classes,
            "scales": scales,
            "directions": directions,
            "conv_filters": list(conv_filters),
            "conv_kernel": conv_kernel,
            "dense_units": list(dense_units),
            "pool_size": pool_size,
            "activation": activation,
            "to_real": to_real,
            "dropout_rate": dropout_rate,
            "front_end": front_end,
            "classifier_activation": classifier_activation
            if classifier_activation is None
            else keras.activations.serialize(last),
            "dtype": policy.name,
        }
        _check_size(tuple(input_shape), given)
        inputs = keras.Input(tuple(input_shape), name="input")
        outputs = _outputs(inputs, given, policy)
        super().__init__(inputs=inputs, outputs=outputs, name=name or self.title)
        self.dtype_policy = policy
        self._arguments = MappingProxyType({**given, "name": self.name})

    @classmethod
    def misfit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> str | None:
        defaults = {"conv_filters": (30, 50), "conv_kernel": 5, "pool_size": 2}
        sides = _sides(input_shape, {**defaults, **arguments})
        return None if min(sides[-1]) >= 1 else _way(sides)


def _sides(shape: Shape, given: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Returns height and width before and after each convolution and pooling."""
    sides = [(int(shape[0] or 0), int(shape[1] or 0))]
    for _ in given["conv_filters"]:
        rest = [n - given["conv_kernel"] + 1 for n in sides[-1]]
        sides.append((rest[0] // given["pool_size"], rest[1] // given["pool_size"]))
    return sides


def _way(sides: list[tuple[int, int]]) -> str:
    return " -> ".join(f"{h} x {w}" for h, w in sides)


def _check_size(shape: tuple[int, ...], given: Mapping[str, Any]) -> None:
    known = len(shape) == 3 and all(isinstance(n, int) and n > 0 for n in shape)
    check(known, "input_shape", "(height, width, channels), all known", shape)
    sides = _sides(shape, given)
    rule = "large enough for these convolutions: "
    rule += f"{_way(sides)} must not fall below 1 x 1"
    check(min(sides[-1]) >= 1, "input_shape", rule, shape)


def _outputs(inputs: Any, given: Mapping[str, Any], policy: Any) -> Any:
    """Applies the layers to the image."""
    x, activate = inputs, ACTIVATIONS[given["activation"]]
    if given["front_end"] == "shearlet":
        x = ShearletTransform(
            given["scales"] or 2,
            given["directions"] or 8,
            complex_output=True,
            include_lowpass=False,
            dtype=policy,
            name="shearlets",
        )(x)
    for i, filters in enumerate(given["conv_filters"]):
        size = given["conv_kernel"]
        x = ComplexConv2D(
            filters, size, padding="valid", dtype=policy, name=f"conv_{i}"
        )(x)
        x = activate(dtype=policy, name=f"conv_{i}_act")(x)
        x = ComplexAveragePooling2D(
            given["pool_size"], dtype=policy, name=f"conv_{i}_pool"
        )(x)
    x = _flat(x, policy)
    for i, units in enumerate(given["dense_units"]):
        x = ComplexDense(units, dtype=policy, name=f"dense_{i}")(x)
        x = activate(dtype=policy, name=f"dense_{i}_act")(x)
        x = _dropped(x, given["dropout_rate"], policy, f"dense_{i}_drop")
    x = ComplexToReal(given["to_real"], dtype=policy, name="to_real")(x)
    exact = keras.backend.result_type(policy.compute_dtype, "float32")
    return keras.layers.Dense(
        given["num_classes"],
        activation=given["classifier_activation"],
        dtype=exact,
        name="head",
    )(x)


def _flat(x: Any, policy: Any) -> Any:
    """Flattens complex maps so that all real parts come before all imaginary ones."""
    _, height, width, channels = x.shape
    parts = (height, width, 2, channels // 2)
    x = keras.layers.Reshape(parts, dtype=policy, name="parts")(x)
    x = keras.layers.Permute((3, 1, 2, 4), dtype=policy, name="parts_first")(x)
    return keras.layers.Flatten(dtype=policy, name="flat")(x)


def _dropped(x: Any, rate: float, policy: Any, name: str) -> Any:
    """Drops complex features, both parts at once."""
    if not rate:
        return x
    units = x.shape[-1] // 2
    x = keras.layers.Reshape((2, units), dtype=policy, name=f"{name}_parts")(x)
    drop = keras.layers.Dropout(rate, (None, 1, units), dtype=policy, name=name)
    return keras.layers.Reshape((2 * units,), dtype=policy, name=f"{name}_flat")(
        drop(x)
    )
