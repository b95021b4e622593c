"""How often an image finds its own text in the batch."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.pairs import own_pair, pair_logits
from dl_techniques.metrics.hit_rate import HitRate
from dl_techniques.utils.validation import check, check_choice, check_int

DIRECTIONS = ("mean", "i2t", "t2i")


@keras.saving.register_keras_serializable(package="dl_techniques")
class CLIPAccuracy(HitRate):
    """Counts the rows whose own column is among the k largest.

        rank = number of strictly larger entries in the row; a hit if rank < top_k

    Args:
        top_k: k, at least 1 and at most the batch size.
        direction: "i2t" looks from images to texts, "t2i" the other way, "mean"
            averages both.

    Shapes:
        logits_per_image (B, B), or a pair or dictionary as in `CLIPContrastiveLoss`;
        targets are ignored. A larger batch makes the task harder.

    Raises:
        ValueError: If an argument is out of range, or `top_k` above the batch size.

    Source: Radford et al. (2021), arXiv:2103.00020.
    """

    def __init__(
        self,
        top_k: int = 1,
        direction: str = "mean",
        name: str = "clip_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_int("top_k", top_k)
        check_choice("direction", direction, DIRECTIONS)
        self.top_k = top_k
        self.direction = direction

    def hits(self, y_true: Any, y_pred: Any) -> Any:
        image, text = pair_logits(y_pred)
        return direction_hits(image, text, self.top_k, self.direction, "top_k")

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "top_k": self.top_k,
            "direction": self.direction,
        }


def direction_hits(image: Any, text: Any, k: int, direction: str, argument: str) -> Any:
    """Returns the hits of each pair, looking in one direction or both."""
    columns = image.shape[-1]
    rule = f"at most the batch size ({columns})"
    check(columns is None or k <= columns, argument, rule, k)
    chosen = {"i2t": (image,), "t2i": (text,), "mean": (image, text)}[direction]
    return sum(_hits(logits, k) for logits in chosen) / len(chosen)


def _hits(logits: Any, k: int) -> Any:
    own = own_pair(logits) > 0
    mine = ops.sum(ops.where(own, logits, 0.0), axis=-1, keepdims=True)
    # NaN compares with nothing: "not at most" counts it as larger, so it never hits.
    larger = ops.logical_not(ops.logical_or(logits <= mine, own))
    rank = ops.sum(ops.cast(larger, "int32"), axis=-1)
    return ops.cast(rank < k, "float32")
