"""A fixed bank of directional filters."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.shearlet_filters import partner_signs, shearlet_filters
from dl_techniques.utils.validation import check, check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class ShearletTransform(Explained, keras.layers.Layer):
    """Splits images into directions and scales; nothing is lost, nothing learned.

        y_f = IFFT(FFT(x) * W_f),  sum_f W_f^2 = 1 at every frequency

    The windows `W_f` are a low-pass and, for each scale from coarse to fine,
    `directions` wedges; the energy of the coefficients is that of the image.

    Args:
        scales: Number of bands above the low-pass.
        directions: Wedges of each band over half a turn.
        complex_output: Whether each wedge gives a pair [real | imaginary]: the even
            part and its Hilbert partner along the direction, both over sqrt(2). The
            low-pass has imaginary part 0.
        include_lowpass: Whether the low-pass is part of the output.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, height, width, channels * F)`,
        F = scales * directions, one more with the low-pass, the filter index fastest;
        twice as many channels, real half first, with `complex_output`.
        `(batch, height, width)` counts as one channel. Both sides known, at least 8.

    Raises:
        ValueError: If an argument is not a positive integer; at build, if the sides
            are unknown or below 8.

    Source: Kutyniok & Labate (2012), Shearlets, Birkhauser, chapter 1; front end of Ko
    et al. (2022), CoShNet, arXiv:2208.06882. Undecimated.
    """

    def __init__(
        self,
        scales: int = 3,
        directions: int = 8,
        complex_output: bool = False,
        include_lowpass: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("scales", scales)
        check_int("directions", directions)
        self.scales = scales
        self.directions = directions
        self.complex_output = complex_output
        self.include_lowpass = include_lowpass

    @property
    def filters(self) -> int:
        """Number of windows."""
        return self.scales * self.directions + int(self.include_lowpass)

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, height, width[, channels]) with known sides of 8 or more"
        fits = len(input_shape) in (3, 4) and None not in input_shape[1:]
        fits = fits and min(n or 0 for n in input_shape[1:3]) >= 8
        check(fits, "input_shape", rule, tuple(input_shape))
        self._windows = self._bank(int(input_shape[1] or 0), int(input_shape[2] or 0))

    def _bank(self, height: int, width: int) -> NDArray[np.complexfloating[Any, Any]]:
        """Returns a window of two filters: x -> real part one, imaginary part other."""
        bank, angles = shearlet_filters(height, width, self.scales, self.directions)
        if not self.include_lowpass:
            bank, angles = bank[1:], angles[1:]
        if not self.complex_output:
            odd = len(bank) % 2
            bank = np.concatenate([bank, np.zeros((odd, height, width))])
            return bank[0::2] + 1j * bank[1::2]
        sign = partner_signs(height, width, angles)
        if self.include_lowpass:
            sign[0] = 0.0
        # -1j * sign turns a wedge into its partner; alone where there is none
        return bank * np.where(sign == 0, 1.0, (1.0 + sign) / np.sqrt(2)) + 0j

    def _constants(self, dtype: str) -> tuple[Any, Any]:
        parts = self._windows.real, self._windows.imag
        real, imaginary = (ops.convert_to_tensor(w.astype(dtype)) for w in parts)
        return real, imaginary

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        x = ops.cast(inputs, dtype)
        if len(x.shape) == 3:
            x = ops.expand_dims(x, -1)
        x = ops.expand_dims(ops.transpose(x, (0, 3, 1, 2)), 2)
        real, imaginary = ops.fft2((x, ops.zeros_like(x)))
        a, b = self._constants(dtype)
        parts = ops.ifft2((real * a - imaginary * b, real * b + imaginary * a))
        return ops.cast(self._merge(*parts), self.compute_dtype)

    def _merge(self, real: Any, imaginary: Any) -> Any:
        """Turns (batch, channels, windows, height, width) pairs into channels."""
        _, channels, windows, height, width = real.shape
        if self.complex_output:
            parts = ops.stack([real, imaginary], axis=1)
        else:
            parts = ops.stack([real, imaginary], axis=3)
            parts = ops.reshape(parts, (-1, channels, 2 * windows, height, width))
            parts = parts[:, :, : self.filters]
        flat = (-1, self._per_channel() * channels, height, width)
        return ops.transpose(ops.reshape(parts, flat), (0, 2, 3, 1))

    def _per_channel(self) -> int:
        return self.filters * (2 if self.complex_output else 1)

    def inverse(self, coefficients: Any) -> Any:
        """Returns the image `(batch, height, width, channels)` of its coefficients.

        Raises:
            ValueError: If the layer leaves out the low-pass.
        """
        rule = "true for the transform to have an inverse"
        check(self.include_lowpass, "include_lowpass", rule, self.include_lowpass)
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        real, imaginary = ops.fft2(self._split(ops.cast(coefficients, dtype)))
        a, b = self._constants(dtype)
        joined = (real * a + imaginary * b, imaginary * a - real * b)
        image, _ = ops.ifft2(tuple(ops.sum(part, axis=2) for part in joined))
        return ops.cast(ops.transpose(image, (0, 2, 3, 1)), self.compute_dtype)

    def _split(self, y: Any) -> tuple[Any, Any]:
        """Undoes `_merge`."""
        _, height, width, total = y.shape
        channels = total // self._per_channel()
        y = ops.transpose(y, (0, 3, 1, 2))
        if self.complex_output:
            y = ops.reshape(y, (-1, 2, channels, self.filters, height, width))
            return y[:, 0], y[:, 1]
        y = ops.reshape(y, (-1, channels, self.filters, height, width))
        more = 2 * len(self._windows) - self.filters
        y = ops.pad(y, [(0, 0), (0, 0), (0, more), (0, 0), (0, 0)])
        return y[:, :, 0::2], y[:, :, 1::2]

    def frequency_windows(self) -> NDArray[np.floating[Any]]:
        """Returns the windows `(F, height, width)` with frequency 0 in the middle."""
        height, width = self._windows.shape[1:]
        bank, _ = shearlet_filters(height, width, self.scales, self.directions)
        bank = bank if self.include_lowpass else bank[1:]
        return np.fft.fftshift(bank, axes=(1, 2))

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the windows and the share of the energy that each one takes."""
        y = ops.cast(self.call(inputs[0]), "float32")
        energy = ops.sum(ops.square(y), axis=(1, 2))
        halves = 2 if self.complex_output else 1
        energy = ops.reshape(energy, (-1, halves, energy.shape[-1] // halves))
        energy = ops.sum(energy, axis=1)
        energy = ops.reshape(
            energy, (-1, energy.shape[-1] // self.filters, self.filters)
        )
        energy = ops.sum(energy, axis=1)
        total = ops.maximum(ops.sum(energy, axis=-1, keepdims=True), 1e-12)
        return {"windows": self.frequency_windows(), "energy": energy / total}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        channels = input_shape[3] if len(input_shape) == 4 else 1
        total = None if channels is None else channels * self._per_channel()
        return (*input_shape[:3], total)

    def get_config(self) -> dict[str, Any]:
        plain = ("scales", "directions", "complex_output", "include_lowpass")
        return {**super().get_config(), **{name: getattr(self, name) for name in plain}}
