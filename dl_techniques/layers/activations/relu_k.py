"""Powers of the rectifier."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.activations.base import Elementwise
from dl_techniques.utils.validation import check_int


def relu_power(x: Any, k: int) -> Any:
    """Returns `relu(x) ** k` in float32 or better.

    Whole powers by multiplication have a finite gradient at 0 on every backend.
    """
    r = ops.relu(ops.cast(x, keras.backend.result_type(x.dtype, "float32")))
    y = r
    for _ in range(k - 1):
        y = y * r
    return y


@keras.saving.register_keras_serializable(package="dl_techniques")
class ReLUK(Elementwise):
    """Raises the positive part to a whole power.

        y = relu(x) ** k

    Computed in float32; a float16 result beyond its range is held at its largest value.

    Args:
        k: The power, an integer of at least 1; 1 is ReLU.

    Raises:
        ValueError: If `k` is not such an integer.

    Source: Qiu et al. (2024), arXiv:2412.13571.
    """

    def __init__(self, k: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_int("k", k)
        self.k = k

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return ops.saturate_cast(relu_power(inputs, self.k), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k}
