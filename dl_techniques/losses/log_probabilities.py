"""Log-probabilities of at least two classes, and what is made of them."""

from typing import Any

from keras import ops

from dl_techniques.losses.targets import FLOOR, floored_log, mean_over_rows


def two_sided(y: Any, y_pred: Any, from_logits: bool) -> tuple[Any, Any]:
    """Writes one column as two, so that a binary answer is a choice of two classes.

    A logit z becomes (0, z) and a probability p becomes (1 - p, p).
    """
    if y_pred.shape[-1] != 1:
        return y, y_pred
    no = ops.zeros_like(y_pred) if from_logits else 1 - y_pred
    pair = ops.concatenate([no, y_pred], axis=-1)
    return ops.concatenate([1 - y, y], axis=-1), pair


def log_probabilities(
    y_pred: Any, from_logits: bool, floor: float = FLOOR
) -> tuple[Any, Any]:
    """Returns probabilities and their logarithms, (..., C)."""
    if from_logits:
        logs = ops.log_softmax(y_pred, axis=-1)
        return ops.exp(logs), logs
    return y_pred, floored_log(y_pred, floor)


def entropy(p: Any, logs: Any) -> Any:
    """Returns -sum p ln p of each row, (..., 1)."""
    return -ops.sum(p * logs, axis=-1, keepdims=True)


def mutual_information(p: Any, spread: Any, weights: Any, floor: float) -> Any:
    """Returns H(mean p) - mean H of rows (..., C), weighted, as a scalar.

    It is at least 0 by Jensen's inequality; rounding below 0 is cut off.
    """
    axes = tuple(range(len(p.shape) - 1))
    total = ops.sum(weights)
    safe = ops.where(total > 0, total, ops.ones_like(total))
    mean = ops.sum(weights * p, axis=axes) / safe
    marginal = -ops.sum(mean * floored_log(mean, floor))
    return ops.maximum(marginal - mean_over_rows(spread, weights), 0.0)
