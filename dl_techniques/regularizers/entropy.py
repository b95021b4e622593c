"""Entropy of a weight distribution, driven to a target."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.utils.kernels import as_float32
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

NORMALIZATIONS = ("square", "abs", "softmax")
MODES = {"low": 0.2, "medium": 0.5, "high": 0.8}


@keras.saving.register_keras_serializable(package="dl_techniques")
class EntropyRegularizer(keras.regularizers.Regularizer):
    """Drives how evenly the weights of a vector are spread to a target.

        p = w^2 / (sum w^2 + eps);  H = -sum p ln(p + eps) / ln n
        strength * mean((H - target_entropy)^2)

    The sums run along `axis`, of length `n`. `H = 1` for weights of equal size, 0
    when one weight carries everything. "abs" takes `|w|` in place of `w^2`, "softmax"
    takes `softmax(|w|)`, which stays near `H = 1` for weights of usual size.

    Args:
        strength: Weight of the penalty, at least 0.
        target_entropy: Wanted `H`, in [0, 1].
        axis: The axis along which weights compete.
        normalization: "square", "abs" or "softmax".
        epsilon: Stabiliser, above 0.

    Raises:
        ValueError: For an illegal argument; when called on a weight without that axis
            or with one element along it.

    Source: this project.
    """

    def __init__(
        self,
        strength: float = 0.01,
        target_entropy: float = 0.7,
        axis: int = -1,
        normalization: str = "square",
        epsilon: float = 1e-10,
    ) -> None:
        check_number("strength", strength, 0)
        check_number("target_entropy", target_entropy, 0, high=1)
        check_int("axis", axis, low=-16)
        check_choice("normalization", normalization, NORMALIZATIONS)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.strength = strength
        self.target_entropy = target_entropy
        self.axis = axis
        self.normalization = normalization
        self.epsilon = epsilon

    def entropy(self, x: Any) -> Any:
        """Returns `H` for each vector along the axis."""
        w = as_float32(x)
        rank = len(w.shape)
        check(-rank <= self.axis < rank, "axis", f"an axis of rank {rank}", self.axis)
        n = w.shape[self.axis]
        check(n > 1, "axis", "an axis with 2 or more weights", self.axis)
        if self.normalization == "softmax":
            p = ops.softmax(ops.abs(w), axis=self.axis)
        else:
            size = ops.square(w) if self.normalization == "square" else ops.abs(w)
            total = ops.sum(size, axis=self.axis, keepdims=True)
            p = size / (total + self.epsilon)
        return -ops.sum(p * ops.log(p + self.epsilon), axis=self.axis) / math.log(n)

    def __call__(self, x: Any) -> Any:
        gap = self.entropy(x) - self.target_entropy
        return self.strength * ops.mean(ops.square(gap))

    def get_config(self) -> dict[str, Any]:
        return {
            "strength": self.strength,
            "target_entropy": self.target_entropy,
            "axis": self.axis,
            "normalization": self.normalization,
            "epsilon": self.epsilon,
        }


def get_entropy_regularizer(
    strength: float = 0.01,
    target_entropy: float | None = None,
    mode: str | None = None,
) -> EntropyRegularizer:
    """Returns a regularizer with the target of a mode: low, medium or high.

    Args:
        strength: Weight of the penalty, at least 0.
        target_entropy: Wanted entropy; wins over `mode`.
        mode: "low" (0.2), "medium" (0.5) or "high" (0.8); None with no target is
            the default target.

    Raises:
        ValueError: If the mode is unknown.
    """
    if target_entropy is None and mode is None:
        return EntropyRegularizer(strength)
    if target_entropy is None:
        check_choice("mode", mode, tuple(MODES))
        target_entropy = MODES[str(mode)]
    return EntropyRegularizer(strength, target_entropy)
