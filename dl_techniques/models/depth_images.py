"""Pictures in, depth out, in the sizes that a depth model takes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.models.classifier_options import IMAGENET
from dl_techniques.utils.resize import resize_grid
from dl_techniques.utils.validation import check

Image = NDArray[Any]


def prepared(
    image: Image,
    size: int,
    patch: int,
    fixed: tuple[int | None, ...],
    *,
    scale: bool,
) -> NDArray[np.float32]:
    """Returns `(1, height, width, 3)`: resized and, with `scale`, normalised.

    Args:
        image: `(height, width, 3)`, in [0, 255].
        size: The least length of the shorter side.
        patch: Both sides become multiples of it.
        fixed: Height and width where the model takes no others.
        scale: Whether mean and deviation of ImageNet are taken out.
    """
    array = np.asarray(image, np.float64)
    fits = array.ndim == 3 and array.shape[-1] == 3
    check(fits, "image", "(height, width, 3)", array.shape)
    height, width = array.shape[:2]
    grow = size / min(height, width)
    rows, columns = (
        given or _multiple(grow * side, size, patch)
        for given, side in zip(fixed, (height, width), strict=True)
    )
    y = resize_grid(array, rows, columns, kind="bicubic", a=-0.75)[None]
    if not scale:
        return y
    mean, std = (np.array(IMAGENET[k]) for k in ("mean", "std"))
    return np.asarray((y / 255 - mean) / std, np.float32)


def _multiple(length: float, least: int, patch: int) -> int:
    """Returns the multiple nearest to `length` that is not below `least`."""
    nearest = round(length / patch) * patch
    return nearest if nearest >= least else -(-least // patch) * patch


def resized(depth: Image, rows: int, columns: int) -> NDArray[np.float32]:
    """Returns a depth map `(height, width)` in another size, bilinear by corners."""
    options: dict[str, Any] = {"kind": "bilinear", "align_corners": True}
    return resize_grid(np.asarray(depth)[..., None], rows, columns, **options)[..., 0]
