"""A stack of KAN layers."""

from collections.abc import Sequence
from typing import Any

import keras

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kan.kan_linear import KANLinear
from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class KAN(Explained, keras.layers.Layer):
    """Applies one `KANLinear` after another.

    Args:
        units_list: Outputs of every layer, in order; the last is the output size.
        grid_size, spline_order, grid_range, base_activation, use_spline_scaler,
            scale_noise, grid_eps, use_bias: As in `KANLinear`, for every layer.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., units_list[-1])`.

    Weights:
        `layer_0/...`, `layer_1/...`: those of `KANLinear`.

    Raises:
        ValueError: If `units_list` is empty or an argument is out of range.

    Source: Liu et al. (2024), arXiv:2404.19756, section 2.2.
    """

    def __init__(
        self,
        units_list: Sequence[int],
        grid_size: int = 5,
        spline_order: int = 3,
        grid_range: tuple[float, float] = (-1, 1),
        base_activation: Any = "silu",
        use_spline_scaler: bool = True,
        scale_noise: float = 0.1,
        grid_eps: float = 0.02,
        use_bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        many = isinstance(units_list, list | tuple) and len(units_list) > 0
        check(many, "units_list", "a list of one or more integers", units_list)
        self.units_list = list(units_list)
        self.layers = [
            KANLinear(
                units,
                grid_size=grid_size,
                spline_order=spline_order,
                grid_range=grid_range,
                base_activation=base_activation,
                use_spline_scaler=use_spline_scaler,
                scale_noise=scale_noise,
                grid_eps=grid_eps,
                use_bias=use_bias,
                dtype=self.dtype_policy,
                name=f"layer_{i}",
            )
            for i, units in enumerate(self.units_list)
        ]
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        for layer in self.layers:
            layer.build(input_shape)
            input_shape = layer.compute_output_shape(input_shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def update_grid(self, x: Any, margin: float = 0.01) -> None:
        """Moves the knots of every layer to the data that reach it."""
        for layer in self.layers:
            layer.update_grid(keras.ops.convert_to_numpy(x), margin)
            x = layer(x)

    def regularization_loss(self, l1: float = 1.0, entropy: float = 1.0) -> Any:
        """Returns the sum of the layers' losses."""
        return sum(layer.regularization_loss(l1, entropy) for layer in self.layers)

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for layer in self.layers:
            curves = layer.explain_call(inputs)
            told |= {f"{layer.name}_{name}": value for name, value in curves.items()}
        return told

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units_list[-1])

    def get_config(self) -> dict[str, Any]:
        first = self.layers[0].get_config()
        shared = (
            *("grid_size", "spline_order", "grid_range", "base_activation"),
            *("use_spline_scaler", "scale_noise", "grid_eps", "use_bias"),
        )
        return {
            **super().get_config(),
            "units_list": self.units_list,
            **{name: first[name] for name in shared},
        }
