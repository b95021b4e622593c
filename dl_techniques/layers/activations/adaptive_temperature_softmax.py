"""A softmax that sharpens rows of high entropy."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.norms.base import at_least_float32
from dl_techniques.layers.softmax import masked_softmax, row_entropy
from dl_techniques.utils.arguments import is_int, is_number
from dl_techniques.utils.validation import check, check_number

Shape = tuple[int | None, ...]
Coefficients = float | Sequence[float] | None
PAPER = (-0.037, 0.481, -2.3, 4.917, -1.791)


@keras.saving.register_keras_serializable(package="dl_techniques")
class AdaptiveTemperatureSoftmax(Explained, keras.layers.Layer):
    """Applies a softmax whose inverse temperature grows with the entropy.

        p = softmax(z), H = -sum p ln p
        beta = max(1, poly(H)) if H > entropy_threshold else 1
        y = softmax(beta z)

    A softmax gets flatter as its row gets longer; this undoes it. The default
    polynomial is above 1 for 0.849 < H < 5.944 alone, at most 2.421 (at H = 4.412).

    Args:
        axis: Axis to normalise, not the batch.
        coefficients: Of the polynomial, highest power first; None: the paper's.
        entropy_threshold: Rows of no more entropy, in nats, stay; at least 0.
        max_beta: Upper bound of beta, at least 1; None: none.
        inference_only: Whether training sees the plain softmax.

    Shapes:
        Any rank from 2; unchanged. A `mask` of the input's rank broadcasts to it:
        False entries get 0 and do not count in H. A mask of positions (batch, time)
        does so where axis 1 is normalised, and passes on.

    Raises:
        ValueError: If an argument is outside its range.

    Source: Velickovic et al. (2024), arXiv:2410.01104, the adaptive-temperature
    listing; there it acts at inference only.
    """

    def __init__(
        self,
        axis: int = -1,
        coefficients: Coefficients = None,
        entropy_threshold: float = 0.5,
        max_beta: float | None = None,
        inference_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check(is_int(axis) and axis != 0, "axis", "an integer other than 0", axis)
        check_sharpening(coefficients, entropy_threshold, max_beta)
        self.axis = axis
        self.coefficients = coefficients
        self.entropy_threshold = entropy_threshold
        self.max_beta = max_beta
        self.inference_only = inference_only
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        rule = f"an axis of a rank-{rank} input other than the batch"
        inside = -rank < self.axis < rank
        check(inside, "axis", rule, self.axis)

    def call(
        self, inputs: Any, mask: Any = None, training: bool | None = None
    ) -> keras.KerasTensor:
        allowed = self._fitting(mask, inputs)
        if training and self.inference_only:
            weights = masked_softmax(inputs, allowed, self.axis)
        else:
            weights = sharpened(inputs, allowed, self.axis, *self._how())
        return ops.cast(weights, self.compute_dtype)

    def _how(self) -> tuple[Coefficients, float, float | None]:
        return self.coefficients, self.entropy_threshold, self.max_beta

    def _fitting(self, mask: Any, inputs: Any) -> Any:
        """Returns the mask at the input's rank, or None if it is of other axes."""
        if mask is None:
            return None
        missing = len(inputs.shape) - len(mask.shape)
        if missing == 0:
            return ops.cast(mask, "bool")
        if self.axis not in (1, 1 - len(inputs.shape)):
            return None
        return ops.reshape(ops.cast(mask, "bool"), (*ops.shape(mask), *[1] * missing))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        of_positions = previous_mask is not None and len(previous_mask.shape) < len(
            inputs.shape
        )
        return previous_mask if of_positions else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        plain = masked_softmax(inputs[0], None, self.axis)
        return sharpening(plain, self.axis, *self._how())

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "coefficients": as_given(self.coefficients),
            "entropy_threshold": self.entropy_threshold,
            "max_beta": self.max_beta,
            "inference_only": self.inference_only,
        }


def check_sharpening(
    coefficients: Coefficients, entropy_threshold: float, max_beta: float | None
) -> None:
    """Raises `ValueError` unless the arguments of the sharpening are legal."""
    many = isinstance(coefficients, list | tuple) and len(coefficients) > 0
    given = list(coefficients) if many else [coefficients]  # type: ignore[arg-type] # many or one
    legal = coefficients is None or all(map(is_number, given))
    check(legal, "coefficients", "numbers or None", coefficients)
    check_number("entropy_threshold", entropy_threshold, 0)
    check_number("max_beta", max_beta, 1, optional=True)


def as_given(coefficients: Coefficients) -> float | list[float] | None:
    """Returns coefficients ready for JSON."""
    many = isinstance(coefficients, list | tuple)
    return list(coefficients) if many else coefficients  # type: ignore[arg-type, return-value] # many or one


def inverse_temperature(
    entropy: Any,
    coefficients: Coefficients,
    entropy_threshold: float,
    max_beta: float | None,
) -> Any:
    """Returns beta of rows of this entropy."""
    listed = PAPER if coefficients is None else coefficients
    listed = listed if isinstance(listed, list | tuple) else [listed]  # type: ignore[list-item] # one number
    value = ops.zeros_like(entropy)
    for coefficient in listed:
        value = value * entropy + coefficient
    beta = ops.where(entropy > entropy_threshold, ops.maximum(value, 1.0), 1.0)
    return beta if max_beta is None else ops.minimum(beta, max_beta)


def sharpened(
    scores: Any,
    allowed: Any,
    axis: int,
    coefficients: Coefficients,
    entropy_threshold: float,
    max_beta: float | None,
) -> Any:
    """Returns the sharpened softmax over the permitted entries in float32 or wider."""
    scores = at_least_float32(scores)
    how = (coefficients, entropy_threshold, max_beta)
    plain = masked_softmax(scores, allowed, axis)
    beta = inverse_temperature(row_entropy(plain, axis, keepdims=True), *how)
    return masked_softmax(beta * scores, allowed, axis)


def sharpening(plain: Any, axis: int, *how: Any) -> dict[str, Any]:
    """Returns entropy and beta of the rows of a plain softmax."""
    entropy = row_entropy(plain, axis)
    return {"entropy_before": entropy, "beta": inverse_temperature(entropy, *how)}
