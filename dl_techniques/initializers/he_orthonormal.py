"""Orthonormal directions with the variance of He."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dl_techniques.initializers.host_random import HostInitializer
from dl_techniques.initializers.orthonormal import haar_frame
from dl_techniques.utils.kernels import matrix_shape
from dl_techniques.utils.validation import check


@keras.saving.register_keras_serializable(package="dl_techniques")
class HeOrthonormalInitializer(HostInitializer):
    """Draws an orthonormal kernel scaled so that entries have variance `2 / fan_in`.

        W = Q sqrt(2 max(rows, columns) / rows)

    `rows` is the fan-in: all axes but the last. With no more columns than rows every
    column has norm `sqrt(2)`, which keeps the second moment through a ReLU.

    Args:
        seed: An integer, None for new values at each call, or a `SeedGenerator`.
        he_gain: False leaves the factor out.

    Raises:
        ValueError: For an illegal argument; for a weight of rank below 2.

    Source: He, Zhang, Ren, Sun (2015), arXiv:1502.01852, for the variance; Saxe,
    McClelland, Ganguli (2014), arXiv:1312.6120, for the directions.
    """

    def __init__(self, seed: Any = None, he_gain: bool = True) -> None:
        super().__init__(seed)
        check(isinstance(he_gain, bool), "he_gain", "true or false", he_gain)
        self.he_gain = he_gain

    def values(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        rows, columns = matrix_shape(shape)
        gain = np.sqrt(2 * max(rows, columns) / rows) if self.he_gain else 1.0
        return gain * haar_frame(self.generator(), rows, columns).reshape(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "he_gain": self.he_gain}
