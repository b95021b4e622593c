"""How often the longest capsule is the right one."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.capsule_margin_loss import capsule_lengths
from dl_techniques.losses.targets import aligned
from dl_techniques.metrics.hit_rate import HitRate


@keras.saving.register_keras_serializable(package="dl_techniques")
class CapsuleAccuracy(HitRate):
    """Counts the samples whose longest capsule belongs to the true class.

    Shapes:
        Labels (B,), (B, 1) or one-hot (B, C); lengths (B, C), or capsules (B, C, D).

    Raises:
        ValueError: If shapes do not match.
    """

    def __init__(self, name: str = "capsule_accuracy", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def hits(self, y_true: Any, y_pred: Any) -> Any:
        y, v = aligned(y_true, capsule_lengths(y_pred))
        return ops.equal(ops.argmax(y, axis=-1), ops.argmax(v, axis=-1))
