"""A dense layer whose edges carry learned splines.

One class: its curves are evaluated, moved to the data, weighed and drawn.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kan import splines
from dl_techniques.layers.kan.arguments import check_spline_arguments
from dl_techniques.utils.validation import check, check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class KANLinear(Explained, keras.layers.Layer):
    """Sums a learned function of every input, one curve an edge.

        y_o = sum_i (u_io act(x_i) + s_io sum_g c_iog B_g(x_i)) + b_o

    `B_g` are the `grid_size + spline_order` B-splines on a grid that starts uniform
    on `grid_range`; outside the extended grid only the `act` part is left.

    Args:
        units: Number of outputs; `out_features` is another name for it.
        grid_size: Number of intervals of the grid.
        spline_order: Degree of the splines, at least 1.
        grid_range: Ends of the first grid.
        base_activation: Function `act` of the smooth part.
        use_spline_scaler: Whether every edge has the factor `s`.
        scale_noise: Size of the starting curves: uniform noise of
            `scale_noise / (2 grid_size)` at the knots.
        grid_eps: Share of the uniform grid in `update_grid`, in [0, 1].
        use_bias: Whether an offset is added.
        base_initializer: Start of `u`; None is uniform(+-1 / sqrt(features)).
        spline_regularizer: Penalty on `c`.
        base_regularizer: Penalty on `u`.
        in_features: Expected number of inputs; None takes the input's.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., units)`, rank 2 or more.

    Weights:
        `base_weight` (features, units); `spline_weight` (features, units,
        grid_size + spline_order); `spline_scaler` (features, units); `grid`
        (features, grid_size + 2 spline_order + 1), not trained; `bias` (units,).

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is below 2,
            the number of features is unknown or disagrees with `in_features`.

    Source: Liu et al. (2024), arXiv:2404.19756, eq. 2.10-2.12. Bases come first, then
    one matrix product: no (batch, features, units, basis) array exists.
    """

    def __init__(
        self,
        units: int | None = None,
        grid_size: int = 5,
        spline_order: int = 3,
        grid_range: tuple[float, float] = (-1, 1),
        base_activation: Any = "silu",
        use_spline_scaler: bool = True,
        scale_noise: float = 0.1,
        grid_eps: float = 0.02,
        use_bias: bool = False,
        base_initializer: Any = None,
        spline_regularizer: Any = None,
        base_regularizer: Any = None,
        in_features: int | None = None,
        out_features: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        units = out_features if units is None else units
        check_int("units", units)
        check_spline_arguments(
            grid_size, spline_order, grid_range, scale_noise, grid_eps
        )
        check_int("in_features", in_features, optional=True)
        self.units = int(units or 0)
        self.grid_size = grid_size
        self.spline_order = spline_order
        self.grid_range = tuple(grid_range)
        self.base_activation = keras.activations.get(base_activation)
        self.use_spline_scaler = use_spline_scaler
        self.scale_noise = scale_noise
        self.grid_eps = grid_eps
        self.use_bias = use_bias
        self.base_initializer = keras.initializers.get(base_initializer)
        self.spline_regularizer = keras.regularizers.get(spline_regularizer)
        self.base_regularizer = keras.regularizers.get(base_regularizer)
        self.in_features = in_features
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, ..., features) with known features"
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        features = int(input_shape[-1] or 0)
        agrees = self.in_features in (None, features)
        check(agrees, "in_features", f"the input's {features}", self.in_features)
        bound = 1.0 / np.sqrt(features)
        even = keras.initializers.RandomUniform(-bound, bound)
        self.base_weight = self.add_weight(
            name="base_weight",
            shape=(features, self.units),
            initializer=self.base_initializer or even,
            regularizer=self.base_regularizer,
        )
        self.spline_weight = self.add_weight(
            name="spline_weight",
            shape=(features, self.units, self.grid_size + self.spline_order),
            initializer=self._noisy_curves,
            regularizer=self.spline_regularizer,
        )
        self.spline_scaler = None
        if self.use_spline_scaler:
            self.spline_scaler = self.add_weight(
                name="spline_scaler",
                shape=(features, self.units),
                initializer=keras.initializers.RandomUniform(-bound, bound),
            )
        self.grid = self.add_weight(
            name="grid",
            shape=(features, self.grid_size + 2 * self.spline_order + 1),
            initializer=self._first_grid,
            trainable=False,
            autocast=False,  # knots of a fine grid coincide in float16
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer="zeros"
            )

    def _knots(self) -> NDArray[np.float64]:
        low, high = self.grid_range
        return splines.uniform_knots(low, high, self.grid_size, self.spline_order)

    def _first_grid(self, shape: tuple[int, ...], dtype: Any = None) -> Any:
        return ops.cast(np.broadcast_to(self._knots(), shape), dtype)

    def _noisy_curves(self, shape: Shape, dtype: Any = None) -> Any:
        knots, k = self._knots(), self.spline_order
        design = splines.numpy_bases(knots[k : len(knots) - k], knots, k)
        bound = self.scale_noise / (2 * self.grid_size)
        noise = keras.random.uniform((*shape[:-1], len(design)), -bound, bound, dtype)
        return ops.matmul(noise, ops.cast(np.linalg.pinv(design).T, dtype))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        y = ops.matmul(self.base_activation(inputs), self.base_weight)
        y = y + ops.matmul(self._flat_bases(inputs), self._flat_coefficients())
        return y if self.bias is None else y + self.bias

    def _flat_bases(self, inputs: Any) -> Any:
        """Returns `(..., basis * features)`."""
        x = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        maps = splines.basis_maps(x, ops.cast(self.grid, x.dtype), self.spline_order)
        return ops.cast(ops.concatenate(maps, axis=-1), self.compute_dtype)

    def _coefficients(self) -> Any:
        """Returns scaled coefficients `(basis, features, units)`."""
        c = ops.convert_to_tensor(self.spline_weight)
        if self.spline_scaler is not None:
            c = c * ops.expand_dims(self.spline_scaler, -1)
        return ops.transpose(c, (2, 0, 1))

    def _flat_coefficients(self) -> Any:
        return ops.reshape(self._coefficients(), (-1, self.units))

    def update_grid(self, x: ArrayLike, margin: float = 0.01) -> None:
        """Moves the knots to where the data are; keeps every curve's values on `x`.

        Args:
            x: Inputs of the layer, `(..., features)`, at least two rows.
            margin: How far the uniform part reaches beyond the data, 0 or more.
        """
        data = np.asarray(x, dtype=np.float64).reshape(-1, self.grid.shape[0])
        check(len(data) > 1, "x", "at least two rows", data.shape)
        check(margin >= 0, "margin", "at least 0", margin)
        grid = ops.convert_to_numpy(self.grid).astype(np.float64)
        weight = ops.convert_to_numpy(self.spline_weight).astype(np.float64)
        k = self.spline_order
        for i, column in enumerate(data.T):
            values = splines.numpy_bases(column, grid[i], k) @ weight[i].T
            grid[i] = splines.adapted_knots(
                column, self.grid_size, k, self.grid_eps, margin
            )
            weight[i] = splines.fit(column, values, grid[i], k).T
        self.grid.assign(grid)
        self.spline_weight.assign(weight)

    def regularization_loss(self, l1: float = 1.0, entropy: float = 1.0) -> Any:
        """Returns `l1 * sum(a) + entropy * H(a / sum(a))`, a the edges' mean |c|."""
        edges = ops.mean(ops.abs(self.spline_weight), axis=-1)
        total = ops.sum(edges)
        p = edges / ops.maximum(total, 1e-12)
        surprise = -ops.sum(p * ops.log(ops.maximum(p, 1e-12)))
        return l1 * total + entropy * surprise

    def edge_curves(
        self, n_points: int = 64
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns points `(features, n)` and the curves `(features, units, n)`."""
        grid = ops.convert_to_numpy(self.grid).astype(np.float64)
        base = ops.convert_to_numpy(self.base_weight).astype(np.float64)
        inner = grid[:, self.spline_order : grid.shape[1] - self.spline_order]
        share = np.linspace(0, 1, n_points)
        x = inner[:, :1] + share * (inner[:, -1:] - inner[:, :1])
        act = ops.convert_to_numpy(self.base_activation(ops.convert_to_tensor(x)))
        basis = np.stack(
            [
                splines.numpy_bases(*row, self.spline_order)
                for row in zip(x, grid, strict=True)
            ]
        )
        c = ops.convert_to_numpy(self._coefficients()).astype(np.float64)
        curve = np.einsum("ing,gio->ion", basis, c)
        return x, curve + base[:, :, None] * np.asarray(act)[:, None, :]

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        x, curves = self.edge_curves()
        return {"curve_x": x, "curves": curves, "edge_norm": abs(curves).mean(-1)}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("units", "grid_size", "spline_order", "use_spline_scaler"),
            *("scale_noise", "grid_eps", "use_bias", "in_features"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            "grid_range": list(self.grid_range),
            "base_activation": keras.activations.serialize(self.base_activation),
            "base_initializer": keras.initializers.serialize(self.base_initializer)
            if self.base_initializer
            else None,
            "spline_regularizer": keras.regularizers.serialize(self.spline_regularizer),
            "base_regularizer": keras.regularizers.serialize(self.base_regularizer),
        }
