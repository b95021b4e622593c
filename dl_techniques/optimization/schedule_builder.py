"""A dictionary -> a learning-rate schedule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from dl_techniques.optimization.config_reader import arguments_of, type_of
from dl_techniques.optimization.constant_schedule import ConstantSchedule
from dl_techniques.optimization.one_cycle_schedule import OneCycleSchedule
from dl_techniques.optimization.warmup_schedule import WarmupSchedule
from dl_techniques.utils.validation import check, check_int, check_number

_keras = keras.optimizers.schedules


@dataclass(frozen=True)
class _Kind:
    """A schedule class, its required parameters and the defaults of the others."""

    cls: Any
    required: tuple[str, ...]
    defaults: dict[str, Any]


_RATE = ("learning_rate", "decay_steps")
_DECAY = (*_RATE, "decay_rate")
_KINDS = {
    "constant": _Kind(ConstantSchedule, ("learning_rate",), {}),
    "exponential_decay": _Kind(_keras.ExponentialDecay, _DECAY, {"staircase": False}),
    "cosine_decay": _Kind(_keras.CosineDecay, _RATE, {"alpha": 1e-4}),
    "cosine_decay_restarts": _Kind(
        _keras.CosineDecayRestarts, _RATE, {"t_mul": 2.0, "m_mul": 0.9, "alpha": 1e-3}
    ),
    "polynomial_decay": _Kind(
        _keras.PolynomialDecay, _RATE, {"end_learning_rate": 0.0, "power": 1.0}
    ),
    "piecewise_constant": _Kind(
        _keras.PiecewiseConstantDecay, ("boundaries", "values"), {}
    ),
    "inverse_time_decay": _Kind(_keras.InverseTimeDecay, _DECAY, {}),
    "one_cycle": _Kind(
        OneCycleSchedule,
        _RATE,
        {"start_fraction": 0.3, "div_factor": 25, "final_div_factor": 1e4},
    ),
}
SCHEDULE_TYPES = tuple(_KINDS)


def schedule_builder(config: Mapping[str, Any]) -> Any:
    """Returns the schedule that a dictionary describes.

    Args:
        config: `{"type": name, "warmup_steps": 0, "warmup_start_lr": 1e-8,
            "config": {...}}`. Case, spaces and "_" of the type do not matter. Types
            and parameters: constant(learning_rate); exponential_decay(learning_rate,
            decay_steps, decay_rate, staircase=False); cosine_decay(learning_rate,
            decay_steps, alpha=1e-4); cosine_decay_restarts(learning_rate,
            decay_steps, t_mul=2, m_mul=0.9, alpha=1e-3);
            polynomial_decay(learning_rate, decay_steps, end_learning_rate=0,
            power=1); piecewise_constant(boundaries, values);
            inverse_time_decay(learning_rate, decay_steps, decay_rate);
            one_cycle(learning_rate, decay_steps, start_fraction=0.3, div_factor=25,
            final_div_factor=1e4).

    Returns:
        The schedule, behind a `WarmupSchedule` when `warmup_steps` is above 0.

    Raises:
        ValueError: The type is missing or unknown, or a parameter is missing, unknown
            or out of range.
    """
    name = type_of("schedule", config, _KINDS)
    known = {"warmup_steps": 0, "warmup_start_lr": 1e-8, "config": {}, "type": name}
    given = arguments_of("a schedule", config, known)
    kind = _KINDS[name]
    args = arguments_of(name, given["config"], kind.defaults, kind.required)
    _check(args)
    schedule = _make(kind.cls, args)
    check_int("warmup_steps", given["warmup_steps"], 0)
    check_number("warmup_start_lr", given["warmup_start_lr"], 0)
    if given["warmup_steps"] == 0:
        return schedule
    return WarmupSchedule(given["warmup_steps"], given["warmup_start_lr"], schedule)


learning_rate_schedule_builder = schedule_builder


def _check(args: dict[str, Any]) -> None:
    """Checks what Keras takes without a word."""
    for name, value in args.items():
        if name in ("learning_rate", "decay_rate", "t_mul", "m_mul", "power"):
            check_number(name, value, 0, low_open=True)
        elif name == "decay_steps":
            check_int(name, value)
        elif name in ("alpha", "end_learning_rate"):
            check_number(name, value, 0)
    if "boundaries" in args:
        cuts, rates = args["boundaries"], args["values"]
        lists = isinstance(cuts, list | tuple) and isinstance(rates, list | tuple)
        check(lists, "values", "a list, as `boundaries`", rates)
        check(list(cuts) == sorted(set(cuts)), "boundaries", "rising", cuts)
        rule = f"{len(cuts) + 1} rates above 0, one more than `boundaries`"
        right = len(rates) == len(cuts) + 1
        check(right and all(r > 0 for r in rates), "values", rule, rates)


def _make(cls: Any, args: dict[str, Any]) -> Any:
    names = {}
    if cls.__module__.startswith("keras."):
        names["learning_rate"] = "initial_learning_rate"
        if cls is _keras.CosineDecayRestarts:
            names["decay_steps"] = "first_decay_steps"
    given = {k: list(v) if isinstance(v, tuple) else v for k, v in args.items()}
    return cls(**{names.get(k, k): v for k, v in given.items()})
