"""One declaration of an argument: feeds forms, validation messages and contracts."""

import math
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "int",
    "float",
    "bool",
    "choice",
    "text",
    "ints",
    "floats",
    "choices",
    "component",
    "weights",
]


@dataclass(frozen=True)
class Argument:
    """What may be given for one argument.

    Attributes:
        name: The name in the real signature.
        kind: What a value is. "component" is a serialized regularizer, initializer,
            constraint, loss or activation, whose kind is in `choices`; families named
            there too narrow it down. "weights" maps names of `choices` to numbers.
        default: The default of the real signature, JSON-ready.
        low: Smallest legal value (of every element for "ints" and "floats").
        high: Largest legal value.
        low_open: Whether `low` itself is illegal.
        high_open: Whether `high` itself is illegal.
        ui_low: Lower end of the slider, inside the legal range.
        ui_high: Upper end of the slider.
        log: Whether a slider moves on a logarithmic scale.
        step: Slider step.
        choices: Legal values of "choice" and "choices".
        optional: Whether None is legal.
        required: Whether the signature has no default.
        help: One line that explains the argument to a newcomer.
    """

    name: str
    kind: Kind
    default: Any = None
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    ui_low: float | None = None
    ui_high: float | None = None
    log: bool = False
    step: float | None = None
    choices: tuple[Any, ...] = ()
    optional: bool = False
    required: bool = False
    help: str = ""

    def rule(self) -> str:
        """Says in words what is legal."""
        text = _NOUN[self.kind]
        if self.kind in ("choice", "choices", "weights"):
            text += " " + ", ".join(repr(c) for c in self.choices)
        limits = []
        if self.low is not None:
            limits.append(f"{'above' if self.low_open else 'at least'} {self.low:g}")
        if self.high is not None:
            limits.append(f"{'below' if self.high_open else 'at most'} {self.high:g}")
        text += f" {' and '.join(limits)}" if limits else ""
        text = text.removesuffix(", each")
        return f"{text} or None" if self.optional else text

    def problem(self, value: Any) -> str | None:
        """Returns what is wrong with `value` in one line, or None."""
        if value is None and self.optional:
            return None
        if self._type_fits(value) and self._range_fits(value):
            return None
        return f"`{self.name}` must be {self.rule()}. Received: {self.name}={value!r}"

    def _type_fits(self, value: Any) -> bool:
        if self.kind in ("ints", "floats"):
            single = is_int if self.kind == "ints" else is_number
            many = isinstance(value, list | tuple)
            return all(map(single, value)) if many else single(value)
        if self.kind == "choice":
            return any(type(value) is type(c) and value == c for c in self.choices)
        if self.kind == "choices":
            many = isinstance(value, list | tuple)
            return many and all(v in self.choices for v in value)
        if self.kind == "weights":
            return isinstance(value, dict) and all(
                k in self.choices and is_number(v) for k, v in value.items()
            )
        return _CHECK[self.kind](value)

    def _range_fits(self, value: Any) -> bool:
        values = value if isinstance(value, list | tuple) else [value]
        if isinstance(value, dict) and self.kind == "weights":
            values = list(value.values())
        return all(self._inside(v) for v in values if is_number(v))

    def _inside(self, value: float) -> bool:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        above = value > low if self.low_open else value >= low
        below = value < high if self.high_open else value <= high
        return above and below


def is_int(value: Any) -> bool:
    """Tells whether `value` is a whole number and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Tells whether `value` is a finite number and not a boolean."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )


_CHECK = {
    "int": is_int,
    "float": is_number,
    "bool": lambda v: isinstance(v, bool),
    "text": lambda v: isinstance(v, str),
    "component": lambda v: isinstance(v, str | dict),
}
_NOUN = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "text": "a text",
    "component": "a component",
    "ints": "an integer or a list of integers, each",
    "floats": "a number or a list of numbers, each",
    "choice": "one of",
    "choices": "a list of",
    "weights": "a mapping to numbers of",
}
