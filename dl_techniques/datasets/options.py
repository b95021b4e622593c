"""Knobs that several generated data sets share."""

from dl_techniques.utils.arguments import Argument


def number_of(
    things: str, default: int, *, low: int, ui_low: int, ui_high: int
) -> Argument:
    """Returns the knob that says how many samples are drawn."""
    return Argument(
        "n",
        "int",
        default,
        low=low,
        high=20_000,
        ui_low=ui_low,
        ui_high=ui_high,
        log=True,
        help=f"Number of {things}.",
    )


def pixel_noise(default: float, ui_high: float) -> Argument:
    """Returns the knob of the noise on images."""
    return Argument(
        "noise",
        "float",
        default,
        low=0,
        high=1,
        ui_low=0,
        ui_high=ui_high,
        step=0.01,
        help="Deviation of the Gaussian noise on each pixel (pixels are 0 to 1).",
    )
