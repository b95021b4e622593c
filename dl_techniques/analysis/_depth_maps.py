"""Held-out images beside the map that is true and the map that a model gives."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dl_techniques.utils.pixels import packed

Array = np.ndarray[Any, Any]
_IMAGES, _BYTES = 4, 16_000


def depth_facts(
    model: Any, x: Any, y: Array, outputs: Mapping[str, Array]
) -> Mapping[str, Any] | None:
    """Returns {} where images have a number at every place, and the model gives it."""
    if getattr(x, "ndim", 0) != 4 or x.shape[-1] not in (1, 3) or len(outputs) != 1:
        return None
    wanted = (*x.shape[:3], 1)
    given = next(iter(outputs.values()))
    numbers = np.asarray(y).dtype.kind == "f" and y.shape == wanted
    return {} if numbers and given.shape in (wanted, wanted[:-1]) else None


def depth_maps(x: Array, y: Array, given: Array) -> dict[str, Any]:
    """Returns a few images, their true and given maps as bytes, and their errors.

    Maps are bytes over [low, high], the range of the true maps, errors over
    [0, largest]; what lies outside is at the end of its range. Channels of an image run
    from their smallest to their largest value. All is made smaller until it fits.

    Args:
        x: (n, height, width, 1 or 3).
        y: (n, height, width, 1).
        given: (n, height, width) or as `y`.
    """
    n = min(len(x), _IMAGES)
    images, true = (np.asarray(v[:n], np.float64) for v in (x, y[..., 0]))
    guess = np.asarray(given[:n], np.float64).reshape(true.shape)
    error = np.abs(guess - true)
    ends = images.min((0, 1, 2)), images.max((0, 1, 2))
    low, high = float(true.min()), float(true.max())
    finite = error[np.isfinite(error)]
    largest = float(finite.max()) if finite.size else 1.0
    shown = (
        (images, *ends),
        (true[..., None], low, high),
        (guess[..., None], low, high),
        (error[..., None], 0.0, largest),
    )
    for step in (1, 2, 4, 8, 16):
        small = [packed(_bytes(_smaller(v, step), *range_)) for v, *range_ in shown]
        if sum(len(v["data"]) for v in small) <= _BYTES:
            break
    relative = error / np.maximum(np.abs(true), 1e-9)
    return {
        "type": "DepthMaps",
        **dict(zip(("images", "true", "given", "error"), small, strict=True)),
        "low": low,
        "high": high,
        "largest": largest,
        "mae": error.mean((1, 2)),
        "relative": relative.mean((1, 2)),
    }


def _bytes(values: Array, low: Any, high: Any) -> Array:
    width = np.where(np.asarray(high) > low, np.asarray(high) - low, 1.0)
    share = np.nan_to_num((values - low) / width)
    return np.round(255 * np.clip(share, 0, 1)).astype(np.uint8)


def _smaller(maps: Array, step: int) -> Array:
    """Averages squares of `step` places; what is left over at the ends is cut off."""
    n, h, w, c = maps.shape
    tall, wide = min(step, h), min(step, w)
    rows, columns = h // tall, w // wide
    cut = maps[:, : rows * tall, : columns * wide]
    return np.asarray(cut.reshape(n, rows, tall, columns, wide, c).mean((2, 4)))
