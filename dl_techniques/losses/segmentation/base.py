"""What all segmentation losses share: targets, classes, masks and means."""

from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.batch_loss import reduced
from dl_techniques.losses.segmentation.maps import (
    Maps,
    image_weights,
    prepare,
    weights_of_classes,
)
from dl_techniques.utils.validation import check, check_int, check_number


@dataclass(frozen=True)
class Options:
    """The arguments every segmentation loss takes, with their defaults."""

    from_logits: bool = False
    per_image: bool = True
    class_weights: Any = None
    include_background: bool = True
    ignore_index: int | None = None
    smooth: float = 0.0
    epsilon: float = 1e-7


class SegmentationLoss(keras.losses.Loss):
    """Base: compares maps of classes with maps of probabilities.

    Subclasses implement `compare(maps)`, which returns one value an image and class,
    (B, C), or `values(maps)`, one value an image, (B,).

    Args:
        from_logits: Whether predictions are logits: softmax for C > 1, sigmoid for one
            channel.
        per_image: True takes sums over the spatial axes and gives one value an image;
            False takes them over the batch too and gives one value a batch, which
            then depends on the batch size.
        class_weights: Weights of the C classes in the mean over classes, at least 0,
            not all 0; None weighs all alike.
        include_background: False leaves class 0 out of the mean (C > 1).
        ignore_index: Pixels of this class number count nowhere; it may lie outside
            0..C-1. One-hot pixels without a class are ignored then too.
        smooth: Added to numerator and denominator of ratios, at least 0.
        epsilon: Keeps divisions finite, above 0.

    Shapes:
        y_true one-hot (B, ..., C), or class numbers (B, ...) or (B, ..., 1); y_pred
        (B, ..., C) with one to three spatial axes. `sample_weight` is (B,), or one
        weight a pixel (B, ...), which enters the sums.

    Raises:
        ValueError: If an argument is out of range or shapes do not match.
    """

    def __init__(
        self,
        from_logits: bool = False,
        per_image: bool = True,
        class_weights: Any = None,
        include_background: bool = True,
        ignore_index: int | None = None,
        smooth: float = 0.0,
        epsilon: float = 1e-7,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        flags = {
            "from_logits": from_logits,
            "per_image": per_image,
            "include_background": include_background,
        }
        for key, flag in flags.items():
            check(isinstance(flag, bool), key, "true or false", flag)
        check_int("ignore_index", ignore_index, -(2**31), optional=True)
        check_number("smooth", smooth, 0)
        check_number("epsilon", epsilon, 0, low_open=True)
        check_class_weights(class_weights)
        if not per_image:
            alone = reduction in ("sum_over_batch_size", "none", None)
            rule = "sum_over_batch_size or none when `per_image` is false"
            check(alone, "reduction", rule, reduction)
        weights = None if class_weights is None else [float(w) for w in class_weights]
        self.options = Options(
            **flags,
            class_weights=weights,
            ignore_index=ignore_index,
            smooth=smooth,
            epsilon=epsilon,
        )

    def compare(self, maps: Maps) -> Any:
        """Returns the loss of every image and class, (B, C)."""
        raise NotImplementedError

    def values(self, maps: Maps) -> Any:
        """Returns the loss of every image, (B,)."""
        return ops.sum(self.compare(maps) * self.class_shares(maps), axis=-1)

    def class_shares(self, maps: Maps) -> Any:
        """Returns the weights of the classes, which sum to 1, (C,)."""
        given = weights_of_classes(self.options, maps.target)
        return given / ops.sum(given)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns the reduced loss."""
        mask = getattr(y_pred, "_keras_mask", None)
        with keras.name_scope(self.name):
            maps = prepare(y_true, y_pred, self.options, self.dtype)
            images, maps = image_weights(maps, sample_weight, mask)
            if self.options.per_image:
                values = ops.cast(self.values(maps), self.dtype)
                return reduced(values, images, self)
            value = ops.cast(self.values(maps.joined(images)), self.dtype)
            if self.reduction != "sum_over_batch_size":
                return value[0]
            return reduced(value, None, self)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        maps = prepare(y_true, y_pred, self.options, self.dtype)
        if not self.options.per_image:
            maps = maps.joined(None)
        return self.values(maps)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "dtype": self.dtype}
        return {**config, **vars(self.options)}


def check_class_weights(weights: Any) -> None:
    """Raises `ValueError` unless these are weights of classes, or None."""
    if weights is None:
        return
    check(isinstance(weights, list | tuple), "class_weights", "a list", weights)
    for weight in weights:
        check_number("class_weights", weight, 0)
    check(any(w > 0 for w in weights), "class_weights", "above 0 somewhere", weights)
