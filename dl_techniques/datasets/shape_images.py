"""Draws small images of coloured shapes."""

from collections.abc import Callable

import numpy as np

SIZE = 32
NAMES = ("circle", "square", "triangle", "cross", "ring", "bar")
PALETTE = np.array(  # one colour a class, far apart in hue
    [
        [0.90, 0.25, 0.25],
        [0.25, 0.75, 0.35],
        [0.30, 0.45, 0.95],
        [0.90, 0.80, 0.25],
        [0.80, 0.35, 0.85],
        [0.30, 0.80, 0.85],
    ],
    np.float32,
)
_Distance = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _circle(u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    return np.hypot(u, v) - r


def _square(u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    return np.maximum(abs(u), abs(v)) - 0.85 * r


def _triangle(u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    return np.maximum(v, np.sqrt(np.float32(0.75)) * abs(u) - 0.5 * v) - 0.6 * r


def _cross(u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    u, v = abs(u), abs(v)
    return np.maximum(np.maximum(u, v) - r, np.minimum(u, v) - 0.3 * r)


def _ring(u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    return abs(np.hypot(u, v) - 0.8 * r) - 0.2 * r


def _bar(u: np.ndarray, v: np.ndarray, r: np.ndarray) -> np.ndarray:
    return np.maximum(abs(u) - r, abs(v) - 0.3 * r)


_DISTANCES: tuple[_Distance, ...] = (_circle, _square, _triangle, _cross, _ring, _bar)


def masks(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns (n, 32, 32) float32 coverage in [0, 1] of shape y, randomly placed."""
    n = len(y)
    shift = rng.uniform(-6, 6, (n, 2))
    return coverage(y, shift, rng.uniform(6, 10, n), rng.uniform(0, 2 * np.pi, n))


def coverage(
    y: np.ndarray, shift: np.ndarray, radius: np.ndarray, angle: np.ndarray
) -> np.ndarray:
    """Returns (n, 32, 32) float32 coverage in [0, 1] of shape y.

    Args:
        y: (n,) numbers in `NAMES`.
        shift: (n, 2) pixels to the right and down from the centre.
        radius: (n,) pixels.
        angle: (n,) radians.
    """
    n = len(y)
    shift = shift.astype(np.float32)[..., None, None]
    radius = radius.astype(np.float32)[:, None, None]
    angle = angle.astype(np.float32)[:, None, None]
    cos, sin = np.cos(angle), np.sin(angle)
    axis = np.arange(SIZE, dtype=np.float32) - (SIZE - 1) / 2
    out = np.empty((n, SIZE, SIZE), np.float32)
    for label in np.unique(y):
        own = np.flatnonzero(y == label)
        dx = axis[None, None, :] - shift[own, 0]
        dy = axis[None, :, None] - shift[own, 1]
        u = cos[own] * dx + sin[own] * dy
        v = cos[own] * dy - sin[own] * dx
        out[own] = np.clip(0.5 - _DISTANCES[label](u, v, radius[own]), 0, 1)
    return out


def draw_images(
    y: np.ndarray, colour: np.ndarray, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns (n, 32, 32, 3) uint8 images on a grey ground of random brightness."""
    images = np.empty((len(y), SIZE, SIZE, 3), np.uint8)
    for start in range(0, len(y), 256):  # small enough for the processor's cache
        part = slice(start, start + 256)
        images[part] = _draw(y[part], colour[part], noise, rng)
    return images


def _draw(
    y: np.ndarray, colour: np.ndarray, noise: float, rng: np.random.Generator
) -> np.ndarray:
    return painted(masks(y, rng), PALETTE[colour], noise, rng)


def painted(
    mask: np.ndarray, colour: np.ndarray, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns (n, 32, 32, 3) uint8 images of masks (n, 32, 32) in colours (n, 3)."""
    n, mask = len(mask), mask[..., None]
    ground = rng.uniform(0.05, 0.35, (n, 1, 1, 1)).astype(np.float32)
    tint = colour + rng.uniform(-0.08, 0.08, (n, 3)).astype(np.float32)
    images = mask * (tint[:, None, None, :] - ground)
    images += ground
    if noise:
        images += np.float32(noise) * rng.standard_normal(images.shape, np.float32)
    images *= 255
    np.clip(images, 0, 255, out=images)
    return np.rint(images, out=images)
