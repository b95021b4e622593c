"""Directional band-pass windows on the grid of the discrete Fourier transform."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def shearlet_filters(
    height: int, width: int, scales: int, directions: int
) -> tuple[Array, Array]:
    """Returns windows `(1 + scales * directions, height, width)` and directions.

    The low-pass comes first, then scale by scale from coarse to fine. The squares sum
    to 1 at every frequency and every window is even. The second array holds the
    angle of each window's frequencies in radians, 0 for the low-pass.

    Source: Kutyniok & Labate (2012), Shearlets, chapter 1; the cone-adapted tiling.
    """
    fy, fx = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    low, bands = _radial(np.maximum(abs(fx), abs(fy)), scales)
    wedges, angles = _angular(fx, fy, directions)
    parts = [low[None], *(band * wedges for band in bands)]
    windows = np.concatenate(parts)
    windows = (windows + _mirror(windows)) / 2
    windows /= np.sqrt((windows**2).sum(0))
    return windows, np.concatenate([[0.0], np.tile(angles, scales)])


def partner_signs(height: int, width: int, angles: Array) -> Array:
    """Returns the sign of each frequency along each angle, odd under mirroring.

    It is 0 only where a frequency is its own mirror image.
    """
    fy, fx = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    sine, cosine = np.sin(angles)[:, None, None], np.cos(angles)[:, None, None]
    sign = np.zeros((len(angles), height, width))
    # along the angle, and across it where that leaves a tie
    for along in (fx * cosine + fy * sine, fy * cosine - fx * sine):
        odd = along - _mirror(along)
        odd[abs(odd) < 1e-12] = 0.0
        sign = np.where(sign == 0, np.sign(odd), sign)
    return sign


def _mirror(windows: Array) -> Array:
    """Returns the windows at the negative frequencies."""
    return np.roll(windows[..., ::-1, ::-1], 1, axis=(-2, -1))


def _meyer(x: Array) -> Array:
    """Returns the polynomial of degree 7 from 0 to 1, flat at both ends."""
    x = np.clip(x, 0.0, 1.0)
    return x**4 * (35 - 84 * x + 70 * x**2 - 20 * x**3)


def _radial(radius: Array, scales: int) -> tuple[Array, list[Array]]:
    lows = []
    for j in range(scales):
        half = 2.0 ** (j - scales) / 4
        lows.append(np.cos(np.pi / 2 * _meyer((radius - half) / half)))
    lows.append(np.ones_like(radius))  # the last band is open
    squares = np.diff(np.square(lows), axis=0)
    return lows[0], list(np.sqrt(np.maximum(squares, 0.0)))


def _angular(fx: Array, fy: Array, directions: int) -> tuple[Array, Array]:
    flat = abs(fy) <= abs(fx)
    one, other = np.where(flat, fy, fx), np.where(flat, fx, fy)
    ratio = one / np.where(other == 0, 1.0, other)
    slope = np.where(flat, ratio, 2 - ratio)
    width = 4 / directions
    wedges, angles = [], []
    for k in range(directions):
        away = np.mod(slope - k * width + 2, 4) - 2
        wedges.append(np.cos(np.pi / 2 * _meyer(abs(away) / width)))
        angles.append(_angle(k * width))
    return np.stack(wedges), np.array(angles)


def _angle(slope: float) -> float:
    """Returns the angle of the frequencies whose slope is this, in [-pi/4, 3 pi/4)."""
    slope = (slope + 1) % 4 - 1
    if slope <= 1:
        return math.atan(slope)
    return math.pi / 2 + math.atan(slope - 2)
