"""Vectors on a sphere, orthogonal where they fit."""

import math
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dl_techniques.initializers.host_random import HostInitializer
from dl_techniques.initializers.orthonormal import haar_frame
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class OrthogonalHypersphereInitializer(HostInitializer):
    """Draws vectors along the last axis, all of norm `radius`.

    They are orthogonal when there are no more of them than dimensions, else
    independent and uniform on the sphere. Meant for prototypes and cluster centres.

    Args:
        radius: Norm of every vector, above 0.
        seed: An integer, None for new values at each call, or a `SeedGenerator`.

    Raises:
        ValueError: For an illegal argument; for a weight of rank below 2.
    """

    def __init__(self, radius: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        check_number("radius", radius, 0, low_open=True)
        self.radius = radius

    def values(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        check(len(shape) > 1, "shape", "of rank 2 or more", shape)
        count, dimension = math.prod(shape[:-1]), shape[-1]
        rng = self.generator()
        if count <= dimension:
            vectors = haar_frame(rng, count, dimension)
        else:
            vectors = rng.normal(size=(count, dimension))
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return self.radius * vectors.reshape(shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "radius": self.radius}
