"""Kernels kept near an orthonormal frame."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.kernels import VIEWS, as_matrix, upright
from dl_techniques.utils.validation import check_choice, check_int

LIMIT = 1.7  # just below sqrt(3)


@keras.saving.register_keras_serializable(package="dl_techniques")
class OrthonormalConstraint(keras.constraints.Constraint):
    """Moves a kernel towards the nearest orthonormal one after each update.

        M <- 1.5 M - 0.5 M M^T M, `iterations` times (Newton-Schulz)

    The bound `b = sqrt(min(||M^T M||_inf, ||M^T M||_F))` on the spectral norm divides
    `M` first when it is above 1.7, because the iteration needs singular values below
    `sqrt(3)`. Orthonormal kernels are fixed points; singular values in `(0, sqrt(3))`
    come closer to 1 at each step.

    Args:
        iterations: Newton-Schulz steps after each update, at least 1.
        view: "kernel", or "depthwise" for `(h, w, c, m)` seen as `(h * w, c * m)`.

    Raises:
        ValueError: For an illegal argument; when called on a weight of rank 1.

    Source: Bjorck, Bowie (1971), SIAM J. Numer. Anal. 8(2).
    """

    def __init__(self, iterations: int = 2, view: str = "kernel") -> None:
        check_int("iterations", iterations)
        check_choice("view", view, VIEWS)
        self.iterations = iterations
        self.view = view

    def __call__(self, w: Any) -> Any:
        w = ops.convert_to_tensor(w)
        m = as_matrix(w, self.view)
        wide = m.shape[0] < m.shape[1]
        m = upright(m)
        bound = _bound(m)
        m = m / ops.where(bound > LIMIT, bound, 1.0)
        for _ in range(self.iterations):
            m = 1.5 * m - 0.5 * ops.matmul(m, ops.matmul(ops.transpose(m), m))
        m = ops.transpose(m) if wide else m
        return ops.cast(ops.reshape(m, w.shape), w.dtype)

    def get_config(self) -> dict[str, Any]:
        return {"iterations": self.iterations, "view": self.view}


def _bound(m: Any) -> Any:
    g = ops.matmul(ops.transpose(m), m)
    largest_row = ops.max(ops.sum(ops.abs(g), axis=0))
    return ops.sqrt(ops.minimum(largest_row, ops.sqrt(ops.sum(ops.square(g)))))
