"""How a manager draws and saves."""

from dataclasses import dataclass

from dl_techniques.utils.validation import check, check_int, check_number
from dl_techniques.visualization.colors import PALETTE
from dl_techniques.visualization.theme import Theme, resolve

FORMATS = ("html", "json", "png", "svg", "pdf")


@dataclass(frozen=True, slots=True)
class PlotConfig:
    """Look and form of saved figures.

    Attributes:
        theme: "light", "dark", "publication" or a `Theme`.
        width: In pixels; None fills the page.
        height: In pixels; None is what each figure needs.
        font_size: Of ordinary text; None is the theme's.
        title_size: Of titles; None is 3 above ordinary text.
        palette: Colours of models, in order.
        formats: Of saved files: html, json, png, svg, pdf.
        scale: Pixels of a png for each pixel of the figure.
    """

    theme: Theme | str = "light"
    width: int | None = None
    height: int | None = None
    font_size: int | None = None
    title_size: int | None = None
    palette: tuple[str, ...] = PALETTE
    formats: tuple[str, ...] = ("html",)
    scale: float = 2.0

    def __post_init__(self) -> None:
        resolve(self.theme)
        for name in ("width", "height", "font_size", "title_size"):
            check_int(name, getattr(self, name), optional=True)
        check_number("scale", self.scale, 0.0, low_open=True)
        check(len(self.palette) > 0, "palette", "one colour or more", self.palette)
        check_formats(self.formats)


def check_formats(formats: tuple[str, ...]) -> None:
    """Raises `ValueError` for an unknown format, or for none."""
    known = bool(formats) and all(f in FORMATS for f in formats)
    check(known, "formats", f"some of {', '.join(FORMATS)}", formats)
