"""How a figure looks: light, dark, or for print."""

from dataclasses import dataclass
from typing import Literal

ThemeName = Literal["light", "dark", "publication"]


@dataclass(frozen=True)
class Theme:
    """Colours and sizes of a figure.

    Attributes:
        name: Its name.
        text: Colour of text.
        grid: Colour of grid lines.
        axis: Colour of zero lines and references.
        paper: Background; transparent follows the page.
        font_size: Points of ordinary text.
        show_grid: Whether grid lines are drawn.
    """

    name: str
    text: str
    grid: str
    axis: str
    paper: str = "rgba(0,0,0,0)"
    font_size: int = 12
    show_grid: bool = True


THEMES: dict[str, Theme] = {
    "light": Theme("light", "#1f2733", "#e3e7ed", "#6b7480"),
    "dark": Theme("dark", "#eef1f5", "#2c3440", "#98a2b0"),
    "publication": Theme(
        "publication", "#000000", "#ffffff", "#444444", "#ffffff", 15, show_grid=False
    ),
}


def resolve(theme: Theme | str | None) -> Theme:
    """Returns the theme of that name; None is "light"."""
    if isinstance(theme, Theme):
        return theme
    name = theme or "light"
    if name not in THEMES:
        known = ", ".join(THEMES)
        raise ValueError(f"`theme` must be one of {known}. Received: theme={theme!r}")
    return THEMES[name]
