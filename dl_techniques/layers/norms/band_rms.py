"""Root-mean-square normalisation with a gain confined to a band."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import (
    Axis,
    AxisNormalization,
    Shape,
    at_least_float32,
)
from dl_techniques.utils.validation import check_choice, check_number

SHAPES = ("feature", "scalar")


@keras.saving.register_keras_serializable(package="dl_techniques")
class BandRMS(AxisNormalization):
    """Normalises by the root mean square, then by a gain between 1 - a and 1.

        g = (1 - a) + a * sigmoid(band_slope * band_param)
        y = x / sqrt(mean(x ** 2, axis) + epsilon) * g,    a = max_band_width

    The root mean square of y lies in [1 - a, 1] when that of x is far above
    sqrt(epsilon); smaller inputs fall below the band and zero stays zero.

    Args:
        max_band_width: Width a of the band, between 0 and 1, both excluded.
        axis: Axis or axes to normalise; axis 0 is refused.
        epsilon: Added inside the root, above 0.
        band_shape: "feature" for a gain per element along `axis`, "scalar" for one.
        band_slope: Steepness of the sigmoid, above 0.
        band_initializer: Start of `band_param`; at zero every gain is 1 - a / 2.
        band_regularizer: Penalty on `band_param`; "default" is L2(1e-5).

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `band_param`: sizes along `axis` or (), zeros.

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own. A sigmoid replaces the hard clip of the first version,
    whose gradient vanished outside the band.
    """

    def __init__(
        self,
        max_band_width: float = 0.1,
        axis: Axis = -1,
        epsilon: float = 1e-7,
        band_shape: str = "feature",
        band_slope: float = 5.0,
        band_initializer: Any = "zeros",
        band_regularizer: Any = "default",
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)
        open_band = {"high": 1, "low_open": True, "high_open": True}
        check_number("max_band_width", max_band_width, 0, **open_band)
        check_choice("band_shape", band_shape, SHAPES)
        check_number("band_slope", band_slope, 0, low_open=True)
        self.max_band_width = max_band_width
        self.band_shape = band_shape
        self.band_slope = band_slope
        self.band_initializer = keras.initializers.get(band_initializer)
        self.uses_default = band_regularizer == "default"
        self.band_regularizer = (
            keras.regularizers.L2(1e-5)
            if self.uses_default
            else keras.regularizers.get(band_regularizer)
        )

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        whole = self.band_shape == "feature"
        self.band_param = self.add_weight(
            name="band_param",
            shape=self.axis_sizes(input_shape) if whole else (),
            initializer=self.band_initializer,
            regularizer=self.band_regularizer,
            autocast=False,
        )

    def gain(self) -> keras.KerasTensor:
        """Returns the gains, shaped like `band_param`."""
        a = self.max_band_width
        return (1 - a) + a * ops.sigmoid(self.band_slope * self.band_param)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        gain = self.gain()
        if self.band_shape == "feature":
            gain = self.spread(gain, x)
        mean = ops.mean(ops.square(x), axis=self.axes(x), keepdims=True)
        y = x * ops.rsqrt(mean + self.epsilon) * gain
        return ops.cast(y, self.compute_dtype)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {**super().explain_call(*inputs), "gain": self.gain()}

    def get_config(self) -> dict[str, Any]:
        regularizer = keras.regularizers.serialize(self.band_regularizer)
        return {
            **super().get_config(),
            "max_band_width": self.max_band_width,
            "band_shape": self.band_shape,
            "band_slope": self.band_slope,
            "band_initializer": keras.initializers.serialize(self.band_initializer),
            "band_regularizer": "default" if self.uses_default else regularizer,
        }
