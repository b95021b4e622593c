"""Targets and predictions of a segmentation in one form."""

from dataclasses import dataclass, replace
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.targets import floored_log
from dl_techniques.utils.validation import check


@dataclass(frozen=True)
class Maps:
    """Everything a loss compares.

    Attributes:
        target: One-hot classes (B, ..., C).
        raw: The predictions as given, (B, ..., C).
        from_logits: Whether `raw` are logits.
        pixels: Weights of the pixels, (B, ..., 1).
        together: Whether the images of a batch are taken as one.
    """

    target: Any
    raw: Any
    from_logits: bool
    pixels: Any
    together: bool = False

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.raw.shape[-1])

    @property
    def chances(self) -> Any:
        """Probabilities of the classes, (B, ..., C)."""
        if not self.from_logits:
            return self.raw
        one = self.channels == 1
        return ops.sigmoid(self.raw) if one else ops.softmax(self.raw, axis=-1)

    @property
    def logs(self) -> tuple[Any, Any]:
        """Logarithms of the probabilities and, for one channel, of their rest."""
        if self.channels == 1:
            if self.from_logits:
                return ops.log_sigmoid(self.raw), ops.log_sigmoid(-self.raw)
            return floored_log(self.raw), floored_log(1 - self.raw)
        if self.from_logits:
            return ops.log_softmax(self.raw, axis=-1), None
        return floored_log(self.raw), None

    def total(self, values: Any) -> Any:
        """Returns weighted sums over the pixels: (B, C), or (1, C) when together."""
        first = 0 if self.together else 1
        axes = tuple(range(first, len(values.shape) - 1))
        summed = ops.sum(self.pixels * values, axis=axes)
        return ops.expand_dims(summed, 0) if self.together else summed

    def mean(self, values: Any, weights: Any = None) -> Any:
        """Returns means over the pixels, 0 where no pixel counts."""
        weights = ops.ones_like(values[..., :1]) if weights is None else weights
        count = self.total(weights)
        safe = ops.where(count > 0, count, ops.ones_like(count))
        return self.total(weights * values) / safe

    def joined(self, images: Any) -> "Maps":
        """Returns the maps of a batch taken as one image; `images` are weights."""
        pixels = self.pixels
        if images is not None:
            pixels = pixels * as_map(images, pixels)
        return replace(self, pixels=pixels, together=True)


def prepare(y_true: Any, y_pred: Any, options: Any, dtype: str) -> Maps:
    """Checks shapes and makes the targets one-hot.

    Raises:
        ValueError: The shapes cannot be matched.
    """
    raw = ops.convert_to_tensor(y_pred)
    raw = ops.cast(raw, keras.backend.result_type(raw.dtype, dtype))
    y = ops.convert_to_tensor(y_true)
    wide = keras.backend.result_type(raw.dtype, "float32")
    given, wanted = tuple(y.shape), tuple(raw.shape)
    legal = 3 <= len(wanted) <= 5 and wanted[-1] is not None
    check(legal, "y_pred", "(B, ..., C) with one to three spatial axes", wanted)
    classes = wanted[-1]
    column = len(given) == len(wanted) and given[-1] == 1
    numbers = len(given) == len(wanted) - 1 or column
    lead = zip(given, wanted[:-1], strict=False)
    fits = all(a == b or None in (a, b) for a, b in lead)
    rule = f"classes or one-hot classes of predictions of shape {wanted}"
    rows = len(given) == len(wanted) and given[-1] == classes
    check(fits and (numbers or rows), "y_true", rule, given)
    target, kept = _one_hot(y, classes, numbers, column, options.ignore_index, wide)
    return Maps(target, ops.cast(raw, wide), options.from_logits, kept)


def _one_hot(
    y: Any, classes: int, numbers: bool, column: bool, ignored: int | None, dtype: str
) -> tuple[Any, Any]:
    """Returns one-hot targets and which pixels count, (B, ..., 1)."""
    if not numbers:
        y = ops.cast(y, dtype)
        if ignored is None:
            return y, ops.ones_like(y[..., :1])
        kept = ops.sum(y, axis=-1, keepdims=True) > 0
        if 0 <= ignored < classes:
            kept = ops.logical_and(kept, y[..., ignored : ignored + 1] < 0.5)
        return y, ops.cast(kept, dtype)
    if classes == 1 and ignored is None:  # shares are welcome for one channel
        y = ops.cast(y if column else ops.expand_dims(y, -1), dtype)
        return y, ops.ones_like(y)
    labels = ops.cast(ops.squeeze(y, -1) if column else y, "int32")
    kept = ops.ones_like(labels, dtype="bool")
    if ignored is not None:
        kept = ops.not_equal(labels, ignored)
        labels = ops.where(kept, labels, ops.zeros_like(labels))
    if classes == 1:
        target = ops.cast(ops.expand_dims(labels, -1), dtype)
    else:
        target = ops.one_hot(labels, classes, dtype=dtype)
    return target, ops.cast(ops.expand_dims(kept, -1), dtype)


def as_map(weights: Any, pixels: Any) -> Any:
    """Spreads weights (B, ...) over pixels (B, ..., 1)."""
    weights = ops.cast(ops.convert_to_tensor(weights), pixels.dtype)
    while len(weights.shape) < len(pixels.shape):
        weights = ops.expand_dims(weights, -1)
    return weights


def image_weights(maps: Maps, sample_weight: Any, mask: Any) -> tuple[Any, Maps]:
    """Splits weights into those of images (B,) or None, and those of pixels."""
    pixels = maps.pixels
    rank = len(pixels.shape)
    if mask is not None:
        pixels = pixels * as_map(mask, pixels)
    if sample_weight is None:
        return None, replace(maps, pixels=pixels)
    weights = ops.cast(ops.convert_to_tensor(sample_weight), pixels.dtype)
    if len(weights.shape) >= rank - 1 and len(weights.shape) > 1:
        check(len(weights.shape) <= rank, "sample_weight", "(B,) or (B, ...)", rank)
        return None, replace(maps, pixels=pixels * as_map(weights, pixels))
    return ops.reshape(weights, (-1,)), replace(maps, pixels=pixels)


def weights_of_classes(options: Any, target: Any) -> Any:
    """Returns the weights of the classes, background and given weights in, (C,)."""
    classes = target.shape[-1]
    weights = options.class_weights or [1.0] * classes
    rule = f"{classes} weights, one a class"
    check(len(weights) == classes, "class_weights", rule, weights)
    if not options.include_background and classes > 1:
        weights = [0.0, *weights[1:]]
        rule = "above 0 for a class that is not the background"
        check(any(w > 0 for w in weights), "class_weights", rule, weights)
    return ops.cast(ops.convert_to_tensor(weights), target.dtype)
