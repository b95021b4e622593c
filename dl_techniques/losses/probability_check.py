"""A warning for probabilities that are given as logits."""

import warnings
from typing import Any

import numpy as np
from keras import ops


def warn_of_probabilities(z: Any) -> None:
    """Warns when values that can be read are rows of probabilities."""
    rows = _readable(z)
    if rows is None or rows.shape[-1] < 2 or not rows.size or (rows < 0).any():
        return
    if (np.abs(rows.sum(-1) - 1) <= 1e-3).all():
        warnings.warn(
            "`y_pred` looks like probabilities; give from_logits=False, or logits",
            stacklevel=4,
        )


def _readable(x: Any) -> Any:
    """Returns an array, or None for a tensor that has no values yet."""
    try:
        concrete = callable(getattr(x, "numpy", None))  # TensorFlow and torch
        concrete = concrete or getattr(x, "is_fully_addressable", False)  # JAX
    except TypeError:  # a JAX tracer does not even tell where it is
        return None
    return np.asarray(ops.convert_to_numpy(x)) if concrete else None
