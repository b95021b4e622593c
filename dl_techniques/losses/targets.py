"""Brings labels, predictions and weights of a classification loss into one form."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check

FLOOR = 1e-7  # smallest probability whose logarithm is taken


def float_tensor(x: Any) -> Any:
    """Returns a tensor in float32 or wider."""
    x = ops.convert_to_tensor(x)
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def aligned(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Returns targets and predictions, both (..., C) and in float32 or wider.

    Args:
        y_true: Rows (..., C), or class numbers (...) or (..., 1), which become
            one-hot rows when C > 1.
        y_pred: Predictions (..., C); one axis alone is read as C = 1.

    Raises:
        ValueError: The shapes cannot be matched.
    """
    y, z = ops.convert_to_tensor(y_true), float_tensor(y_pred)
    given, wanted = tuple(y.shape), tuple(z.shape)
    if len(z.shape) == 1:
        z = ops.expand_dims(z, -1)
    *lead, classes = z.shape
    rule = f"labels or one-hot rows that fit predictions of shape {wanted}"
    ranks = len(y.shape) - len(lead)
    check(ranks in (0, 1), "y_true", rule, given)
    pairs = zip(y.shape, lead, strict=False)
    fits = all(a == b or None in (a, b) for a, b in pairs)
    last = y.shape[-1] if ranks == 1 else 1
    check(fits and last in (None, 1, classes), "y_true", rule, given)
    if ranks == 0:
        y = ops.expand_dims(y, -1)
    if last == 1 and classes != 1:
        labels = ops.cast(ops.squeeze(y, -1), "int32")
        return ops.one_hot(labels, classes, dtype=z.dtype), z
    return ops.cast(y, z.dtype), z


def row_weights(sample_weight: Any, y: Any) -> Any:
    """Returns weights (..., 1) for targets (..., C); None weighs every row 1.

    Raises:
        ValueError: The weights have more axes than the rows.
    """
    ones = ops.ones_like(y[..., :1])
    if sample_weight is None:
        return ones
    w = ops.cast(ops.convert_to_tensor(sample_weight), y.dtype)
    rank = len(y.shape)
    fits = len(w.shape) < rank or (len(w.shape) == rank and w.shape[-1] == 1)
    check(fits, "sample_weight", f"one weight a row of {tuple(y.shape)}", w.shape)
    while len(w.shape) < rank:
        w = ops.expand_dims(w, -1)
    return w * ones


def mean_over_rows(values: Any, weights: Any) -> Any:
    """Returns sum(w v) / sum(w) of values (..., 1); 0 when no weight is left."""
    total = ops.sum(weights)
    safe = ops.where(total > 0, total, ops.ones_like(total))
    return ops.sum(weights * values) / safe


def is_one_sided(y_pred: Any, multi_label: bool) -> bool:
    """Tells whether every column is a yes-or-no question of its own."""
    return multi_label or y_pred.shape[-1] == 1


def probabilities(y_pred: Any, from_logits: bool, multi_label: bool = False) -> Any:
    """Returns probabilities: softmax of logits, sigmoid of one column or of labels."""
    if not from_logits:
        return y_pred
    if is_one_sided(y_pred, multi_label):
        return ops.sigmoid(y_pred)
    return ops.softmax(y_pred, axis=-1)


def floored_log(p: Any, floor: float = FLOOR) -> Any:
    """Returns ln(max(p, floor)) with slope 1 / max(p, floor) everywhere.

    A clipped value has no slope: a wrong answer given with certainty would not learn.
    """
    return ops.log(p + ops.stop_gradient(ops.maximum(p, floor) - p))


def cross_entropy(
    y: Any, y_pred: Any, from_logits: bool, multi_label: bool = False
) -> Any:
    """Returns the cross-entropy of each row, (..., 1).

    Binary for one column and, averaged over the labels, for `multi_label`; else
    categorical.
    """
    if is_one_sided(y_pred, multi_label):
        if from_logits:
            yes, no = ops.log_sigmoid(y_pred), ops.log_sigmoid(-y_pred)
        else:
            yes, no = floored_log(y_pred), floored_log(1 - y_pred)
        return -ops.mean(y * yes + (1 - y) * no, axis=-1, keepdims=True)
    logs = ops.log_softmax(y_pred, axis=-1) if from_logits else floored_log(y_pred)
    return -ops.sum(y * logs, axis=-1, keepdims=True)
