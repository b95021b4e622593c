"""A self-organising map on a grid of cells.

One class: the call moves the map, and everything else looks at it.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers import prototypes
from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Shape = tuple[int | None, ...]
NEIGHBORHOODS = ("gaussian", "bubble")
DECAYS = ("linear", "exponential")
OUTPUTS = ("dict", "quantization_error", "bmu_onehot")
LAST_SIGMA = 0.5
LAST_RATE = 0.01


@keras.saving.register_keras_serializable(package="dl_techniques")
class SOM2dLayer(Explained, keras.layers.Layer):
    """Finds the cell of a map that is nearest to each vector, and unfolds the map.

        bmu(x) = argmin_c ||x - w_c||,  error(x) = ||x - w_bmu||

    A training call moves the whole map once and counts one iteration t:

        w_c = w_c + rate(t) * mean over the batch of h(bmu, c) (x - w_c)
        h = exp(-g^2 / (2 sigma(t)^2)) or, "bubble", 1 where g <= sigma(t)

    with g the distance of two cells on the grid.

    Args:
        map_size: Rows and columns of the grid.
        initial_learning_rate: `rate(0)`, in (0, 1].
        sigma: `sigma(0)` in cells, above 0; None is half the longer side.
        neighborhood: "gaussian" or "bubble".
        decay: How rate and sigma fall with t / max_iterations: "linear" (rate to 0),
            or "exponential" (rate to a hundredth). Sigma ends at 0.5.
        max_iterations: Training calls after which nothing moves any more.
        initializer: Start of the map.
        output: "dict" of `bmu` and `error`; "quantization_error", the error alone;
            "bmu_onehot", 1 at the best cell of the flat map.

    Shapes:
        `(batch, ..., features)` -> `bmu` (batch, ..., 2) integers and `error`
        (batch, ...); "bmu_onehot" (batch, ..., rows * columns).

    Weights:
        `som_weights` (rows, columns, features) and `iterations` (), not trained by
        gradients.

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is below 2 or
            the number of features unknown.

    Source: Kohonen (1982), Biological Cybernetics 43, 59-69. Departure: one step for
    the mean of a batch; masked positions move nothing.
    """

    def __init__(
        self,
        map_size: Any,
        initial_learning_rate: float = 0.1,
        sigma: float | None = None,
        neighborhood: str = "gaussian",
        decay: str = "linear",
        max_iterations: int = 1000,
        initializer: Any = "random_uniform",
        output: str = "dict",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        pair = isinstance(map_size, list | tuple) and len(map_size) == 2
        check(pair, "map_size", "a pair of integers, each at least 1", map_size)
        for side in map_size:
            check_int("map_size", side)
        check_number(
            "initial_learning_rate", initial_learning_rate, 0, low_open=True, high=1
        )
        check_number("sigma", sigma, 0, low_open=True, optional=True)
        check_choice("neighborhood", neighborhood, NEIGHBORHOODS)
        check_choice("decay", decay, DECAYS)
        check_int("max_iterations", max_iterations)
        check_choice("output", output, OUTPUTS)
        self.map_size = tuple(map_size)
        self.initial_learning_rate = initial_learning_rate
        self.sigma = sigma
        self.neighborhood = neighborhood
        self.decay = decay
        self.max_iterations = max_iterations
        self.initializer = keras.initializers.get(initializer)
        self.output_form = output
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        self.som_weights = self.add_weight(
            name="som_weights",
            shape=(*self.map_size, prototypes.known_width(input_shape)),
            initializer=self.initializer,
            trainable=False,
            autocast=False,
        )
        self.iterations = self.add_weight(
            name="iterations",
            shape=(),
            dtype="int32",
            initializer="zeros",
            trainable=False,
        )

    def _cells(self) -> Any:
        """Returns the map as (cells, features)."""
        width = self.som_weights.shape[-1]
        return ops.reshape(ops.convert_to_tensor(self.som_weights), (-1, width))

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,
        mask: Any = None,
    ) -> Any:
        x = prototypes.at_least_float32(inputs)
        squares = prototypes.squared_distances(x, self._cells())
        best = ops.argmin(squares, axis=-1)
        if training and self.trainable:
            self._move(x, best, mask)
        if self.output_form == "bmu_onehot":
            return ops.one_hot(best, self._count(), dtype=self.compute_dtype)
        error = prototypes.distances(ops.min(squares, axis=-1))
        error = ops.cast(error, self.compute_dtype)
        if self.output_form == "quantization_error":
            return error
        columns = self.map_size[1]
        bmu = ops.stack([best // columns, best % columns], axis=-1)
        return {"bmu": ops.cast(bmu, "int32"), "error": error}

    def _count(self) -> int:
        return self.map_size[0] * self.map_size[1]

    def rate_and_sigma(self) -> tuple[Any, Any]:
        """Returns the step and the width of the neighbourhood at this iteration."""
        first = self.sigma or max(self.map_size) / 2
        last = min(LAST_SIGMA, first)
        share = ops.cast(self.iterations, "float32") / self.max_iterations
        if self.decay == "linear":
            rate = self.initial_learning_rate * ops.maximum(1 - share, 0.0)
            return rate, ops.maximum(first + (last - first) * share, last)
        rate = self.initial_learning_rate * ops.power(LAST_RATE, share)
        sigma = ops.maximum(first * ops.power(last / first, share), last)
        return ops.where(share < 1, rate, 0.0), sigma

    def _grid_squares(self) -> NDArray[np.float32]:
        """Returns the squared distance of every pair of cells on the grid."""
        cells = np.indices(self.map_size).reshape(2, -1).T
        apart = cells[:, None] - cells
        return np.asarray((apart**2).sum(-1), dtype=np.float32)

    def _move(self, x: Any, best: Any, mask: Any) -> None:
        cells = self._cells()
        rate, sigma = (ops.cast(v, cells.dtype) for v in self.rate_and_sigma())
        x = ops.stop_gradient(ops.reshape(x, (-1, x.shape[-1])))
        best = ops.reshape(best, (-1,))
        hits = ops.one_hot(best, self._count(), dtype=cells.dtype)
        if mask is not None and len(mask.shape) > 0:
            counts = ops.cast(ops.reshape(mask, (-1, 1)), cells.dtype)
            hits = hits * counts
        total = ops.maximum(ops.sum(hits), 1.0)
        squares = ops.cast(self._grid_squares(), cells.dtype)
        if self.neighborhood == "gaussian":
            near = ops.exp(-squares / (2 * sigma * sigma))
        else:
            near = ops.cast(squares <= sigma * sigma, cells.dtype)
        # sums over each cell's hits first, then over its neighbours
        pull = ops.matmul(near, ops.matmul(ops.transpose(hits), x))
        weight = ops.matmul(near, ops.sum(hits, axis=0)[:, None])
        moved = cells + rate * (pull - weight * cells) / total
        self.som_weights.assign(ops.reshape(moved, self.som_weights.shape))
        self.iterations.assign(self.iterations + 1)

    def u_matrix(self) -> NDArray[np.float64]:
        """Returns each cell's mean distance to its neighbours, (rows, columns)."""
        w = ops.convert_to_numpy(self.som_weights).astype(np.float64)
        total, count = np.zeros(self.map_size), np.zeros(self.map_size)
        for axis in (0, 1):
            step = np.linalg.norm(np.diff(w, axis=axis), axis=-1)
            for side in ((0, 1), (1, 0)):
                pad = [(0, 0), (0, 0)]
                pad[axis] = side
                total += np.pad(step, pad)
                count += np.pad(np.ones_like(step), pad)
        return np.asarray(total / np.maximum(count, 1))

    def explain(self, *inputs: Any, **call: Any) -> dict[str, NDArray[Any]]:
        """Adds the map, its U-matrix and each vector's best cell; see `Explained`."""
        told = super().explain(*inputs, **call)
        x = prototypes.at_least_float32(self._tensor(inputs[0]))
        squares = prototypes.squared_distances(x, self._cells())
        best = ops.convert_to_numpy(ops.argmin(squares, axis=-1))
        bmu = np.stack(np.divmod(best, self.map_size[1]), axis=-1)
        weights = ops.convert_to_numpy(self.som_weights)
        return {**told, "weights": weights, "u_matrix": self.u_matrix(), "bmu": bmu}

    def compute_output_shape(self, input_shape: Shape) -> Any:
        if self.output_form == "bmu_onehot":
            return (*input_shape[:-1], self._count())
        if self.output_form == "quantization_error":
            return tuple(input_shape[:-1])
        return {"bmu": (*input_shape[:-1], 2), "error": tuple(input_shape[:-1])}

    def compute_output_spec(self, inputs: Any, **call: Any) -> Any:
        shape = self.compute_output_shape(inputs.shape)
        if not isinstance(shape, dict):
            return keras.KerasTensor(shape, dtype=self.compute_dtype)
        return {
            "bmu": keras.KerasTensor(shape["bmu"], dtype="int32"),
            "error": keras.KerasTensor(shape["error"], dtype=self.compute_dtype),
        }

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("initial_learning_rate", "sigma", "neighborhood", "decay"),
            "max_iterations",
        )
        return {
            **super().get_config(),
            "map_size": list(self.map_size),
            **{name: getattr(self, name) for name in plain},
            "initializer": keras.initializers.serialize(self.initializer),
            "output": self.output_form,
        }
