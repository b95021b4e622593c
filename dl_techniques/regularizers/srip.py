"""Spectral restricted isometry penalty."""

from typing import Any

import keras
import numpy as np
from keras import ops

from dl_techniques.regularizers.strength import make_strength, times
from dl_techniques.utils.kernels import as_matrix, gram, upright
from dl_techniques.utils.validation import check, check_int, check_number

ROUNDING = 2e-6  # what float32 leaves of G - I for an orthonormal kernel


@keras.saving.register_keras_serializable(package="dl_techniques")
class SRIPRegularizer(keras.regularizers.Regularizer):
    """Penalises the largest distance of a squared singular value from 1.

        A = G - I;  v <- A v / ||A v||, `power_iterations` times;  strength ||A v||

    `G` is the smaller Gram matrix of the kernel as a matrix `(everything else, last
    axis)`. The value tends to `strength * max_i |sigma_i^2 - 1|` from below; `v`
    starts from a unit vector fixed by `seed` and the size, and carries no gradient.
    Below the float32 rounding of an orthonormal kernel (2e-6) the value is 0.

    Args:
        strength: Weight of the penalty, at least 0.
        power_iterations: Steps before the last product, at least 1.
        squared: Whether the norm is squared.
        epsilon: Floor under the norm that divides, above 0.
        seed: Seed of the starting vector.
        schedulable: Whether `strength` is a variable that a callback may change.

    Raises:
        ValueError: For an illegal argument; when called on a weight of rank 1.

    Source: Bansal, Chen, Wang (2018), arXiv:1810.09102, section 3.3, eq. 9-10.
    """

    def __init__(
        self,
        strength: float = 0.1,
        power_iterations: int = 2,
        squared: bool = False,
        epsilon: float = 1e-12,
        seed: int = 0,
        schedulable: bool = True,
    ) -> None:
        check_int("power_iterations", power_iterations)
        check(isinstance(squared, bool), "squared", "true or false", squared)
        check_number("epsilon", epsilon, 0, low_open=True)
        check_int("seed", seed, 0)
        self.strength = make_strength("strength", strength, schedulable)
        self.initial_strength = strength
        self.power_iterations = power_iterations
        self.squared = squared
        self.epsilon = epsilon
        self.seed = seed
        self.schedulable = schedulable

    def start(self, n: int) -> Any:
        """Returns the fixed unit column `(n, 1)` the iteration starts from."""
        v = np.random.default_rng([self.seed, n]).normal(size=(n, 1))
        return ops.convert_to_tensor((v / np.linalg.norm(v)).astype("float32"))

    def __call__(self, x: Any) -> Any:
        g = gram(upright(as_matrix(x)))
        a = g - ops.eye(g.shape[0], dtype=g.dtype)
        fixed = ops.stop_gradient(a)
        v = self.start(g.shape[0])
        for _ in range(self.power_iterations):
            v = ops.matmul(fixed, v)
            v = v / ops.maximum(ops.sqrt(ops.sum(ops.square(v))), self.epsilon)
        total = ops.sum(ops.square(ops.matmul(a, ops.stop_gradient(v))))
        seen = total > ROUNDING**2
        value = ops.where(seen, total, 1.0)
        value = value if self.squared else ops.sqrt(value)
        return times(self.strength, ops.where(seen, value, 0.0))

    def get_config(self) -> dict[str, Any]:
        return {
            "strength": self.initial_strength,
            "power_iterations": self.power_iterations,
            "squared": self.squared,
            "epsilon": self.epsilon,
            "seed": self.seed,
            "schedulable": self.schedulable,
        }
