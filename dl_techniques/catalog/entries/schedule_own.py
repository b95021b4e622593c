"""The library's learning-rate schedules; steps are given as shares of the run."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument

ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="OneCycleSchedule",
        target="dl_techniques.optimization.OneCycleSchedule",
        kind="schedule",
        family="schedules",
        summary="One wave: up to the peak, then far below where it began.",
        source="Smith & Topin 2018, arXiv:1708.07120",
        arguments=(
            Argument(
                "decay_fraction",
                "float",
                1.0,
                low=0,
                high=1,
                low_open=True,
                ui_low=0.05,
                ui_high=1,
                step=0.05,
                help="Share of the run that the wave takes.",
            ),
            Argument(
                "decay_steps",
                "int",
                None,
                low=1,
                optional=True,
                help="Number of steps, instead of a share of the run.",
            ),
            Argument(
                "start_fraction",
                "float",
                0.3,
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                help="Share of the wave spent rising.",
            ),
            Argument(
                "div_factor",
                "float",
                25.0,
                low=1,
                ui_low=1,
                ui_high=100,
                log=True,
                help="Peak rate over first rate.",
            ),
            Argument(
                "final_div_factor",
                "float",
                1e4,
                low=1,
                ui_low=1,
                ui_high=1e6,
                log=True,
                help="First rate over last rate.",
            ),
        ),
        look_at="the learning rate over the steps",
        aliases=("OneCycle",),
    ),
)
