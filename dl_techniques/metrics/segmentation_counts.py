"""Base of segmentation metrics: hits and errors of every class over batches."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.losses.segmentation.base import Options
from dl_techniques.losses.segmentation.maps import as_map, prepare
from dl_techniques.utils.validation import check, check_int


class SegmentationCounts(keras.metrics.Metric):
    """Cuts predictions to classes and counts true and false positives and negatives.

    Subclasses implement `ratio(hits, false_positives, false_negatives)`.

    Args:
        num_classes: C; 1 for one channel, cut at 1/2.
        from_logits: Whether predictions are logits; matters for one channel only.
        include_background: False leaves class 0 out of the mean (C > 1).
        ignore_index: Pixels of this class number are not counted.
        class_id: Gives the value of this class alone.

    Shapes:
        As in `SegmentationLoss`; `sample_weight` is (B,) or one a pixel.

    Raises:
        ValueError: If an argument is out of range or shapes do not match.
    """

    def __init__(
        self,
        num_classes: int,
        from_logits: bool = False,
        include_background: bool = True,
        ignore_index: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_int("num_classes", num_classes)
        check_int("ignore_index", ignore_index, -(2**31), optional=True)
        check_int("class_id", class_id, 0, high=num_classes - 1, optional=True)
        for key, flag in (
            ("from_logits", from_logits),
            ("include_background", include_background),
        ):
            check(isinstance(flag, bool), key, "true or false", flag)
        self.num_classes = num_classes
        self.from_logits = from_logits
        self.include_background = include_background
        self.ignore_index = ignore_index
        self.class_id = class_id
        self.options = Options(from_logits=from_logits, ignore_index=ignore_index)
        names = ("hits", "false_positives", "false_negatives")
        self.hits, self.false_positives, self.false_negatives = (
            self.add_weight(name=n, shape=(num_classes,), initializer="zeros")
            for n in names
        )

    def ratio(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        """Returns top and bottom of every class's ratio, (C,) each."""
        raise NotImplementedError

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        maps = prepare(y_true, y_pred, self.options, "float32")
        rule = f"of {self.num_classes} channels"
        check(maps.channels == self.num_classes, "y_pred", rule, maps.channels)
        if maps.channels == 1:
            chosen = ops.cast(maps.chances > 0.5, maps.raw.dtype)
        else:
            best = ops.argmax(maps.raw, axis=-1)
            chosen = ops.one_hot(best, maps.channels, dtype=maps.raw.dtype)
        y, w = ops.cast(maps.target > 0.5, maps.raw.dtype), maps.pixels
        if sample_weight is not None:
            w = w * as_map(sample_weight, w)
        axes = tuple(range(len(y.shape) - 1))
        self.hits.assign_add(self._sum(w * y * chosen, axes))
        self.false_positives.assign_add(self._sum(w * (1 - y) * chosen, axes))
        self.false_negatives.assign_add(self._sum(w * y * (1 - chosen), axes))

    def _sum(self, values: Any, axes: tuple[int, ...]) -> Any:
        return ops.cast(ops.sum(values, axis=axes), self.dtype)

    def result(self) -> Any:
        """Returns the mean over the classes seen, or the value of `class_id`."""
        top, bottom = self._parts()
        value = ops.divide_no_nan(top, bottom)
        if self.class_id is not None:
            return value[self.class_id]
        counted = np.ones(self.num_classes, "float32")
        if not self.include_background and self.num_classes > 1:
            counted[0] = 0
        seen = ops.cast(bottom > 0, self.dtype) * ops.cast(counted, self.dtype)
        return ops.divide_no_nan(ops.sum(seen * value), ops.sum(seen))

    def per_class(self) -> NDArray[np.float64]:
        """Returns every class's value, NaN for a class not seen."""
        top, bottom = (ops.convert_to_numpy(v).astype("float64") for v in self._parts())
        return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), np.nan)

    def _parts(self) -> tuple[Any, Any]:
        counts = (self.hits, self.false_positives, self.false_negatives)
        return tuple(self.ratio(*(ops.convert_to_tensor(c) for c in counts)))

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            "num_classes": self.num_classes,
            "from_logits": self.from_logits,
            "include_background": self.include_background,
            "ignore_index": self.ignore_index,
            "class_id": self.class_id,
        }
