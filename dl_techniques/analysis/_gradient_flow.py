"""Gradients of a model's loss on each backend."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN
from dl_techniques.analysis._samples import length, mapped
from dl_techniques.analysis.gradients import GradientFlow
from dl_techniques.analysis.matrices import model_layers
from dl_techniques.utils.validation import check

Objective = Callable[[], Any]


def gradient_flow(model: Any, x: Any, y: Any, *, loss: Any = None) -> GradientFlow:
    """Returns the gradient's size for every trainable weight.

    The pass is in inference mode, so that dropout adds no noise; nothing changes in
    the model.

    Args:
        model: A Keras model.
        x: Inputs, an array or a nest of arrays; used as one batch.
        y: Labels or targets.
        loss: A Keras loss, its name or a function of (y_true, y_pred); None takes the
            loss the model was compiled with, with penalties of its layers.

    Raises:
        ValueError: If there is no loss.
    """
    compiled = getattr(model, "_compile_loss", None) is not None
    check(loss is not None or compiled, "loss", "given for an uncompiled model", loss)
    x, y = mapped(np.asarray, x), mapped(np.asarray, y)
    if not model.built:
        model(x, training=False)
    named = _trainable(model)
    variables = list(named.values())
    function = None if loss is None else keras.losses.get(loss)

    def objective() -> Any:
        outputs = model(x, training=False)
        if function is None:
            return model.compute_loss(x=x, y=y, y_pred=outputs)
        return keras.ops.mean(function(keras.ops.convert_to_tensor(y), outputs))

    value, gradients = _BACKENDS[keras.backend.backend()](objective, variables)
    weights = [_float64(v) for v in variables]
    norms = np.array([np.linalg.norm(g) for g in gradients])
    sizes = np.array([np.linalg.norm(w) for w in weights])
    zeros = [np.mean(g == 0) if g.size else NAN for g in gradients]
    finite = all(np.isfinite(g).all() for g in gradients)
    return GradientFlow(
        paths=tuple(named),
        gradient_norm=norms,
        weight_norm=sizes,
        ratio=norms / np.where(sizes > 0, sizes, np.nan),
        zero_fraction=np.array(zeros, dtype=np.float64),
        size=np.array([float(w.size) for w in weights]),
        loss=value,
        n=length(x),
        flags=(() if named else (flag.NO_WEIGHTS,))
        + (() if finite else (flag.NONFINITE_DROPPED,)),
    )


def _trainable(model: Any) -> dict[str, Any]:
    wanted = {id(v) for v in model.trainable_variables}
    found: dict[str, Any] = {}
    for path, layer in model_layers(model):
        for variable in layer._trainable_variables:
            if id(variable) in wanted:
                wanted.discard(id(variable))
                found[f"{path}/{variable.name}" if path else variable.name] = variable
    return found


def _float64(value: Any) -> np.ndarray[Any, Any]:
    array = np.asarray(keras.ops.convert_to_numpy(value))
    return np.asarray(array, dtype=np.float64).reshape(-1)


def _dense(gradient: Any, variable: Any) -> np.ndarray[Any, Any]:
    if gradient is None:
        return np.zeros(int(np.prod(variable.shape)))
    return _float64(gradient)


def _tensorflow(objective: Objective, variables: list[Any]) -> tuple[float, list[Any]]:
    import tensorflow as tf  # noqa: TID251  # Keras has no gradient of its own

    values = [v.value for v in variables]
    mapping = list(zip(variables, values, strict=True))
    with (
        keras.StatelessScope(state_mapping=mapping, collect_losses=True),
        tf.GradientTape(watch_accessed_variables=False) as tape,
    ):
        tape.watch(values)
        loss = objective()
    found = tape.gradient(loss, values)
    whole = [
        tf.convert_to_tensor(g) if isinstance(g, tf.IndexedSlices) else g for g in found
    ]
    pairs = zip(whole, variables, strict=True)
    return float(loss), [_dense(g, v) for g, v in pairs]


def _jax(objective: Objective, variables: list[Any]) -> tuple[float, list[Any]]:
    import jax

    def of(values: list[Any]) -> Any:
        mapping = list(zip(variables, values, strict=True))
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True):
            return objective()

    value, found = jax.value_and_grad(of)([v.value for v in variables])
    return float(value), [_float64(g) for g in found]


def _torch(objective: Objective, variables: list[Any]) -> tuple[float, list[Any]]:
    import torch

    tensors = [v.value for v in variables]
    with torch.enable_grad():
        loss = objective()
        found = torch.autograd.grad(loss, tensors, allow_unused=True)
    pairs = zip(found, variables, strict=True)
    return float(loss.detach()), [_dense(g, v) for g, v in pairs]


_BACKENDS: dict[str, Callable[[Objective, list[Any]], tuple[float, list[Any]]]] = {
    "tensorflow": _tensorflow,
    "jax": _jax,
    "torch": _torch,
}
