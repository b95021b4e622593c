"""Maps of numbers in one form."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.utils.validation import check


def flat_maps(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Returns targets and predictions as `(batch, places)`, float32 or wider.

    An axis of length 1 at the end of one of them does not matter.

    Raises:
        ValueError: If they have not the same number of places.
    """
    y, p = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    dtype = keras.backend.standardize_dtype(p.dtype)
    dtype = keras.backend.result_type(dtype, "float32")
    sizes = [v.shape[1:] for v in (y, p)]
    if all(None not in s for s in sizes):
        counts = [math.prod(s) for s in sizes]
        rule = f"of {counts[0]} places, as the target"
        check(counts[0] == counts[1], "y_pred", rule, tuple(p.shape))
    batch = ops.shape(p)[0]
    y, p = (ops.cast(ops.reshape(v, (batch, -1)), dtype) for v in (y, p))
    return y, p
