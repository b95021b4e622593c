"""Several regularizers as one."""

from collections.abc import Sequence
from typing import Any

import keras

from dl_techniques.utils.kernels import as_float32
from dl_techniques.utils.validation import check


@keras.saving.register_keras_serializable(package="dl_techniques")
class SumRegularizer(keras.regularizers.Regularizer):
    """Adds the values of several regularizers of one weight.

    Args:
        regularizers: Regularizers, their names or serialized forms; at least one.

    Raises:
        ValueError: If the list is empty or holds something else.
    """

    def __init__(self, regularizers: Sequence[Any]) -> None:
        many = isinstance(regularizers, list | tuple) and len(regularizers) > 0
        check(many, "regularizers", "a list with at least one part", regularizers)
        parts = [keras.regularizers.get(r) for r in regularizers]
        check(None not in parts, "regularizers", "a list without None", regularizers)
        self.regularizers = parts

    def __call__(self, x: Any) -> Any:
        w = as_float32(x)  # Keras' own would compute in the dtype of the weight
        first, *rest = [regularizer(w) for regularizer in self.regularizers]
        return sum(rest, first)

    def get_config(self) -> dict[str, Any]:
        return {"regularizers": [keras.regularizers.serialize(r) for r in self.parts()]}

    def parts(self) -> list[Any]:
        """Returns the regularizers that are added."""
        return list(self.regularizers)
