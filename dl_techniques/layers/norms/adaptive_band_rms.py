"""Band-limited normalisation whose gain is predicted from each sample."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.norms.base import (
    Axis,
    AxisNormalization,
    Shape,
    at_least_float32,
    root_mean_square,
)
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class AdaptiveBandRMS(AxisNormalization):
    """Normalises, then applies a gain in [1 - a, 1] that follows the sample's size.

        r = sqrt(mean(x ** 2, axis) + epsilon),   a = max_band_width
        t = ln(r), averaged over the other axes of the sample
        g = (1 - a) + a * sigmoid(band_slope * (t * band_kernel + band_bias))
        y = x / r * g

    With `band_kernel` at zero this is `BandRMS` with `band_param` = `band_bias`.

    Args:
        max_band_width: Width a of the band, between 0 and 1, both excluded.
        axis: Axis or axes to normalise; axis 0 is refused.
        epsilon: Added inside the root, above 0.
        band_slope: Steepness of the sigmoid, above 0.
        band_initializer: Start of both weights.
        band_regularizer: Penalty on both weights.

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `band_kernel` (1, P) and `band_bias` (P,), zeros; P elements along `axis`.

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own.
    """

    def __init__(
        self,
        max_band_width: float = 0.1,
        axis: Axis = -1,
        epsilon: float = 1e-7,
        band_slope: float = 5.0,
        band_initializer: Any = "zeros",
        band_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)
        inside = {"high": 1, "low_open": True, "high_open": True}
        check_number("max_band_width", max_band_width, 0, **inside)
        check_number("band_slope", band_slope, 0, low_open=True)
        self.max_band_width = max_band_width
        self.band_slope = band_slope
        self.band_initializer = keras.initializers.get(band_initializer)
        self.band_regularizer = keras.regularizers.get(band_regularizer)

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        self.sizes = self.axis_sizes(input_shape)
        elements = math.prod(self.sizes)
        self.band_kernel, self.band_bias = (
            self.add_weight(
                name=name,
                shape=shape,
                initializer=self.band_initializer,
                regularizer=self.band_regularizer,
                autocast=False,
            )
            for name, shape in (
                ("band_kernel", (1, elements)),
                ("band_bias", (elements,)),
            )
        )

    def gain(self, x: Any, rms: Any) -> Any:
        """Returns the gains of every sample, ready to multiply `x`."""
        t = ops.mean(ops.log(rms), axis=tuple(range(1, len(x.shape))))[:, None]
        a = self.max_band_width
        logits = self.band_slope * (t * self.band_kernel + self.band_bias)
        gain = (1 - a) + a * ops.sigmoid(logits)
        shape = [1] * len(x.shape)
        for axis, size in zip(self.axes(x), self.sizes, strict=True):
            shape[axis] = size
        return ops.reshape(gain, (-1, *shape[1:]))

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        rms = root_mean_square(x, self.axes(x), self.epsilon)
        return ops.cast(x / rms * self.gain(x, rms), self.compute_dtype)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x = at_least_float32(inputs[0])
        rms = root_mean_square(x, self.axes(x), self.epsilon)
        return {**super().explain_call(*inputs), "gain": self.gain(x, rms)}

    def get_config(self) -> dict[str, Any]:
        regularizer = keras.regularizers.serialize(self.band_regularizer)
        return {
            **super().get_config(),
            "max_band_width": self.max_band_width,
            "band_slope": self.band_slope,
            "band_initializer": keras.initializers.serialize(self.band_initializer),
            "band_regularizer": regularizer,
        }
