"""A function for each published variant, with the classifier arguments."""

from collections.abc import Callable
from typing import Any


def variant_function(family: Any, variant: str, name: str) -> Callable[..., Any]:
    """Returns a function that builds this variant of `family`."""

    def build(
        include_top: bool = True,
        weights: str | None = None,
        input_shape: Any = None,
        classes: int = 1000,
        pooling: str | None = None,
        classifier_activation: Any = "softmax",
        include_preprocessing: Any = "auto",
        dropout_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        kernel_regularizer: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **arguments: Any,
    ) -> Any:
        return family.from_variant(
            variant,
            include_top=include_top,
            weights=weights,
            input_shape=input_shape,
            classes=classes,
            pooling=pooling,
            classifier_activation=classifier_activation,
            include_preprocessing=include_preprocessing,
            dropout_rate=dropout_rate,
            drop_path_rate=drop_path_rate,
            kernel_regularizer=kernel_regularizer,
            name=name,
            dtype=dtype,
            **arguments,
        )

    build.__name__ = build.__qualname__ = name
    build.__module__ = family.__module__
    build.__doc__ = (
        f"Returns the variant {variant!r} of `{family.__name__}`.\n\n"
        "    The arguments are those of the family; its docstring explains them.\n"
        "    Inputs are normalised already unless `include_preprocessing` is on: by\n"
        "    itself for 3 channels with `weights`, for inputs in [0, 255].\n"
    )
    return build
