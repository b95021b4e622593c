"""Splitting, joining and starting values of complex tensors."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]


def split_complex(x: Any) -> tuple[Any, Any]:
    """Returns real and imaginary part of `(..., 2 channels)`."""
    half_width(x.shape)
    real, imaginary = ops.split(x, 2, axis=-1)  # its gradient is one concatenation
    return real, imaginary


def join_complex(real: Any, imaginary: Any) -> Any:
    """Returns `(..., 2 channels)` from two tensors `(..., channels)`."""
    return ops.concatenate([real, imaginary], axis=-1)


def half_width(shape: Shape) -> int:
    """Returns the complex channels of an input shape, or raises `ValueError`."""
    width = shape[-1]
    even = len(shape) >= 2 and width is not None and width % 2 == 0
    rule = "(batch, ..., 2 * channels) with an even, known last axis"
    check(even, "input_shape", rule, tuple(shape))
    return int(width or 0) // 2


class RayleighPhase:
    """Draws a complex kernel: Rayleigh magnitude, uniform phase.

    `sigma = 1 / sqrt(fan_in + fan_out)` for "glorot" and `1 / sqrt(fan_in)` for "he",
    so that the mean squared magnitude is `2 sigma ** 2`. Real and imaginary part come
    from one draw. Source: Trabelsi et al. (2018), arXiv:1705.09792, section 3.6.
    """

    def __init__(self, mode: str, seed: int | None) -> None:
        self.mode = mode
        self.seed = keras.random.SeedGenerator(seed)

    def draw(self, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """Returns real and imaginary part of a kernel `(..., in, out)`."""
        field = math.prod(shape[:-2])
        fan_in, fan_out = field * shape[-2], field * shape[-1]
        fans = fan_in + fan_out if self.mode == "glorot" else fan_in
        u = keras.random.uniform(shape, 1e-7, 1.0, dtype="float32", seed=self.seed)
        magnitude = ops.sqrt(-2.0 * ops.log(u) / fans)
        phase = keras.random.uniform(
            shape, -math.pi, math.pi, dtype="float32", seed=self.seed
        )
        return magnitude * ops.cos(phase), magnitude * ops.sin(phase)
