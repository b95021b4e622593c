"""Lovasz extensions of the Jaccard loss."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.segmentation.base import SegmentationLoss
from dl_techniques.losses.segmentation.maps import Maps, weights_of_classes
from dl_techniques.losses.targets import floored_log
from dl_techniques.utils.validation import check

CLASSES = ("present", "all")


def flat(values: Any, together: bool) -> Any:
    """Returns (B, C, pixels), or (1, C, pixels) when the batch is taken as one."""
    channels = values.shape[-1]
    size = (1, -1, channels) if together else (ops.shape(values)[0], -1, channels)
    return ops.transpose(ops.reshape(values, size), (0, 2, 1))


def lovasz_slope(y: Any, w: Any) -> Any:
    """Returns the discrete slope of the Jaccard loss along sorted pixels.

    Args:
        y: Targets in the order of falling errors, (..., pixels).
        w: Weights of the pixels in that order.
    """
    total = ops.sum(w * y, axis=-1, keepdims=True)
    both = total - ops.cumsum(w * y, axis=-1)
    union = total + ops.cumsum(w * (1 - y), axis=-1)
    jaccard = 1.0 - both / ops.maximum(union, 1e-7)
    before = ops.concatenate(
        [ops.zeros_like(jaccard[..., :1]), jaccard[..., :-1]], axis=-1
    )
    return ops.stop_gradient(jaccard - before)


def lovasz(errors: Any, y: Any, w: Any) -> Any:
    """Returns sum_i relu(e_i) g_i over pixels sorted by falling error, (B, C).

    A pixel without weight has no part; one of weight 2 counts as two pixels.
    """
    low = ops.where(w > 0, errors, ops.full_like(errors, -1e30))
    order = ops.argsort(-ops.stop_gradient(low), axis=-1)
    e, y, w = (ops.take_along_axis(v, order, axis=-1) for v in (errors, y, w))
    return ops.sum(ops.relu(e) * ops.where(w > 0, lovasz_slope(y, w), 0.0), axis=-1)


def parts(maps: Maps) -> tuple[Any, Any]:
    """Returns targets and pixel weights as (B, C, pixels)."""
    y = flat(maps.target, maps.together)
    w = flat(maps.pixels * ops.ones_like(maps.target), maps.together)
    return y, w


@keras.saving.register_keras_serializable(package="dl_techniques")
class LovaszSoftmaxLoss(SegmentationLoss):
    """Extends 1 - intersection over union from masks to probabilities.

        sum_i e_(i) g_i,  e = |y - p| sorted downwards, g = slope of the Jaccard loss

    Each class gives one value; hard predictions give 1 - IoU exactly.

    Args:
        classes: "present" averages the classes in the target, "all" all of them; or a
            list of class numbers.
        **shared: See `SegmentationLoss`; `smooth` is not used.

    Cost: one sort of the pixels a class and image.

    Source: Berman, Triki, Blaschko (2018), arXiv:1705.08790, algorithm 1.
    """

    def __init__(self, classes: str | Sequence[int] = "present", **shared: Any) -> None:
        super().__init__(**shared)
        listed = isinstance(classes, list | tuple) and len(classes) > 0
        listed = listed and all(isinstance(c, int) and c >= 0 for c in classes)
        rule = "present, all, or a list of class numbers"
        check(classes in CLASSES or listed, "classes", rule, classes)
        self.classes = classes if isinstance(classes, str) else list(classes)

    def values(self, maps: Maps) -> Any:
        y, w = parts(maps)
        errors = ops.abs(y - flat(maps.chances, maps.together))
        loss = lovasz(errors, y, w)
        share = weights_of_classes(self.options, maps.target) * ops.ones_like(loss)
        if self.classes == "present":
            share = share * ops.cast(ops.sum(w * y, axis=-1) > 0, loss.dtype)
        elif self.classes != "all":
            count = maps.channels
            rule = f"numbers below {count}"
            check(max(map(int, self.classes)) < count, "classes", rule, self.classes)
            chosen = [float(c in self.classes) for c in range(count)]
            share = share * ops.cast(ops.convert_to_tensor(chosen), loss.dtype)
        total = ops.sum(share, axis=-1)
        safe = ops.where(total > 0, total, ops.ones_like(total))
        return ops.sum(share * loss, axis=-1) / safe

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}


@keras.saving.register_keras_serializable(package="dl_techniques")
class LovaszHingeLoss(SegmentationLoss):
    """Extends 1 - intersection over union to the margins of binary logits.

        sum_i max(0, e_(i)) g_i,  e = 1 - (2 y - 1) z sorted downwards

    `z` is the logit of the class against the rest, one a channel; probabilities are
    turned back into logits.

    Args:
        per_image: See `SegmentationLoss`.
        **shared: The other arguments of `SegmentationLoss`; `smooth` is not used.

    Cost: one sort of the pixels a class and image.

    Source: Berman, Triki, Blaschko (2018), arXiv:1705.08790, section 2.2.
    """

    def __init__(self, per_image: bool = True, **shared: Any) -> None:
        super().__init__(per_image=per_image, **shared)

    def compare(self, maps: Maps) -> Any:
        z = maps.raw
        if not maps.from_logits:
            z = floored_log(z) - floored_log(1 - z)
        y, w = parts(maps)
        return lovasz(1.0 - (2.0 * y - 1.0) * flat(z, maps.together), y, w)
