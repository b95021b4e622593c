"""Intersection over union of segmented classes."""

from typing import Any

import keras

from dl_techniques.metrics.segmentation_counts import SegmentationCounts


@keras.saving.register_keras_serializable(package="dl_techniques")
class SegmentationIoU(SegmentationCounts):
    """Intersection over union of every class over all pixels seen, averaged.

        TP / (TP + FP + FN)

    The value of `keras.metrics.MeanIoU` (class numbers) and `OneHotMeanIoU` (one-hot
    targets), which fit where neither a class is left out nor `per_class` is asked for.

    Args and shapes: see `SegmentationCounts`.
    """

    def ratio(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        return hits, hits + false_positives + false_negatives
