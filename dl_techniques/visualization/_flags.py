"""The doubts about a result in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from dl_techniques.analysis import flags

SENTENCES: dict[str, str] = {
    flags.EMPTY: "no data to look at",
    flags.CLASS_ABSENT: "a class does not occur",
    flags.NONFINITE_DROPPED: "rows that are not finite were left out",
    flags.NOT_NORMALISED: "probabilities do not sum to 1",
    flags.TOO_FEW_VALUES: "too few values",
    flags.DEGENERATE_SPECTRUM: "all eigenvalues are nearly equal or zero",
    flags.NOT_POWER_LAW: "not a power law",
    flags.WEAK_POWER_LAW: "a power law is only weakly supported",
    flags.RANK_DEFICIENT: "the matrix does not have full rank",
    flags.TRUNCATED_SPECTRUM: "only the largest eigenvalues were computed",
    flags.CONSTANT: "all values are equal",
    flags.DEAD_UNITS: "some units never answer",
    flags.SATURATED: "some units are saturated",
    flags.OVERFLOW: "values overflowed",
    flags.OUT_OF_BUDGET: "time ran out before everything was computed",
    flags.SUBSAMPLED: "computed on a random part of the data",
    flags.UNBOUNDED_TEMPERATURE: "the best temperature lies outside the bounds",
    flags.SHAPE_UNSUPPORTED: "some weights have no matrix form",
    flags.NO_WEIGHTS: "no weights to look at",
}


def sentence(flag: str) -> str:
    """Returns the words of a flag."""
    return SENTENCES.get(flag, flag.replace("_", " ").lower())


def flag_notes(results: Any, without: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns a sentence a flag, after the name when there are several results."""
    named = results if isinstance(results, Mapping) else {"": results}
    left_out = set(without)
    found = {
        (f"{name}: " if name and len(named) > 1 else "") + sentence(flag): None
        for name, result in named.items()
        for flag in getattr(result, "flags", None) or ()
        if flag not in left_out
    }
    return tuple(found)


def reason(results: Any, otherwise: str) -> str:
    """Returns why there is nothing to draw: the first flag's words, or `otherwise`."""
    named = results if isinstance(results, Mapping) else {"": results}
    for result in named.values():
        for flag in getattr(result, "flags", None) or ():
            text = sentence(flag)
            return f"{otherwise} ({text})"
    return otherwise
