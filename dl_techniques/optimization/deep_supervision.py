"""Weights of supervised outputs as a function of training progress."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.optimization import supervision_curves as curves
from dl_techniques.optimization.config_reader import arguments_of, type_of
from dl_techniques.utils.validation import check, check_choice, check_int

Float = NDArray[np.float64]
ORDERS = ("low_to_high", "high_to_low")
_CURVES: dict[str, Callable[..., Float]] = {
    "constant_equal": curves.constant_equal,
    "constant_low_to_high": curves.constant_low_to_high,
    "constant_high_to_low": curves.constant_high_to_low,
    "linear_low_to_high": curves.linear_low_to_high,
    "non_linear_low_to_high": curves.non_linear_low_to_high,
    "custom_sigmoid_low_to_high": curves.custom_sigmoid_low_to_high,
    "scale_by_scale_low_to_high": curves.scale_by_scale_low_to_high,
    "cosine_annealing": curves.cosine_annealing,
    "curriculum": curves.curriculum,
    "step_wise": curves.step_wise,
}
SUPERVISION_TYPES = tuple(_CURVES)


@dataclass(frozen=True)
class DeepSupervisionSchedule:
    """Gives the weights of `num_outputs` outputs at a progress in [0, 1].

    Attributes:
        type: Name of the curve, one of `SUPERVISION_TYPES`.
        num_outputs: Number of outputs.
        parameters: The curve's own parameters.
        order: "low_to_high": index 0 is the deepest output; "high_to_low": index 0 is
            the final output.
    """

    type: str
    num_outputs: int
    parameters: Mapping[str, Any]
    order: str = "low_to_high"

    def __call__(self, progress: float) -> Float:
        """Returns weights of at least 0 that sum to 1."""
        t = float(progress)
        check(not math.isnan(t), "progress", "a number", progress)
        t = min(max(t, 0.0), 1.0)
        raw = _CURVES[self.type](t, self.num_outputs, **self.parameters)
        weights = np.asarray(raw / raw.sum())
        return weights if self.order == "low_to_high" else weights[::-1].copy()


def deep_supervision_schedule_builder(
    config: Mapping[str, Any],
    num_outputs: int,
    order: str = "low_to_high",
    invert_order: bool = False,
) -> DeepSupervisionSchedule:
    """Returns the weight schedule that a dictionary describes.

    Args:
        config: `{"type": name, "config": {...}}`. With n outputs, up = (1..n), down =
            (n..1), progress t, every result divided by its sum: constant_equal;
            constant_low_to_high: up; constant_high_to_low: down; linear_low_to_high:
            (1 - t) down + t up; non_linear_low_to_high: the same with t^2;
            custom_sigmoid_low_to_high(k=10, x0=0.5, transition_point=0.25);
            scale_by_scale_low_to_high: one output after the other;
            cosine_annealing(frequency=3, final_ratio=0.8): always favours the
            deepest; curriculum(max_active_outputs=n, activation_strategy="linear" or
            "exp", which is quadratic); step_wise(threshold=0.5): linear, then only the
            final output.
        num_outputs: n, at least 1.
        order: "low_to_high": index 0 is the deepest output and n - 1 the final one;
            "high_to_low" for models whose first output is the final one.
        invert_order: True is the same as the other order.

    Returns:
        A callable from progress in [0, 1] (clipped) to n float64 weights.

    Raises:
        ValueError: A type, parameter or value is wrong; the error names it.
    """
    name = type_of("weight schedule", config, _CURVES)
    check_int("num_outputs", num_outputs)
    check_choice("order", order, ORDERS)
    given = arguments_of("a weight schedule", config, {"type": name, "config": {}})
    signature = list(inspect.signature(_CURVES[name]).parameters.values())[2:]
    defaults = {p.name: p.default for p in signature}
    parameters = arguments_of(name, given["config"], defaults)
    if invert_order:
        order = ORDERS[1 - ORDERS.index(order)]
    schedule = DeepSupervisionSchedule(name, num_outputs, parameters, order)
    schedule(0.0)  # the curve checks its parameters
    return schedule
