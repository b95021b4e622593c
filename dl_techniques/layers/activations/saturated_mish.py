"""Mish that levels off."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.activations.base import Elementwise
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")  # type: ignore[untyped-decorator] # keras has no types
def saturated_mish(x: Any, alpha: float = 3.0, beta: float = 0.5) -> Any:
    """Returns mish below `alpha` and its value there above; see `SaturatedMish`."""
    _check(alpha, beta)
    x = ops.convert_to_tensor(x)
    dtype = x.dtype
    x = ops.cast(x, keras.backend.result_type(dtype, "float32"))
    plateau = alpha * math.tanh(math.log1p(math.exp(-alpha)) + alpha)
    t = (x - alpha) / beta
    # sigmoid(-t) in place of 1 - sigmoid(t), which would lose its digits
    y = keras.activations.mish(x) * ops.sigmoid(-t) + plateau * ops.sigmoid(t)
    return ops.cast(y, dtype)


def _check(alpha: float, beta: float) -> None:
    check_number("alpha", alpha, 0, low_open=True)
    check_number("beta", beta, 0, low_open=True)


@keras.saving.register_keras_serializable(package="dl_techniques")
class SaturatedMish(Elementwise):
    """Blends mish into a constant for large values.

        y = mish(x) * (1 - s) + mish(alpha) * s,   s = sigmoid((x - alpha) / beta)

    The plateau is mish(alpha), 2.986 at the default.

    Args:
        alpha: Where the blend is half done, above 0.
        beta: Width of the blend, above 0.

    Raises:
        ValueError: If `alpha` or `beta` is not above 0.

    Source: the project's own.
    """

    def __init__(self, alpha: float = 3.0, beta: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _check(alpha, beta)
        self.alpha = alpha
        self.beta = beta

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return saturated_mish(inputs, self.alpha, self.beta)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha, "beta": self.beta}
