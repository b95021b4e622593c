"""How a layer tells what it did to one batch."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


class Explained:
    """Adds `explain` to a layer: what happened inside one call, as named arrays.

    A layer inherits it before `keras.layers.Layer` and overrides `explain_call`,
    which returns tensors by name; they are what its page draws. A layer that offers
    something of another form may define `explain` itself, with the same promise:
    NumPy arrays by name, "output" among them, no state changed.
    """

    def explain(self, *inputs: Any, **call: Any) -> dict[str, NDArray[Any]]:
        """Calls the layer at inference and returns named arrays.

        Args:
            inputs: What the call takes, arrays or tensors.
            call: Further arguments of the call.

        Returns:
            "output", equal to the call's output (the first one, when the call returns
            several), and what the layer adds. Floats are float32 or float64.
        """
        output = self(*inputs, training=False, **call)  # type: ignore[operator] # a Layer
        told = {"output": keras.tree.flatten(output)[0]}
        told |= self.explain_call(*keras.tree.map_structure(self._tensor, inputs))
        return {name: as_array(value) for name, value in told.items()}

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Returns the tensors worth seeing, by name; nothing unless overridden."""
        return {}

    def _tensor(self, value: Any) -> Any:
        tensor = ops.convert_to_tensor(value)
        if "float" not in keras.backend.standardize_dtype(tensor.dtype):
            return tensor
        return ops.cast(tensor, self.compute_dtype)  # type: ignore[attr-defined] # a Layer


def as_array(value: Any) -> NDArray[Any]:
    """Returns a tensor as NumPy, half precision as float32."""
    array = np.asarray(ops.convert_to_numpy(value))
    standard = array.dtype.kind in "biuc" or array.dtype in (np.float32, np.float64)
    return array if standard else array.astype(np.float32)
