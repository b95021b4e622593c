"""How often an image finds its own text among the first k."""

from typing import Any

import keras

from dl_techniques.losses.pairs import pair_logits
from dl_techniques.metrics.clip_accuracy import DIRECTIONS, direction_hits
from dl_techniques.metrics.hit_rate import HitRate
from dl_techniques.utils.validation import check_choice, check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class CLIPRecallAtK(HitRate):
    """Counts the rows of logits_per_image whose own column is among the k largest.

    Args:
        k: How many count, at least 1 and at most the batch size.
        direction: "i2t" looks from images to texts, "t2i" the other way, "mean"
            averages both.

    Shapes:
        As in `CLIPAccuracy`.

    Raises:
        ValueError: If an argument is out of range, or `k` above the batch size.

    Source: Radford et al. (2021), arXiv:2103.00020.
    """

    def __init__(
        self,
        k: int,
        direction: str = "i2t",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_int("k", k)
        super().__init__(name=name or f"clip_recall_at_{k}", dtype=dtype)
        check_choice("direction", direction, DIRECTIONS)
        self.k = k
        self.direction = direction

    def hits(self, y_true: Any, y_pred: Any) -> Any:
        image, text = pair_logits(y_pred)
        return direction_hits(image, text, self.k, self.direction, "k")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k, "direction": self.direction}
