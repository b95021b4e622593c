"""The knobs that every data set has, and their checks."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.utils.arguments import Argument

KNOBS = (
    Argument(
        "train_size",
        "float",
        0.8,
        low=0,
        high=1,
        low_open=True,
        high_open=True,
        ui_low=0.1,
        ui_high=0.9,
        step=0.05,
        help="Fraction of the samples used for training; the rest is the test set.",
    ),
    Argument(
        "max_samples",
        "int",
        None,
        low=10,
        ui_low=100,
        ui_high=20_000,
        log=True,
        optional=True,
        help="Cap on the number of samples, drawn evenly from all classes.",
    ),
    Argument(
        "label_noise",
        "float",
        0.0,
        low=0,
        high=1,
        high_open=True,
        ui_low=0,
        ui_high=0.6,
        step=0.05,
        help="Fraction of training labels replaced by another class.",
    ),
    Argument(
        "imbalance",
        "float",
        1.0,
        low=0,
        high=1,
        low_open=True,
        ui_low=0.01,
        ui_high=1,
        log=True,
        help="Rarest to commonest class in training; the classes between thin out "
        "exponentially. 1 leaves the data as they are.",
    ),
    Argument(
        "standardise",
        "bool",
        True,
        help="Gives features (and regression targets) mean 0 and deviation 1, measured "
        "on the training samples.",
    ),
    Argument(
        "seed",
        "int",
        0,
        low=0,
        high=2**31,
        high_open=True,
        ui_low=0,
        ui_high=100,
        help="Seed of generation, split, subsampling and noise.",
    ),
)


@dataclass(frozen=True)
class Knobs:
    """The values of `KNOBS`."""

    train_size: float = 0.8
    max_samples: int | None = None
    label_noise: float = 0.0
    imbalance: float = 1.0
    standardise: bool = True
    seed: int = 0


def check_knobs(info: DatasetInfo, knobs: Knobs) -> None:
    """Raises `DatasetError` for a knob out of range or without meaning here."""
    for knob in KNOBS:
        line = knob.problem(getattr(knobs, knob.name))
        if line:
            raise DatasetError(line)
    if info.task != "classification":
        for name, neutral in (("label_noise", 0), ("imbalance", 1)):
            value = getattr(knobs, name)
            if value != neutral:
                raise DatasetError(
                    f"`{name}` must be {neutral} for {info.name}, which has no "
                    f"classes. Received: {name}={value!r}"
                )


def fill_options(
    name: str, arguments: Iterable[Argument], given: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Returns every option's value; raises `DatasetError` for an illegal one."""
    known = {a.name: a for a in arguments}
    filled = {a.name: a.default for a in known.values()}
    if given is not None and not isinstance(given, Mapping):
        raise DatasetError(f"`options` must be a mapping. Received: options={given!r}")
    for key, value in (given or {}).items():
        if key not in known:
            allowed = ", ".join(known) or "none"
            raise DatasetError(
                f"`{key}` is not an option of {name}.{did_you_mean(key, known)} "
                f"Allowed: {allowed}. Received: {key}={value!r}"
            )
        line = known[key].problem(value)
        if line:
            raise DatasetError(line)
        filled[key] = value
    return filled


def did_you_mean(word: Any, names: Iterable[str]) -> str:
    """Returns " Did you mean ...?" for close names, else an empty text."""
    close = difflib.get_close_matches(str(word).lower(), list(names), 3)
    return f" Did you mean {', '.join(close)}?" if close else ""
