"""How many batches a model takes in one call: small ones are faster in long calls."""

import math
from typing import Any

import numpy as np

SECONDS_A_CALL = 0.2
_RATE = {"cpu": 4e9, "gpu": 2e12}  # multiplications a second, a cautious guess
_OVERHEAD = 2e-4


def set_pace(
    model: Any, *, batch_size: int, steps: int, wanted: int | str = "auto"
) -> int:
    """Sets `steps_per_execution` of a compiled model and returns it.

    The same batches in the same order: only the number of steps between two looks of
    the callbacks changes. "auto" aims at calls of at most `SECONDS_A_CALL`, estimated
    from the multiplications of a step, so that a request to stop is soon seen.

    Args:
        model: A compiled and built Keras model.
        batch_size: Samples a step.
        steps: Steps an epoch.
        wanted: "auto" or the number.
    """
    import keras

    device = "gpu" if _has_gpu() else "cpu"
    if keras.backend.backend() == "torch":
        number = 1  # Keras takes no other there
    elif wanted == "auto":
        work = 3 * 2 * batch_size * multiplications(model)
        seconds = _OVERHEAD + work / _RATE[device]
        number = max(1, min(steps, int(SECONDS_A_CALL / seconds)))
    else:
        number = max(1, min(steps, int(wanted)))
    model.steps_per_execution = number
    return number


def build_objectives(model: Any, x: Any, y: Any) -> None:
    """Builds loss, metrics and optimizer on one sample, so that Keras traces once.

    Left to `fit`, they are made while the training step is traced, and TensorFlow
    traces it again: half a second for a small model. Random seeds are put back.
    """
    from keras import ops

    states = [v for v in model.variables if not v.trainable]
    before = [np.array(ops.convert_to_numpy(v)) for v in states]
    one = {k: v[:1] for k, v in x.items()} if isinstance(x, dict) else x[:1]
    outputs = model(one, training=False)
    model.compute_loss(one, y[:1], outputs, training=False)
    model.compute_metrics(one, y[:1], outputs)
    model.reset_metrics()
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    for variable, value in zip(states, before, strict=True):
        variable.assign(value)


def multiplications(model: Any) -> int:
    """Estimates the multiplications of one sample's forward pass.

    Every weight is used once for every position (pixel or token) of its layer's
    output; attention scores are left out.
    """
    total = 0
    for layer in model._flatten_layers(include_self=False, recursive=True):
        own = [w for w in getattr(layer, "_trainable_variables", []) if w.ndim > 1]
        if own:
            size = sum(math.prod(w.shape) for w in own)
            total += size * _positions(layer)
    return max(total, 1)


def _positions(layer: Any) -> int:
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):  # a layer inside another one
        return 1
    return math.prod(n or 1 for n in shape[1:-1])


def _has_gpu() -> bool:
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    if keras.backend.backend() == "torch":
        import torch

        return bool(torch.cuda.is_available())
    return "gpu" in " ".join(keras.distribution.list_devices()).lower()
