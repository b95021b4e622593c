"""What normalisation layers share: the axes, float32 statistics, the config."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check, check_number

Axis = int | Sequence[int]
Shape = tuple[int | None, ...]
TINY = 1e-24


def resolve_axes(axis: Axis, rank: int) -> tuple[int, ...]:
    """Returns `axis` as positive axes of a tensor of `rank`, in increasing order."""
    given = [axis] if isinstance(axis, int) else list(axis)
    axes = sorted(a + rank if a < 0 else a for a in given)
    rule = f"distinct axes from 1 to {rank - 1} of a rank-{rank} input (0 is the batch)"
    legal = all(1 <= a < rank for a in axes) and len(set(axes)) == len(axes)
    check(legal, "axis", rule, axis)
    return tuple(axes)


def at_least_float32(x: Any) -> Any:
    """Casts half precision up, so that sums and squares stay exact."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def safe_norm(x: Any, axes: Sequence[int]) -> Any:
    """Returns the L2 norm along `axes` (kept), with gradient 0 at 0."""
    total = ops.sum(ops.square(x), axis=axes, keepdims=True)
    return ops.sqrt(ops.maximum(total, TINY))


def root_mean_square(x: Any, axes: Sequence[int], epsilon: float = TINY) -> Any:
    """Returns `sqrt(mean(x ** 2) + epsilon)` along `axes` (kept)."""
    return ops.sqrt(ops.mean(ops.square(x), axis=axes, keepdims=True) + epsilon)


class AxisNormalization(Explained, keras.layers.Layer):
    """Base of the layers that normalise along `axis` and keep the shape.

    Args:
        axis: Axis or axes to normalise; axis 0 is refused.
        epsilon: Stabiliser, above 0.
    """

    def __init__(self, axis: Axis = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        many = isinstance(axis, list | tuple) and len(axis) > 0
        given = list(axis) if many else [axis]  # type: ignore[arg-type] # many or one
        ints = all(map(is_int, given))
        check(ints, "axis", "an integer or a list of integers", axis)
        check(0 not in given, "axis", "other than 0, the batch axis", axis)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.axis = axis
        self.epsilon = epsilon
        self.supports_masking = True

    def axes(self, x: Any) -> tuple[int, ...]:
        """Returns the normalised axes of the tensor `x`."""
        return resolve_axes(self.axis, len(x.shape))

    def axis_sizes(self, input_shape: Shape) -> tuple[int, ...]:
        """Returns the sizes along the axes; unknown ones raise `ValueError`."""
        axes = resolve_axes(self.axis, len(input_shape))
        sizes = [input_shape[a] for a in axes]
        rule = f"without an undefined dimension along axis {self.axis}"
        check(None not in sizes, "input_shape", rule, input_shape)
        return tuple(int(s) for s in sizes if s is not None)

    def spread(self, weight: Any, x: Any) -> Any:
        """Reshapes a weight with the sizes along the axes to broadcast over `x`."""
        shape = [1] * len(x.shape)
        for axis, size in zip(self.axes(x), weight.shape, strict=True):
            shape[axis] = size
        return ops.reshape(weight, shape)

    def count(self, x: Any) -> Any:
        """Returns the number of elements along the axes, unknown sizes included."""
        shape = ops.shape(x)
        return ops.cast(math.prod(shape[a] for a in self.axes(x)), x.dtype)

    def build(self, input_shape: Shape) -> None:
        resolve_axes(self.axis, len(input_shape))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        axis = self.axis if isinstance(self.axis, int) else list(self.axis)
        return {**super().get_config(), "axis": axis, "epsilon": self.epsilon}

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the root mean square along the axes, before and after."""
        x = at_least_float32(inputs[0])
        y = at_least_float32(self(inputs[0], training=False))
        axes = self.axes(x)
        return {
            "rms_before": root_mean_square(x, axes),
            "rms_after": root_mean_square(y, axes),
        }
