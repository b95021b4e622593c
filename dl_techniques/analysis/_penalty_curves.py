"""The value of a penalty over one weight or one singular value, and its minima."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_choice, check_int, check_number


@dataclass(frozen=True, slots=True)
class PenaltyCurve(AnalysisResult):
    """A penalty and its slope over one variable.

    Attributes:
        name: Name of the regularizer.
        variable: "weight", or "singular value" for penalties of a whole kernel.
        x: Values of the variable, rising.
        value: Penalty at `x`, of one weight or one singular value.
        slope: Its derivative.
        minima: Where the penalty is smallest, all of them inside the range of `x`.
    """

    name: str
    variable: str
    x: FloatArray
    value: FloatArray
    slope: FloatArray
    minima: tuple[float, ...]


Curve = tuple[FloatArray, FloatArray, list[float]]
Given = Mapping[str, Any]


def penalty_curve(
    name: str,
    args: Mapping[str, Any] | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    points: int = 401,
) -> PenaltyCurve:
    """Returns the penalty of a single weight, or of a single singular value.

    Args:
        name: Name of a regularizer in the catalog or an alias of it: L1, L2, L1L2,
            BinaryPreferenceRegularizer, TriStatePreferenceRegularizer (of a weight);
            SoftOrthonormalConstraintRegularizer, SRIPRegularizer (of a singular value;
            for SRIP the largest deviation alone counts).
        args: Its arguments; the rest as in the regularizer.
        low: Left end; by default a little beyond the outermost minimum.
        high: Right end.
        points: Number of points, at least 2.

    Raises:
        ValueError: The penalty has no such curve, or an argument is out of range.
    """
    key = _ALIASES.get(name, name)
    check_choice("name", key, tuple(_CURVES))
    function, variable, defaults = _CURVES[key]
    given = {**defaults, **(args or {})}
    for argument, value in given.items():
        if isinstance(defaults.get(argument), float):
            check_number(argument, value, 0, low_open=argument == "scale")
    ends = _ENDS.get(key, (-1.6, 1.6) if variable == "weight" else (0.0, 1.6))
    scale = float(given.get("scale", 1.0))
    first = ends[0] / scale if low is None else low
    last = ends[1] / scale if high is None else high
    check(first < last, "high", f"above `low` ({first})", last)
    check_int("points", points, 2)
    x = np.linspace(first, last, points)
    value, slope, minima = function(x, given)
    inside = tuple(m for m in minima if first <= m <= last)
    return PenaltyCurve(key, variable, x, value, slope, inside)


def _l1l2(x: FloatArray, given: Given) -> Curve:
    l1, l2 = given["l1"], given["l2"]
    value = l1 * np.abs(x) + l2 * x**2
    return value, l1 * np.sign(x) + 2 * l2 * x, [0.0] if l1 + l2 > 0 else []


def _binary(x: FloatArray, given: Given) -> Curve:
    m, s = given["multiplier"], given["scale"]
    u = s * x
    value = m * 16 * u**2 * (1 - u) ** 2
    return value, m * s * 32 * u * (1 - u) * (1 - 2 * u), [0.0, 1 / s]


def _tri_state(x: FloatArray, given: Given) -> Curve:
    m, s = given["multiplier"], given["scale"]
    u = s * x
    value = m * 6.75 * u**2 * (u**2 - 1) ** 2
    slope = m * s * 13.5 * u * (u**2 - 1) * (3 * u**2 - 1)
    return value, slope, [-1 / s, 0.0, 1 / s]


def _soft_orthonormal(x: FloatArray, given: Given) -> Curve:
    strength, l2 = given["lambda_coefficient"], given["l2_coefficient"]
    value = strength * (x**2 - 1) ** 2 + l2 * x**2
    slope = 4 * strength * x * (x**2 - 1) + 2 * l2 * x
    if strength == 0:
        return value, slope, [0.0] if l2 else []
    square = 1 - l2 / (2 * strength)
    root = float(np.sqrt(max(square, 0.0)))
    return value, slope, [-root, root] if root else [0.0]


def _srip(x: FloatArray, given: Given) -> Curve:
    strength, gap = given["strength"], x**2 - 1
    if given["squared"]:
        return strength * gap**2, 4 * strength * x * gap, [-1.0, 1.0]
    return strength * np.abs(gap), 2 * strength * x * np.sign(gap), [-1.0, 1.0]


_STATES: dict[str, Any] = {"multiplier": 1.0, "scale": 1.0}
_FRAME: dict[str, Any] = {"lambda_coefficient": 1e-3, "l2_coefficient": 0.0}
_CURVES: dict[str, tuple[Callable[[FloatArray, Given], Curve], str, dict[str, Any]]] = {
    "L1": (_l1l2, "weight", {"l1": 0.01, "l2": 0.0}),
    "L2": (_l1l2, "weight", {"l1": 0.0, "l2": 0.01}),
    "L1L2": (_l1l2, "weight", {"l1": 0.0, "l2": 0.0}),
    "BinaryPreferenceRegularizer": (_binary, "weight", _STATES),
    "TriStatePreferenceRegularizer": (_tri_state, "weight", _STATES),
    "SoftOrthonormalConstraintRegularizer": (
        _soft_orthonormal,
        "singular value",
        _FRAME,
    ),
    "SRIPRegularizer": (_srip, "singular value", {"strength": 0.1, "squared": False}),
}
_ENDS = {  # steep beyond the states: further out the walls between them vanish
    "BinaryPreferenceRegularizer": (-0.25, 1.25),
    "TriStatePreferenceRegularizer": (-1.2, 1.2),
}
_ALIASES = {
    "BinaryPreference": "BinaryPreferenceRegularizer",
    "TriStatePreference": "TriStatePreferenceRegularizer",
    "SoftOrthonormal": "SoftOrthonormalConstraintRegularizer",
    "SRIP": "SRIPRegularizer",
}
PENALTIES = tuple(_CURVES)
