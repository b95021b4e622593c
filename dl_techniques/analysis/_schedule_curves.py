"""The learning rate over the steps of a run, without Keras."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray, IntArray
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

START = 1e-8  # first rate of a warm-up in a recipe


@dataclass(frozen=True, slots=True)
class ScheduleCurve(AnalysisResult):
    """The learning rate over the steps of a run.

    Attributes:
        steps: Steps, rising, the first 0 and the last `total_steps`.
        rates: The rate at each.
        total_steps: Steps of the run.
        warmup_steps: Steps of linear warm-up at its start.
        peak: Largest of the rates.
    """

    steps: IntArray
    rates: FloatArray
    total_steps: int
    warmup_steps: int
    peak: float


Given = Mapping[str, Any]


def schedule_curve(
    total_steps: int,
    learning_rate: float = 1e-3,
    name: str | None = None,
    args: Mapping[str, Any] | None = None,
    warmup_fraction: float = 0.0,
    points: int = 400,
) -> ScheduleCurve:
    """Returns the rates a recipe's optimizer will use.

    Args:
        total_steps: Steps of the run, at least 1.
        learning_rate: The peak rate, above 0.
        name: Name of a schedule in the catalog; None keeps the rate.
        args: Its arguments as a recipe has them: shares of the steps left after
            warm-up (`decay_fraction`) or numbers of steps (`decay_steps`).
        warmup_fraction: Share of the run spent on linear warm-up, in [0, 1).
        points: At most so many steps are computed.

    Raises:
        ValueError: The schedule is unknown, lacks an argument, or one is out of range.
    """
    check_int("total_steps", total_steps)
    check_number("learning_rate", learning_rate, 0, low_open=True)
    check_number("warmup_fraction", warmup_fraction, 0, high=1, high_open=True)
    check_int("points", points, 2)
    warmup = round(warmup_fraction * total_steps)
    rate = _rate(name, dict(args or {}), learning_rate, total_steps - warmup)
    count = min(points, total_steps + 1)
    steps = np.unique(np.linspace(0, total_steps, count).round().astype(np.int64))
    if warmup:
        steps = np.union1d(steps, [warmup])
    after = rate(np.maximum(steps - warmup, 0).astype(np.float64))
    rates = after
    if warmup:
        rise = START + (after - START) * steps / warmup
        rates = np.where(steps < warmup, rise, after)
    return ScheduleCurve(steps, rates, total_steps, warmup, float(rates.max()))


def _rate(
    name: str | None, args: dict[str, Any], peak: float, left: int
) -> Callable[[FloatArray], FloatArray]:
    if name is None:
        return lambda s: np.full(s.shape, peak)
    check_choice("name", name, SCHEDULES)
    function, defaults = _SCHEDULES[name]
    for key, value in defaults.items():
        if args.get(key) is None:
            check(value is not None, key, f"given for {name}", None)
            args[key] = value

    def steps(share: float) -> int:
        return max(1, round(share * left))

    for key in ("decay", "first_decay"):
        if f"{key}_fraction" in args and args.get(f"{key}_steps") is None:
            args[f"{key}_steps"] = steps(args[f"{key}_fraction"])
    if name == "PiecewiseConstantDecay":
        cuts, factors = (
            v if isinstance(v, list | tuple) else [v]
            for v in (args["boundary_fractions"], args["factors"])
        )
        rule = f"{len(cuts) + 1} numbers, one more than boundary_fractions"
        check(len(factors) == len(cuts) + 1, "factors", rule, factors)
        args |= {"boundaries": [steps(c) for c in cuts], "factors": list(factors)}
    return lambda s: np.asarray(function(s, peak, args))


def _wave(share: FloatArray) -> FloatArray:
    return np.asarray((1 + np.cos(np.pi * np.minimum(share, 1.0))) / 2)


def _cosine(s: FloatArray, peak: float, a: Given) -> FloatArray:
    alpha = a["alpha"]
    return peak * (alpha + (1 - alpha) * _wave(s / a["decay_steps"]))


def _restarts(s: FloatArray, peak: float, a: Given) -> FloatArray:
    share, t = s / a["first_decay_steps"], a["t_mul"]
    if t == 1:
        wave = np.floor(share)
        share = share - wave
    else:
        wave = np.floor(np.log1p(share * (t - 1)) / math.log(t) + 1e-12)
        share = (share - (t**wave - 1) / (t - 1)) / t**wave
    alpha = a["alpha"]
    return peak * (alpha + (1 - alpha) * a["m_mul"] ** wave * _wave(share))


def _exponential(s: FloatArray, peak: float, a: Given) -> FloatArray:
    share = s / a["decay_steps"]
    share = np.floor(share) if a["staircase"] else share
    return np.asarray(peak * np.power(a["decay_rate"], share))


def _inverse_time(s: FloatArray, peak: float, a: Given) -> FloatArray:
    share = s / a["decay_steps"]
    share = np.floor(share) if a["staircase"] else share
    return np.asarray(peak / (1 + a["decay_rate"] * share))


def _polynomial(s: FloatArray, peak: float, a: Given) -> FloatArray:
    end, span = a["end_learning_rate"], float(a["decay_steps"])
    if a["cycle"]:
        whole = span * np.maximum(np.ceil(s / span), 1.0)
        share = s / whole
    else:
        share = np.minimum(s, span) / span
    return np.asarray(end + (peak - end) * (1 - share) ** a["power"])


def _pieces(s: FloatArray, peak: float, a: Given) -> FloatArray:
    which = np.searchsorted(a["boundaries"], s, side="left")
    return np.asarray(peak * np.asarray(a["factors"], dtype=np.float64)[which])


def _one_cycle(s: FloatArray, peak: float, a: Given) -> FloatArray:
    span = a["decay_steps"]
    first = peak / a["div_factor"]
    last = first / a["final_div_factor"]
    turn = a["start_fraction"] * span
    rise = peak + (first - peak) * _wave(s / max(turn, 1e-9))
    share = np.clip((s - turn) / max(span - turn, 1e-9), 0, 1)
    return np.where(s < turn, rise, last + (peak - last) * _wave(share))


_DECAY = {"decay_fraction": 1.0}
_SHORT = {"decay_fraction": 0.1, "decay_rate": None, "staircase": False}
_SCHEDULES: dict[str, tuple[Callable[..., FloatArray], dict[str, Any]]] = {
    "CosineDecay": (_cosine, {**_DECAY, "alpha": 0.0}),
    "CosineDecayRestarts": (
        _restarts,
        {"first_decay_fraction": 0.25, "t_mul": 2.0, "m_mul": 1.0, "alpha": 0.0},
    ),
    "ExponentialDecay": (_exponential, _SHORT),
    "PolynomialDecay": (
        _polynomial,
        {**_DECAY, "end_learning_rate": 1e-4, "power": 1.0, "cycle": False},
    ),
    "PiecewiseConstantDecay": (_pieces, {"boundary_fractions": None, "factors": None}),
    "InverseTimeDecay": (_inverse_time, _SHORT),
    "OneCycleSchedule": (
        _one_cycle,
        {
            **_DECAY,
            "start_fraction": 0.3,
            "div_factor": 25.0,
            "final_div_factor": 1e4,
        },
    ),
}
SCHEDULES = tuple(_SCHEDULES)
