"""Images as OpenAI's CLIP wants them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.utils.resize import resize_matrix
from dl_techniques.utils.validation import check, check_int

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


def clip_images(images: Sequence[Any], size: int = 224) -> NDArray[np.float32]:
    """Scales the shorter side to `size`, crops the centre and normalises.

    Scaling is Pillow's bicubic one, rounded to whole values after each axis.

    Args:
        images: Arrays `(height, width, 3)` of RGB in [0, 255], of any sizes.
        size: Side of the result.

    Returns:
        `(images, size, size, 3)`.

    Raises:
        ValueError: If an image has another shape.
    """
    check_int("size", size)
    return np.stack([_prepared(np.asarray(image), size) for image in images])


def _prepared(image: NDArray[Any], size: int) -> NDArray[np.float32]:
    known = image.ndim == 3 and image.shape[2] == 3
    check(known, "images", "of shapes (height, width, 3)", image.shape)
    height, width = image.shape[:2]
    short = min(height, width)
    sides = [int(size * n / short) for n in (height, width)]
    x = image.astype(np.float64)
    if sides[1] != width:
        x = _whole(np.einsum("ow,hwc->hoc", _matrix(width, sides[1]), x))
    if sides[0] != height:
        x = _whole(np.einsum("oh,hwc->owc", _matrix(height, sides[0]), x))
    top, left = ((n - size) // 2 for n in sides)
    x = x[top : top + size, left : left + size] / 255
    return ((x - np.array(MEAN)) / np.array(STD)).astype(np.float32)


def _matrix(before: int, after: int) -> NDArray[np.float64]:
    return resize_matrix(before, after, "bicubic", a=-0.5, antialias=True)


def _whole(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.floor(x.clip(0, 255) + 0.5)
