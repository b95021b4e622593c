"""A classification head that also scores how usual an input is."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.norms.base import Shape, at_least_float32, safe_norm
from dl_techniques.utils.validation import check, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class DecoupledMaxLogit(Explained, keras.layers.Layer):
    """Returns logits; its score splits the largest one into cosine and norm.

        logits = f @ kernel (+ bias)
        cos[c] = f . w[c] / ((||f|| + epsilon) (||w[c]|| + epsilon))
        score = weight * max_c cos[c] + ||f||

    A low score tells of an input unlike those trained on.

    Args:
        units: Number of classes.
        weight: Share of the cosine in the score, at least 0.
        use_bias: Whether the logits have an offset; the score has none.
        epsilon: Added to the norms, above 0.
        return_components: Whether the call returns (logits, max cosine, norm).

    Shapes:
        `(batch, ..., d)` -> `(batch, ..., units)`, and twice `(batch, ...)` with
        `return_components`.

    Weights:
        `kernel` (d, units) glorot uniform; `bias` (units,) zeros.

    Raises:
        ValueError: If an argument is outside its range.

    Source: Zhang, Xiang (2023), CVPR, "Decoupling MaxLogit for out-of-distribution
    detection". Its recipe of two models is training, not a layer.
    """

    def __init__(
        self,
        units: int,
        weight: float = 1.0,
        use_bias: bool = False,
        epsilon: float = 1e-7,
        return_components: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("units", units)
        check_number("weight", weight, 0)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.units = units
        self.weight = weight
        self.use_bias = use_bias
        self.epsilon = epsilon
        self.return_components = return_components
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "of rank 2 or more with known features in the last axis"
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            initializer="glorot_uniform",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer="zeros"
            )

    def components(self, features: Any) -> tuple[Any, Any]:
        """Returns the largest cosine and the norm of every feature vector."""
        f = at_least_float32(ops.convert_to_tensor(features))
        w = ops.cast(self.kernel, f.dtype)
        norm = safe_norm(f, (-1,))
        unit_f = f / (norm + self.epsilon)
        unit_w = w / (safe_norm(w, (0,)) + self.epsilon)
        cosine = ops.max(ops.matmul(unit_f, unit_w), axis=-1)
        return ops.clip(cosine, -1.0, 1.0), norm[..., 0]

    def score(self, features: Any) -> Any:
        """Returns `weight * max cosine + norm` of feature vectors; higher is usual."""
        cosine, norm = self.components(features)
        return self.weight * cosine + norm

    def call(self, inputs: keras.KerasTensor) -> Any:
        logits = ops.matmul(inputs, self.kernel)
        logits = logits if self.bias is None else logits + self.bias
        if not self.return_components:
            return logits
        parts = self.components(inputs)
        return (logits, *(ops.cast(p, self.compute_dtype) for p in parts))

    def compute_output_shape(self, input_shape: Shape) -> Any:
        logits = (*input_shape[:-1], self.units)
        single = tuple(input_shape[:-1])
        return (logits, single, single) if self.return_components else logits

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        cosine, norm = self.components(inputs[0])
        return {"max_cosine": cosine, "norm": norm, "score": self.score(inputs[0])}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "weight": self.weight,
            "use_bias": self.use_bias,
            "epsilon": self.epsilon,
            "return_components": self.return_components,
        }
