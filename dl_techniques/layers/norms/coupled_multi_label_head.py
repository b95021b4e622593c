"""A multi-label head with coupled logits."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.norms.base import Shape, at_least_float32
from dl_techniques.layers.norms.coupled_logit_norm import check_coupling, couple
from dl_techniques.utils.validation import check, check_int

EPSILON = 1e-7


@keras.saving.register_keras_serializable(package="dl_techniques")
class CoupledMultiLabelHead(Explained, keras.layers.Layer):
    """Returns label probabilities from logits that share one budget of confidence.

        z = x @ kernel + bias (or x),   y = sigmoid(CoupledLogitNorm(z))

    A decision at 0.5 is that of the uncoupled head; see `CoupledLogitNorm` for what
    the constant does to calibration.

    Args:
        units: Number of labels, or None when the input already holds logits.
        constant: Above 0.
        coupling_strength: Power of the norm, in [0, 1].

    Shapes:
        `(batch, ..., d)` -> `(batch, ..., units or d)`.

    Weights:
        With `units`: `kernel` (d, units) glorot uniform, `bias` (units,) zeros.

    Raises:
        ValueError: If an argument is outside its range.

    Source: the project's own.
    """

    def __init__(
        self,
        units: int | None = None,
        constant: float = 1.0,
        coupling_strength: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("units", units, optional=True)
        check_coupling(constant, coupling_strength)
        self.units = units
        self.constant = constant
        self.coupling_strength = coupling_strength
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "of rank 2 or more with known features in the last axis"
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        if self.units:
            self.kernel = self.add_weight(
                name="kernel",
                shape=(input_shape[-1], self.units),
                initializer="glorot_uniform",
            )
            self.bias = self.add_weight(
                name="bias", shape=(self.units,), initializer="zeros"
            )

    def logits(self, inputs: Any) -> Any:
        """Returns the coupled logits in float32 or better."""
        z = ops.matmul(inputs, self.kernel) + self.bias if self.units else inputs
        z = at_least_float32(z)
        return couple(z, (-1,), self.constant, self.coupling_strength, EPSILON)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return ops.cast(ops.sigmoid(self.logits(inputs)), self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units or input_shape[-1])

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        y = ops.reshape(ops.sigmoid(self.logits(inputs[0])), (-1, self._labels(inputs)))
        active = ops.cast(y > 0.5, "float32")
        together = ops.matmul(ops.transpose(active), active)
        return {
            "logits": self.logits(inputs[0]),
            "co_activation": together / ops.shape(active)[0],
        }

    def _labels(self, inputs: Any) -> int:
        return self.units or inputs[0].shape[-1]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "constant": self.constant,
            "coupling_strength": self.coupling_strength,
        }
