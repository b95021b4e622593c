"""Rotary positions."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.embedding.rotation import (
    LAYOUTS,
    Layout,
    rotate,
    rotated_width,
    rotation_angles,
)
from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class RotaryPositionEmbedding(Explained, keras.layers.Layer):
    """Rotates feature pairs by an angle proportional to the position.

        angle[p, i] = p / scaling_factor * theta ** (-2 i / width)
        (a, b) -> (a cos - b sin, a sin + b cos)

    `width = 2 floor(d fraction / 2)` features turn, the others pass. Products of two
    rotated vectors depend on the distance of their positions alone.

    Args:
        theta: Base of the wavelengths, above 1.
        fraction: Share of the features that turn, in [0, 1].
        layout: "interleaved" pairs (0, 1), (2, 3); "half" pairs i and i + width / 2,
            as LLaMA checkpoints do.
        scaling_factor: Divides positions, above 0.
        sequence_axis: Axis of the positions, neither the batch nor the last one.

    Shapes:
        `(batch, time, d)`, `(batch, time, heads, d)` or any rank from 3; unchanged.
        The call takes `positions` `(time,)` or `(batch, time)`, whole or not; without
        them `start_index + 0, 1, 2, ...`.

    Raises:
        ValueError: If an argument is outside its range; at build, if d is unknown.

    Source: Su et al. (2021), arXiv:2104.09864, eq. 15 and 34.
    """

    def __init__(
        self,
        theta: float = 10000.0,
        fraction: float = 1.0,
        layout: Layout = "interleaved",
        scaling_factor: float = 1.0,
        sequence_axis: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("theta", theta, 1, low_open=True)
        check_number("fraction", fraction, 0, high=1)
        check_choice("layout", layout, LAYOUTS)
        check_number("scaling_factor", scaling_factor, 0, low_open=True)
        check_int("sequence_axis", sequence_axis, low=-16)
        check(
            sequence_axis not in (0, -1),
            "sequence_axis",
            "neither 0 nor -1",
            sequence_axis,
        )
        self.theta = theta
        self.fraction = fraction
        self.layout = layout
        self.scaling_factor = scaling_factor
        self.sequence_axis = sequence_axis
        self.supports_masking = True

    def build(self, inputs_shape: Shape, positions_shape: Shape | None = None) -> None:
        rule = "of rank 3 or more with known features in the last axis"
        known = len(inputs_shape) >= 3 and inputs_shape[-1] is not None
        check(known, "inputs_shape", rule, inputs_shape)
        rank = len(inputs_shape)
        inside = self.sequence_axis % rank not in (0, rank - 1)
        inside = inside and -rank < self.sequence_axis < rank
        rule = f"between the batch and the last axis of a rank-{rank} input"
        check(inside, "sequence_axis", rule, self.sequence_axis)

    def angles(self, inputs: Any, positions: Any = None, start_index: Any = 0) -> Any:
        """Returns the angles, shaped to broadcast over `inputs`."""
        rank = len(inputs.shape)
        axis = self.sequence_axis % rank
        if positions is None:
            positions = ops.arange(ops.shape(inputs)[axis]) + start_index
        positions = ops.convert_to_tensor(positions)
        width = rotated_width(inputs.shape[-1], self.fraction)
        angles = rotation_angles(positions, width, self.theta, self.scaling_factor)
        shape: list[Any] = [1] * rank
        if len(positions.shape) == 2:
            shape[0] = ops.shape(positions)[0]
        shape[axis], shape[-1] = ops.shape(positions)[-1], width // 2
        return ops.reshape(angles, shape)

    def call(
        self,
        inputs: keras.KerasTensor,
        positions: Any = None,
        start_index: int = 0,
    ) -> keras.KerasTensor:
        return rotate(inputs, self.angles(inputs, positions, start_index), self.layout)

    def compute_output_shape(
        self, inputs_shape: Shape, positions_shape: Shape | None = None
    ) -> Shape:
        return inputs_shape

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the angles and what rotation leaves of a product at each distance."""
        length = ops.shape(inputs[0])[self.sequence_axis % len(inputs[0].shape)]
        angles = ops.reshape(self.angles(*inputs), (-1, length, self._pairs(inputs[0])))
        told = {"angles": angles[0]}
        if angles.shape[-1]:
            told["product_by_distance"] = ops.mean(ops.cos(angles[0]), axis=-1)
        return told

    def _pairs(self, x: Any) -> int:
        return rotated_width(x.shape[-1], self.fraction) // 2

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "theta": self.theta,
            "fraction": self.fraction,
            "layout": self.layout,
            "scaling_factor": self.scaling_factor,
            "sequence_axis": self.sequence_axis,
        }
