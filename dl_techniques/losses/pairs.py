"""Similarities of every image of a batch with every text of it."""

from typing import Any

from keras import ops

from dl_techniques.losses.targets import float_tensor
from dl_techniques.utils.validation import check


def pair_logits(y_pred: Any) -> tuple[Any, Any]:
    """Returns square logits per image and per text, in float32 or wider.

    Args:
        y_pred: Logits per image (B, B); or a pair or dictionary of `logits_per_image`
            and `logits_per_text`, the second its transpose when left out.

    Raises:
        ValueError: The logits are not square or do not match.
    """
    first, second = y_pred, None
    if isinstance(y_pred, dict):
        rule = "a dictionary with logits_per_image"
        check("logits_per_image" in y_pred, "y_pred", rule, sorted(y_pred))
        first, second = y_pred["logits_per_image"], y_pred.get("logits_per_text")
    elif isinstance(y_pred, list | tuple):
        check(len(y_pred) == 2, "y_pred", "one tensor or two", len(y_pred))
        first, second = y_pred
    image = float_tensor(first)
    text = ops.transpose(image) if second is None else float_tensor(second)
    for logits in (image, text):
        shape = tuple(logits.shape)
        square = len(shape) == 2 and (shape[0] == shape[1] or None in shape)
        check(square, "y_pred", "square logits (B, B)", shape)
    return image, text


def own_pair(logits: Any) -> Any:
    """Returns the unit matrix that marks each row's own column."""
    count = ops.shape(logits)[0]
    columns = ops.arange(ops.shape(logits)[1])
    marks = ops.expand_dims(ops.arange(count), -1) == ops.expand_dims(columns, 0)
    return ops.cast(marks, logits.dtype)
