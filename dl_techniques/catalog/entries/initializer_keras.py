"""Keras initializers."""

import re

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import seed
from dl_techniques.utils.arguments import Argument


def _number(name: str, default: float, text: str, low: float | None = None) -> Argument:
    return Argument(
        name,
        "float",
        default,
        low=low,
        high=1e6,
        ui_low=0 if low == 0 else -1,
        ui_high=2,
        help=text,
    )


def _entry(
    name: str, summary: str, arguments: tuple[Argument, ...], source: str = "Keras"
) -> Entry:
    return Entry(
        name=name,
        target=f"keras.initializers.{name}",
        kind="initializer",
        family="initializers",
        summary=summary,
        source=source,
        arguments=arguments,
        look_at="activation deviations layer by layer at the first epoch",
        aliases=_ALIASES.get(name, (re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(),)),
    )


_ALIASES = {
    "RandomUniform": ("random_uniform", "uniform"),
    "RandomNormal": ("random_normal", "normal"),
    "Orthogonal": ("orthogonal",),
}
_GLOROT = "Glorot & Bengio 2010, AISTATS; Keras"
_HE = "He et al. 2015, arXiv:1502.01852; Keras"
_LECUN = "LeCun et al. 1998, Efficient BackProp; Keras"

ENTRIES: tuple[Entry, ...] = (
    _entry(
        "GlorotUniform",
        "Uniform, as wide as keeps the variance forwards and backwards.",
        (seed(),),
        _GLOROT,
    ),
    _entry(
        "GlorotNormal",
        "Normal, as wide as keeps the variance forwards and backwards.",
        (seed(),),
        _GLOROT,
    ),
    _entry("HeUniform", "Uniform, made for ReLU.", (seed(),), _HE),
    _entry("HeNormal", "Normal, made for ReLU.", (seed(),), _HE),
    _entry("LecunNormal", "Normal, variance one over the inputs.", (seed(),), _LECUN),
    _entry("LecunUniform", "Uniform, variance one over the inputs.", (seed(),), _LECUN),
    _entry(
        "Orthogonal",
        "A random orthogonal matrix.",
        (_number("gain", 1.0, "Factor on the matrix.", 0), seed()),
        "Saxe et al. 2014, arXiv:1312.6120; Keras",
    ),
    _entry(
        "RandomNormal",
        "Normal with a given deviation.",
        (
            _number("mean", 0.0, "Mean."),
            _number("stddev", 0.05, "Deviation.", 0),
            seed(),
        ),
    ),
    _entry(
        "RandomUniform",
        "Uniform between two numbers.",
        (
            _number("minval", -0.05, "Lower end."),
            _number("maxval", 0.05, "Upper end."),
            seed(),
        ),
    ),
    _entry(
        "TruncatedNormal",
        "Normal without values beyond two deviations.",
        (
            _number("mean", 0.0, "Mean."),
            _number("stddev", 0.05, "Deviation.", 0),
            seed(),
        ),
    ),
    _entry("Zeros", "All zeros.", ()),
    _entry("Ones", "All ones.", ()),
    _entry("Constant", "One number everywhere.", (_number("value", 0.0, "Number."),)),
)
