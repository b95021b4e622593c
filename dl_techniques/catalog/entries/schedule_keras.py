"""Keras learning-rate schedules; steps are given as shares of the run.

The peak rate is the optimizer's `learning_rate`. `decay_fraction` becomes
`decay_steps` (of the steps left after warm-up) unless that is given; likewise
`first_decay_fraction`. `boundary_fractions` and `factors` become `boundaries` and
`values`.

One table: five of the six schedules take their steps by the same function.
"""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument


def _steps(prefix: str = "", default: float = 1.0) -> tuple[Argument, ...]:
    return (
        Argument(
            f"{prefix}decay_fraction",
            "float",
            default,
            low=0,
            high=1,
            low_open=True,
            ui_low=0.05,
            ui_high=1,
            step=0.05,
            help="Share of the run that the decay takes.",
        ),
        Argument(
            f"{prefix}decay_steps",
            "int",
            None,
            low=1,
            optional=True,
            help="Number of steps, instead of a share of the run.",
        ),
    )


def _alpha(text: str = "Last rate, as a share of the peak.") -> Argument:
    return Argument(
        "alpha",
        "float",
        0.0,
        low=0,
        high=1,
        ui_low=0,
        ui_high=1,
        step=0.01,
        help=text,
    )


_STAIRS = Argument("staircase", "bool", False, help="Whether the rate falls in stairs.")


def _entry(
    name: str,
    summary: str,
    arguments: tuple[Argument, ...],
    source: str = "Keras",
    **example: Any,
) -> Entry:
    return Entry(
        name=name,
        target=f"keras.optimizers.schedules.{name}",
        kind="schedule",
        family="schedules",
        summary=summary,
        arguments=arguments,
        look_at="the learning rate over the steps",
        source=source,
        example=example,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "CosineDecay",
        "Lowers the rate along half a cosine wave.",
        (*_steps(), _alpha()),
        source="Loshchilov & Hutter 2017, arXiv:1608.03983; Keras",
    ),
    _entry(
        "CosineDecayRestarts",
        "Cosine waves that start again, each longer and lower.",
        (
            *_steps("first_", 0.25),
            Argument(
                "t_mul",
                "float",
                2.0,
                low=1,
                high=10,
                ui_low=1,
                ui_high=4,
                help="How much longer each wave is than the one before.",
            ),
            Argument(
                "m_mul",
                "float",
                1.0,
                low=0,
                high=1,
                low_open=True,
                ui_low=0.1,
                ui_high=1,
                help="Peak of each wave as a share of the one before.",
            ),
            _alpha(),
        ),
        source="Loshchilov & Hutter 2017, arXiv:1608.03983; Keras",
    ),
    _entry(
        "ExponentialDecay",
        "Multiplies the rate by a fixed factor over each stretch.",
        (
            *_steps(default=0.1),
            Argument(
                "decay_rate",
                "float",
                low=0,
                high=1,
                low_open=True,
                ui_low=0.1,
                ui_high=1,
                step=0.01,
                required=True,
                help="Factor for each stretch.",
            ),
            _STAIRS,
        ),
        decay_rate=0.8,
    ),
    _entry(
        "PolynomialDecay",
        "Lowers the rate along a power of the time left; power 1 is a line.",
        (
            *_steps(),
            Argument(
                "end_learning_rate",
                "float",
                1e-4,
                low=0,
                high=100,
                ui_low=0,
                ui_high=1e-2,
                help="Last rate.",
            ),
            Argument(
                "power",
                "float",
                1.0,
                low=0,
                high=10,
                low_open=True,
                ui_low=0.5,
                ui_high=4,
                help="Bend of the curve.",
            ),
            Argument("cycle", "bool", False, help="Whether it starts again."),
        ),
    ),
    _entry(
        "PiecewiseConstantDecay",
        "Holds the rate and changes it at given moments.",
        (
            Argument(
                "boundary_fractions",
                "floats",
                low=0,
                high=1,
                low_open=True,
                high_open=True,
                required=True,
                help="Moments of change, as shares of the run, rising.",
            ),
            Argument(
                "factors",
                "floats",
                low=0,
                high=1000,
                low_open=True,
                required=True,
                help="Shares of the peak rate: one more than moments.",
            ),
        ),
        boundary_fractions=[0.5, 0.75],
        factors=[1.0, 0.1, 0.01],
    ),
    _entry(
        "InverseTimeDecay",
        "Divides the rate by one plus a multiple of the time.",
        (
            *_steps(default=0.1),
            Argument(
                "decay_rate",
                "float",
                low=0,
                high=1000,
                ui_low=0.1,
                ui_high=10,
                required=True,
                help="How fast it falls: at the stretch's end 1 / (1 + rate).",
            ),
            _STAIRS,
        ),
        decay_rate=1.0,
    ),
)
