"""One forward pass that gives outputs, layer activations and weights as arrays."""

from typing import Any, NamedTuple

import keras
import numpy as np

from dl_techniques.analysis.matrices import model_layers

BOUNDS = {"tanh": 1.0, "sigmoid": 1.0, "softsign": 1.0, "hard_sigmoid": 1.0}
_QUIET = (
    keras.layers.InputLayer,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.Reshape,
)
_MOST_LAYERS = 64


class Captured(NamedTuple):
    """Arrays of one moment: nothing in here belongs to the model any more."""

    outputs: np.ndarray[Any, Any]
    activations: dict[str, np.ndarray[Any, Any]]
    bounds: dict[str, float]
    kernels: dict[str, np.ndarray[Any, Any]]


class Capture:
    """Reads a model out, always in the same way.

    The pass runs operation by operation, so that nothing has to be traced and the
    compiled training step is left alone; `training` is false and no state changes.

    Args:
        model: A model with a graph of layers, or any callable model, whose layers
            then stay unseen.
        with_activations: Whether layers are read too.
    """

    def __init__(self, model: keras.Model, *, with_activations: bool = True) -> None:
        self._model = model
        self._names: list[str] = []
        self._body: keras.Model | None = None
        self.bounds: dict[str, float] = {}
        if with_activations:
            self._follow_layers()

    def _follow_layers(self) -> None:
        tensors = []
        for layer in getattr(self._model, "layers", []):
            if isinstance(layer, _QUIET):
                continue
            try:
                output = layer.output
            except (AttributeError, ValueError):  # never called, or called twice
                continue
            if not isinstance(output, keras.KerasTensor) or "float" not in output.dtype:
                continue
            self._names.append(layer.name)
            tensors.append(output)
            bound = BOUNDS.get(
                getattr(getattr(layer, "activation", None), "__name__", "")
            )
            if bound:
                self.bounds[layer.name] = bound
        self._names, tensors = self._names[:_MOST_LAYERS], tensors[:_MOST_LAYERS]
        if tensors:
            outputs = [*self._model.outputs, *tensors]
            inputs = self._model.inputs
            self._body = keras.Model(inputs[0] if len(inputs) == 1 else inputs, outputs)

    def run(self, x: Any) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
        """Returns the first output and every layer's activations on `x`."""
        if self._body is None:
            found = self._model(x, training=False)
            return _array(keras.tree.flatten(found)[0]), {}
        found = [_array(v) for v in self._body(x, training=False)]
        first = len(self._model.outputs)
        return found[0], dict(zip(self._names, found[first:], strict=True))

    def kernels(self) -> dict[str, np.ndarray[Any, Any]]:
        """Returns a copy of every trainable weight with two axes or more, by path."""
        found = {}
        for path, layer in model_layers(self._model):
            for variable in layer._trainable_variables:
                if len(variable.shape) > 1:
                    found[f"{path}/{variable.name}"] = _array(variable, copy=True)
        return found


def _array(value: Any, *, copy: bool = False) -> np.ndarray[Any, Any]:
    array = np.asarray(keras.ops.convert_to_numpy(value))
    if array.dtype.kind != "f" or array.dtype.itemsize < 4:
        array = array.astype(np.float32)
    return array.copy() if copy else array
