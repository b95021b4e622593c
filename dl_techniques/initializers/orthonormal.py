"""Orthonormal kernels of any rank."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dl_techniques.initializers.host_random import HostInitializer
from dl_techniques.utils.kernels import VIEWS, matrix_shape
from dl_techniques.utils.validation import check_choice, check_number


def haar_frame(
    rng: np.random.Generator, rows: int, columns: int
) -> NDArray[np.float64]:
    """Draws a matrix whose shorter side is orthonormal, uniformly among all of them."""
    a = rng.normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(a)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return q if rows >= columns else q.T


@keras.saving.register_keras_serializable(package="dl_techniques")
class OrthonormalInitializer(HostInitializer):
    """Draws a kernel whose smaller Gram matrix is `gain^2 I`.

        A ~ N(0, 1) of shape (max, min);  A = Q R;  Q <- Q diag(sign(diag R))

    The kernel is seen as a matrix `(everything else, last axis)`; `Q` is transposed
    when that is wider than high. The law is uniform (Haar), that of
    `keras.initializers.Orthogonal`; here the factorisation runs in float64 on the
    host, so that half precision weights are orthonormal up to their own rounding.

    Args:
        gain: Factor on the result, at least 0.
        seed: An integer, None for new values at each call, or a `SeedGenerator`.
        view: "kernel", or "depthwise" for `(h, w, c, m)` seen as `(h * w, c * m)`.

    Raises:
        ValueError: For an illegal argument; for a weight of rank below 2.

    Source: Saxe, McClelland, Ganguli (2014), arXiv:1312.6120; sign rule of Mezzadri
    (2007), arXiv:math-ph/0609050.
    """

    def __init__(
        self, gain: float = 1.0, seed: Any = None, view: str = "kernel"
    ) -> None:
        super().__init__(seed)
        check_number("gain", gain, 0)
        check_choice("view", view, VIEWS)
        self.gain = gain
        self.view = view

    def values(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        rows, columns = matrix_shape(shape, self.view)
        return self.gain * haar_frame(self.generator(), rows, columns).reshape(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain, "view": self.view}
