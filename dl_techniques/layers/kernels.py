"""Arguments that reach every kernel and bias of a layer's sub-layers."""

from typing import Any

import keras


def fresh_initializer(initializer: Any, number: int = 0) -> Any:
    """Returns a copy of `initializer` for the kernel of this number.

    A seeded initializer would fill two kernels of one shape alike, so each number
    gets a seed of its own; number 0 keeps the given one.
    """
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    config = initializer.get_config()
    if isinstance(config.get("seed"), int):
        config["seed"] += number
    return type(initializer).from_config(config)


class KernelArguments:
    """The usual initializer, regularizer and constraint of kernels and biases.

    Args:
        kernel_initializer: Start of every kernel; each gets its own copy.
        bias_initializer: Start of every bias.
        kernel_regularizer: Penalty on every kernel.
        bias_regularizer: Penalty on every bias.
        kernel_constraint: Projection of every kernel after each step.
        bias_constraint: Projection of every bias after each step.
    """

    def __init__(
        self,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
    ) -> None:
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def of_kernel(self, number: int = 0) -> dict[str, Any]:
        """Returns the arguments of one sub-layer, by its number among them."""
        return {
            "kernel_initializer": fresh_initializer(self.kernel_initializer, number),
            "bias_initializer": fresh_initializer(self.bias_initializer, number),
            "kernel_regularizer": self.kernel_regularizer,
            "bias_regularizer": self.bias_regularizer,
            "kernel_constraint": self.kernel_constraint,
            "bias_constraint": self.bias_constraint,
        }

    def config(self) -> dict[str, Any]:
        """Returns the six arguments, ready for JSON."""
        return {name: _SERIALIZE[name](getattr(self, name)) for name in _NAMES}


_SERIALIZE = {
    "kernel_initializer": keras.initializers.serialize,
    "bias_initializer": keras.initializers.serialize,
    "kernel_regularizer": keras.regularizers.serialize,
    "bias_regularizer": keras.regularizers.serialize,
    "kernel_constraint": keras.constraints.serialize,
    "bias_constraint": keras.constraints.serialize,
}
_NAMES = tuple(_SERIALIZE)
