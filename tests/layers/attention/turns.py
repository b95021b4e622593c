"""A float64 reference of rotary positions."""

import numpy as np


def turned(x, theta=10000.0, layout="interleaved", fraction=1.0):
    """Turns (batch, time, heads, d) pair by pair, as complex numbers."""
    x = np.asarray(x, "float64").copy()
    width = 2 * int(x.shape[-1] * fraction / 2)
    speeds = theta ** (-np.arange(0, width, 2) / max(width, 1))
    spin = np.exp(1j * np.arange(x.shape[1])[:, None] * speeds)[None, :, None]
    half = width // 2
    first, second = (
        (slice(0, width, 2), slice(1, width, 2))
        if layout == "interleaved"
        else (slice(0, half), slice(half, width))
    )
    pairs = (x[..., first] + 1j * x[..., second]) * spin
    x[..., first], x[..., second] = pairs.real, pairs.imag
    return x


def rms(x, scale=1.0, epsilon=1e-6):
    x = np.asarray(x, "float64")
    return x / np.sqrt(np.mean(x**2, -1, keepdims=True) + epsilon) * scale
