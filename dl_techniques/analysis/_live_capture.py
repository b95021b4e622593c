"""One forward pass that gives outputs, layer activations and weights as arrays."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from dl_techniques.analysis._layer_choice import default_layers
from dl_techniques.analysis._output_kind import answer_of
from dl_techniques.analysis._recording import (
    bound_of,
    evaluate,
    record,
)
from dl_techniques.analysis.matrices import model_layers

_MOST_LAYERS = 64
Array = np.ndarray[Any, Any]


class Read(NamedTuple):
    """What one pass gave.

    Attributes:
        answer: The output that is the model's answer.
        outputs: Every output by name, "" for the only one.
        activations: Output of each layer.
    """

    answer: Array
    outputs: dict[str, Array]
    activations: dict[str, Array]


class Capture:
    """Reads a model out, always in the same way.

    The pass runs operation by operation, so that nothing has to be traced and the
    compiled training step is left alone; `training` is false and no state changes.

    Args:
        model: Any Keras model.
        with_activations: Whether layers are read too.
    """

    def __init__(self, model: keras.Model, *, with_activations: bool = True) -> None:
        self._model = model
        found = default_layers(model) if with_activations else {}
        self._layers = dict(list(found.items())[:_MOST_LAYERS])
        self.bounds: dict[str, float] = {}

    def run(self, x: Any) -> Read:
        """Returns the outputs and every layer's activations on `x`."""
        found = record(self._model, self._layers, x)
        for name, layer in found.layers.items():
            bound = bound_of(layer)
            if bound is not None:
                self.bounds[name] = bound
        return Read(
            _array(answer_of(self._model, found.outputs)),
            _named(found.outputs),
            {k: _array(v) for k, v in found.arrays.items()},
        )

    def outputs(self, x: Any) -> dict[str, Array]:
        """Returns every output on `x` by name, layers unread."""
        return _named(evaluate(self._model, x))

    def kernels(self) -> dict[str, Array]:
        """Returns a copy of every trainable weight with two axes or more, by path."""
        found = {}
        for path, layer in model_layers(self._model):
            for variable in layer._trainable_variables:
                if len(variable.shape) > 1:
                    found[f"{path}/{variable.name}"] = _array(variable, copy=True)
        return found


def _named(outputs: Any) -> dict[str, Array]:
    if isinstance(outputs, Mapping):
        return {str(k): _array(v) for k, v in outputs.items()}
    if isinstance(outputs, list | tuple):
        return {str(i): _array(v) for i, v in enumerate(outputs)}
    return {"": _array(outputs)}


def _array(value: Any, *, copy: bool = False) -> Array:
    array = np.asarray(keras.ops.convert_to_numpy(value))
    if array.dtype.kind != "f" or array.dtype.itemsize < 4:
        array = array.astype(np.float32)
    return array.copy() if copy else array
