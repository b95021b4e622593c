"""The arguments that every image classifier takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from dl_techniques.utils.validation import (
    check,
    check_choice,
    check_int,
    check_number,
)

Shape = tuple[int | None, ...]
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


@dataclass(frozen=True)
class ClassifierOptions:
    """Checked classifier arguments and the layers that they decide.

    Attributes:
        include_top: Whether pooling and classifier are part of the model.
        weights: What to load, or None.
        input_shape: (height, width, channels); None is the default size with the top
            and any size of 3 channels without it.
        classes: Outputs of the classifier.
        pooling: None, "avg" or "max"; only without the top.
        classifier_activation: Activation of the classifier; None gives logits.
        include_preprocessing: True scales inputs in [0, 255] by the mean and deviation
            of ImageNet, a mapping with `mean` and `std` by its own numbers in [0, 1];
            "auto" is True when there are 3 channels and `weights` is given.
        dropout_rate: Dropout before the classifier, in [0, 1).
        drop_path_rate: Stochastic depth of the last block, in [0, 1).
        kernel_regularizer: Penalty on every kernel.
        dtype: Dtype policy; None is the global one.
        default_size: Side of the default input.
    """

    include_top: bool
    weights: str | None
    input_shape: Shape | None
    classes: int
    pooling: str | None
    classifier_activation: Any
    include_preprocessing: Any
    dropout_rate: float
    drop_path_rate: float
    kernel_regularizer: Any
    dtype: Any
    default_size: int = 224

    def __post_init__(self) -> None:
        check_choice("include_top", self.include_top, (True, False))
        check_int("classes", self.classes)
        check_choice("pooling", self.pooling, (None, "avg", "max"))
        for name in ("dropout_rate", "drop_path_rate"):
            check_number(name, getattr(self, name), 0, high=1, high_open=True)
        layout = keras.config.image_data_format()
        check(layout == "channels_last", "image_data_format", "channels_last", layout)
        kind = self.weights is None or isinstance(self.weights, str)
        check(kind, "weights", "None, a tag, a hub id or a path", self.weights)
        _check_shape(self.shape)
        _check_preprocessing(self.include_preprocessing)

    @property
    def shape(self) -> Shape:
        """The input's shape without the batch."""
        if self.input_shape is not None:
            return tuple(self.input_shape)
        side = self.default_size if self.include_top else None
        return (side, side, 3)

    @property
    def policy(self) -> Any:
        """The dtype policy of every layer."""
        return keras.dtype_policies.get(self.dtype)

    def regularizer(self) -> Any:
        """Returns a kernel penalty of its own for one layer."""
        penalty = keras.regularizers.get(self.kernel_regularizer)
        if penalty is None:
            return None
        return keras.regularizers.get(keras.regularizers.serialize(penalty))

    def preprocessing(self) -> dict[str, tuple[float, ...]] | None:
        """Returns `mean` and `std` of the inserted scaling, or None."""
        given = self.include_preprocessing
        if isinstance(given, Mapping):
            return {key: tuple(given[key]) for key in ("mean", "std")}
        if given == "auto":
            given = self.weights is not None and self.shape[-1] == 3
        return dict(IMAGENET) if given else None

    def scaled(self, x: Any) -> Any:
        """Returns the inputs, scaled where the arguments say so."""
        numbers = self.preprocessing()
        if numbers is None:
            return x
        rule = f"of {len(numbers['mean'])} channels with `include_preprocessing`"
        fits = self.shape[-1] == len(numbers["mean"])
        check(fits, "input_shape", rule, self.input_shape)
        layer = keras.layers.Normalization(
            mean=[255.0 * m for m in numbers["mean"]],
            variance=[(255.0 * s) ** 2 for s in numbers["std"]],
            dtype=self.policy,
            name="preprocessing",
        )
        return layer(x)

    def pooled(self, x: Any) -> Any:
        """Pools a map as `pooling` says, or averages it under the top."""
        kind = "avg" if self.include_top else self.pooling
        pools = {
            "avg": keras.layers.GlobalAveragePooling2D,
            "max": keras.layers.GlobalMaxPooling2D,
        }
        return pools[kind](dtype=self.policy, name="pool")(x) if kind else x

    def classified(self, x: Any, initializer: Any) -> Any:
        """Adds dropout and the classifier, whose outputs are float32."""
        if self.dropout_rate:
            x = keras.layers.Dropout(
                self.dropout_rate, dtype=self.policy, name="head_dropout"
            )(x)
        exact = keras.backend.result_type(self.policy.compute_dtype, "float32")
        return keras.layers.Dense(
            self.classes,
            activation=self.classifier_activation,
            kernel_initializer=initializer,
            kernel_regularizer=self.regularizer(),
            dtype=exact,
            name="head",
        )(x)

    def config(self) -> dict[str, Any]:
        """Returns the arguments that rebuild the same graph, ready for JSON.

        `weights` is left out: a rebuilt model loads its own file, not the hub's.
        """
        penalty = keras.regularizers.get(self.kernel_regularizer)
        activation = keras.activations.get(self.classifier_activation)
        numbers = self.preprocessing()
        plain = numbers == IMAGENET
        return {
            "include_top": self.include_top,
            "weights": None,
            "input_shape": None if self.input_shape is None else list(self.shape),
            "classes": self.classes,
            "pooling": self.pooling,
            "classifier_activation": None
            if self.classifier_activation is None
            else keras.activations.serialize(activation),
            "include_preprocessing": numbers is not None
            if plain or not numbers
            else {key: list(value) for key, value in numbers.items()},
            "dropout_rate": self.dropout_rate,
            "drop_path_rate": self.drop_path_rate,
            "kernel_regularizer": keras.regularizers.serialize(penalty),
            "dtype": self.policy.name,
        }


def _check_shape(shape: Shape) -> None:
    fits = len(shape) == 3 and all(
        n is None or (isinstance(n, int) and not isinstance(n, bool) and n > 0)
        for n in shape
    )
    rule = "(height, width, channels) with positive sizes and known channels"
    check(fits and shape[-1] is not None, "input_shape", rule, shape)


def _check_preprocessing(value: Any) -> None:
    if isinstance(value, Mapping):
        same = {"mean", "std"} == set(value) and len(value["mean"]) == len(value["std"])
        rule = "a mapping with `mean` and `std` of equal length"
        check(same, "include_preprocessing", rule, value)
        return
    check_choice("include_preprocessing", value, (True, False, "auto"))
