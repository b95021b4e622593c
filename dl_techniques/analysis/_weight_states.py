"""Read-outs of penalties on single weights: entropy of a unit, share at a state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray, float64
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_choice, check_number

NORMALIZATIONS = ("square", "abs", "softmax")


@dataclass(frozen=True, slots=True)
class StateShares(AnalysisResult):
    """How many weights lie near each of a few states.

    Attributes:
        states: The states.
        shares: Share of the weights within `tolerance` of each.
        tolerance: Largest distance that counts.
        elsewhere: Share of the weights near none of them.
    """

    states: FloatArray
    shares: FloatArray
    tolerance: float
    elsewhere: float


def state_shares(
    weights: Any, states: Sequence[float], tolerance: float = 0.05
) -> StateShares:
    """Returns the share of the weights near each state.

    Args:
        weights: Weights of any shape, at least one.
        states: For example (0, 1) or (-1, 0, 1).
        tolerance: Largest distance that counts, at least 0.

    Raises:
        ValueError: If there is no weight or state, or the tolerance is negative.
    """
    check_number("tolerance", tolerance, 0)
    w, places = float64(weights, "weights").ravel(), float64(states, "states", 1)
    check(w.size > 0, "weights", "at least one number", w.shape)
    check(places.size > 0, "states", "at least one number", states)
    near = np.abs(w[:, None] - places) <= tolerance
    return StateShares(
        states=places,
        shares=np.asarray(near.mean(axis=0)),
        tolerance=tolerance,
        elsewhere=float(1 - near.any(axis=1).mean()),
    )


def weight_entropy(
    kernel: Any, axis: int = -1, normalization: str = "square"
) -> FloatArray:
    """Returns the normalised entropy of the weights along an axis, in [0, 1].

        H = -sum p ln p / ln n,  p = w^2 / sum w^2 ("square"), |w| / sum |w| ("abs")
        or softmax(|w|)

    1 for weights of equal size, 0 when one carries everything or all are 0.

    Args:
        kernel: Weights.
        axis: The axis along which weights compete; it has at least two.
        normalization: "square", "abs" or "softmax".

    Raises:
        ValueError: The axis does not exist or is too short.
    """
    check_choice("normalization", normalization, NORMALIZATIONS)
    w = np.abs(float64(kernel, "kernel"))
    check(-w.ndim <= axis < w.ndim, "axis", f"an axis of rank {w.ndim}", axis)
    n = w.shape[axis]
    check(n > 1, "axis", "an axis with 2 or more weights", axis)
    size = {"square": w**2, "abs": w}.get(normalization)
    if size is None:
        size = np.exp(w - w.max(axis=axis, keepdims=True))
    total = size.sum(axis=axis, keepdims=True)
    p = size / np.where(total > 0, total, 1)
    logs = np.log(np.where(p > 0, p, 1))
    return np.asarray(-(p * logs).sum(axis=axis) / np.log(n))
