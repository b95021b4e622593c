"""Random numbers drawn in float64 on the host, for initializers."""

import random
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.utils.validation import check


class HostInitializer(keras.initializers.Initializer):
    """Base of initializers that compute in NumPy and cast at the end.

    Args:
        seed: An integer gives the same values at each call; None gives new ones at
            each call, decided by `keras.utils.set_random_seed`; a
            `keras.random.SeedGenerator` gives its sequence.
    """

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict):
            seed = keras.saving.deserialize_keras_object(seed)
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        generator = isinstance(seed, keras.random.SeedGenerator)
        legal = seed is None or generator or (whole and seed >= 0)
        check(legal, "seed", "a whole number of at least 0 or None", seed)
        self.seed = int(seed) if whole else seed

    def generator(self) -> np.random.Generator:
        """Returns the source of this call's numbers."""
        if self.seed is None:
            # Python's generator is what `set_random_seed` decides for Keras too.
            return np.random.default_rng(random.getrandbits(31))
        if isinstance(self.seed, int):
            return np.random.default_rng(self.seed)
        state = ops.convert_to_numpy(self.seed.next())
        return np.random.default_rng([int(s) for s in state])

    def values(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Returns the float64 values of a weight of `shape`."""
        raise NotImplementedError

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        dtype = keras.backend.standardize_dtype(dtype or keras.config.floatx())
        values = self.values(tuple(int(n) for n in shape))
        wide = values if dtype == "float64" else values.astype("float32")
        return ops.cast(ops.convert_to_tensor(wide), dtype)

    def get_config(self) -> dict[str, Any]:
        seed = self.seed
        if isinstance(seed, keras.random.SeedGenerator):
            seed = keras.saving.serialize_keras_object(seed)
        return {"seed": seed}
