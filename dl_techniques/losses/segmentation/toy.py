"""Two circles, one moved: what every segmentation loss says of the offset."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.losses.segmentation.combo import NAMES, create_segmentation_loss
from dl_techniques.utils.validation import check, check_int, check_number


def two_circles(
    offset: float, size: int = 48, radius: float = 10.0, softness: float = 1.0
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns a round mask and a round prediction moved sideways, (1, size, size, 1).

    Args:
        offset: Pixels between the centres.
        size: Pixels of a side, at least 4.
        radius: Of both circles in pixels, above 0.
        softness: Pixels over which the prediction fades from 1 to 0; 0 is a hard edge.

    Raises:
        ValueError: If an argument is out of range.
    """
    check_number("offset", offset, None)
    check_int("size", size, 4)
    check_number("radius", radius, 0, low_open=True)
    check_number("softness", softness, 0)
    places = np.arange(size) - (size - 1) / 2
    target = np.hypot(places[:, None], places) <= radius
    inside = radius - np.hypot(places[:, None], places - offset)
    if softness == 0:
        guess = (inside >= 0).astype(np.float64)
    else:
        guess = 0.5 * (1 + np.tanh(0.5 * inside / (0.25 * softness)))
    shape = (1, size, size, 1)
    return target.reshape(shape).astype("float32"), guess.reshape(shape).astype(
        "float32"
    )


def losses_over_offset(
    offsets: Sequence[float], names: Sequence[str] | None = None, **circles: Any
) -> dict[str, NDArray[np.float64]]:
    """Returns the value of every named loss at every offset.

    Args:
        offsets: Pixels between the centres.
        names: Names of `create_segmentation_loss`; None takes all.
        **circles: Further arguments of `two_circles`.

    Raises:
        ValueError: If a name is unknown or an argument is out of range.
    """
    check(len(offsets) > 0, "offsets", "at least one number", offsets)
    chosen = sorted(set(NAMES) - {"iou"}) if names is None else list(names)
    parts = {name: create_segmentation_loss(name) for name in chosen}
    pairs = [two_circles(float(o), **circles) for o in offsets]
    return {
        name: np.array([float(ops.convert_to_numpy(loss(y, p))) for y, p in pairs])
        for name, loss in parts.items()
    }
