"""Vectors put on a thin shell, their magnitude mapped into its width."""

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

MAGNITUDES = ("log", "batch")
VARIANCE_EPSILON = 1e-3


@keras.saving.register_keras_serializable(package="dl_techniques")
class BandLogitNorm(AxisNormalization):
    """Keeps the direction of a vector and maps its length into [1 - a, 1].

        n = sqrt(max(sum(x ** 2), epsilon)),   a = max_band_width
        s = (1 - a) + a * (tanh(gamma * u + beta) + 1) / 2,   y = x / n * s

    u is ln(n / sqrt(d)), the log of the root mean square of d elements, for "log"; for
    "batch" it is n standardised as batch normalisation does, by the statistics of all
    vectors of the batch in training and by moving ones at inference. A masked time
    step does not count.

    Unit-norm logits give nearly uniform probabilities: put a temperature behind this
    layer when a softmax follows.

    Args:
        max_band_width: Width a of the shell, between 0 and 1, both excluded.
        axis: Axis or axes that make a vector; axis 0 is refused.
        epsilon: Floor under the squared norm, above 0.
        magnitude: "log" or "batch".
        momentum: Share of the old moving statistics kept, in [0, 1); for "batch".

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `gamma` () one, `beta` () zero; for "batch" also `moving_mean` () zero and
        `moving_variance` () one, not trained.

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own. The first version normalised the length over an axis of
    size 1, which always gave the middle of the band.
    """

    def __init__(
        self,
        max_band_width: float = 0.01,
        axis: Axis = -1,
        epsilon: float = 1e-7,
        magnitude: str = "log",
        momentum: float = 0.99,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis=axis, epsilon=epsilon, **kwargs)
        inside = {"high": 1, "low_open": True, "high_open": True}
        check_number("max_band_width", max_band_width, 0, **inside)
        check_choice("magnitude", magnitude, MAGNITUDES)
        check_number("momentum", momentum, 0, high=1, high_open=True)
        self.max_band_width = max_band_width
        self.magnitude = magnitude
        self.momentum = momentum

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        self.gamma = self._scalar("gamma", "ones", True)
        self.beta = self._scalar("beta", "zeros", True)
        if self.magnitude == "batch":
            self.moving_mean = self._scalar("moving_mean", "zeros", False)
            self.moving_variance = self._scalar("moving_variance", "ones", False)

    def _scalar(self, name: str, start: str, trainable: bool) -> Any:
        return self.add_weight(
            name=name, shape=(), initializer=start, trainable=trainable, autocast=False
        )

    def norm(self, x: Any) -> Any:
        """Returns the norm along the axes (kept), at least sqrt(epsilon)."""
        total = ops.sum(ops.square(x), axis=self.axes(x), keepdims=True)
        return ops.sqrt(ops.maximum(total, self.epsilon))

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,
        mask: Any = None,
    ) -> keras.KerasTensor:
        x = at_least_float32(inputs)
        norm = self.norm(x)
        if self.magnitude == "log":
            u = ops.log(norm / ops.sqrt(self.count(x)))
        else:
            u = self._standardise(norm, self._weights(norm, x, mask), training)
        share = (ops.tanh(self.gamma * u + self.beta) + 1) / 2
        a = self.max_band_width
        return ops.cast(x / norm * ((1 - a) + a * share), self.compute_dtype)

    def _weights(self, norm: Any, x: Any, mask: Any) -> Any:
        """Returns 1 for every vector that counts, 0 for a masked one."""
        if mask is None or set(self.axes(x)) & set(range(len(mask.shape))):
            return ops.ones_like(norm)
        mask = ops.reshape(
            mask, (*ops.shape(mask), *[1] * (len(x.shape) - len(mask.shape)))
        )
        return ops.ones_like(norm) * ops.cast(mask, norm.dtype)

    def _standardise(self, norm: Any, weights: Any, training: bool | None) -> Any:
        if not training or not self.trainable:
            mean, variance = self.moving_mean, self.moving_variance
            return (norm - mean) / ops.sqrt(variance + VARIANCE_EPSILON)
        total = ops.maximum(ops.sum(weights), 1.0)
        mean = ops.sum(norm * weights) / total
        variance = ops.sum(ops.square(norm - mean) * weights) / total
        for moving, value in (
            (self.moving_mean, mean),
            (self.moving_variance, variance),
        ):
            new = ops.cast(value, moving.dtype)
            moving.assign(moving * self.momentum + new * (1 - self.momentum))
        return (norm - mean) / ops.sqrt(variance + VARIANCE_EPSILON)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        x = at_least_float32(inputs[0])
        y = at_least_float32(self(inputs[0], training=False))
        return {"norm_before": self.norm(x), "norm_after": self.norm(y)}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_band_width": self.max_band_width,
            "magnitude": self.magnitude,
            "momentum": self.momentum,
        }
