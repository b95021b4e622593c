"""Lets a compiled step see a changed variable that is not the model's."""

from typing import Any

import keras


def retrace(model: Any) -> None:
    """Traces the steps again on JAX, whose step knows the model's variables only.

    On TensorFlow and torch a step reads every variable when it runs.
    """
    if model is None or keras.backend.backend() != "jax":
        return
    if getattr(model, "train_function", None) is not None:
        model.make_train_function(force=True)
    model.test_function = None
