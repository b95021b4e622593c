"""Dice overlap of segmented classes."""

from typing import Any

import keras

from dl_techniques.metrics.segmentation_counts import SegmentationCounts


@keras.saving.register_keras_serializable(package="dl_techniques")
class SegmentationDice(SegmentationCounts):
    """Dice overlap of every class over all pixels seen, averaged.

        2 TP / (2 TP + FP + FN)

    Args and shapes: see `SegmentationCounts`.

    Source: Dice (1945), Ecology 26(3).
    """

    def ratio(self, hits: Any, false_positives: Any, false_negatives: Any) -> Any:
        return 2 * hits, 2 * hits + false_positives + false_negatives
