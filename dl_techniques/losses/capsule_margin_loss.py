"""The margin loss of capsule networks."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.targets import aligned, float_tensor
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class CapsuleMarginLoss(keras.losses.Loss):
    """Wants the true class's capsule long and all others short.

        sum_c y_c max(0, m_plus - v_c)^2 + downweight (1 - y_c) max(0, v_c - m_minus)^2
        + reconstruction_weight sum((image - reconstruction)^2)

    One value a sample; `v` are the capsules' lengths. 0 inside the margins; classes do
    not see each other.

    Args:
        m_plus: Length from which the true capsule is long enough, in (m_minus, 1].
        m_minus: Length up to which the others are short enough, in [0, m_plus).
        downweight: Weight of the absent classes, at least 0.
        reconstruction_weight: Above 0, the loss takes pairs: `(labels, images)` and
            `(capsules, reconstructions)`.

    Shapes:
        Labels (B,), (B, 1) or one-hot (B, C); lengths (B, C), or capsules (B, C, D)
        whose lengths are taken -> (B,).

    Raises:
        ValueError: If an argument is out of range or shapes do not match.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, eq. 4 and section 4.1.
    """

    def __init__(
        self,
        m_plus: float = 0.9,
        m_minus: float = 0.1,
        downweight: float = 0.5,
        reconstruction_weight: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_number("m_plus", m_plus, 0, low_open=True, high=1)
        check_number("m_minus", m_minus, 0, high=1, high_open=True)
        check(m_minus < m_plus, "m_minus", f"below `m_plus` ({m_plus})", m_minus)
        check_number("downweight", downweight, 0)
        check_number("reconstruction_weight", reconstruction_weight, 0)
        self.m_plus = m_plus
        self.m_minus = m_minus
        self.downweight = downweight
        self.reconstruction_weight = reconstruction_weight

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not self.reconstruction_weight:
            return self._margin(y_true, y_pred)
        pairs = all(
            isinstance(v, list | tuple) and len(v) == 2 for v in (y_true, y_pred)
        )
        rule = "pairs (labels, images) and (capsules, reconstructions)"
        check(pairs, "y_true and y_pred", rule, type(y_pred).__name__)
        error = float_tensor(y_true[1]) - float_tensor(y_pred[1])
        axes = tuple(range(1, len(error.shape)))
        error = self.reconstruction_weight * ops.sum(ops.square(error), axis=axes)
        return self._margin(y_true[0], y_pred[0]) + error

    def _margin(self, y_true: Any, y_pred: Any) -> Any:
        y, v = aligned(y_true, capsule_lengths(y_pred))
        short = ops.square(ops.relu(self.m_plus - v))
        long = ops.square(ops.relu(v - self.m_minus))
        return ops.sum(y * short + self.downweight * (1 - y) * long, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "dtype": self.dtype,
            "m_plus": self.m_plus,
            "m_minus": self.m_minus,
            "downweight": self.downweight,
            "reconstruction_weight": self.reconstruction_weight,
        }


def capsule_lengths(y_pred: Any) -> Any:
    """Returns lengths (B, C) of capsules (B, C, D); lengths pass through.

    The root's slope is 0 for a capsule of zeros.
    """
    v = float_tensor(y_pred)
    check(len(v.shape) in (2, 3), "y_pred", "(B, C) or (B, C, D)", tuple(v.shape))
    if len(v.shape) == 2:
        return v
    return ops.sqrt(ops.maximum(ops.sum(v * v, axis=-1), 1e-24))
