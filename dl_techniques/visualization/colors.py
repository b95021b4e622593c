"""Colours that stay with a name, readable without telling red from green."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Okabe and Ito (2008), without black and yellow, which vanish on one background,
# and four more of similar lightness steps.
PALETTE: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#8C6BB1",
    "#A6761D",
    "#44AA99",
    "#999999",
)
DASHES: tuple[str, ...] = ("solid", "dash", "dot", "dashdot", "longdash")
NEUTRAL = "#888888"
SEQUENTIAL = "Viridis"
DIVERGING = "RdBu"


def color(index: int) -> str:
    """Returns the colour at a position; positions go round."""
    return PALETTE[index % len(PALETTE)]


def dash(index: int) -> str:
    """Returns the dash pattern that tells apart positions of equal colour."""
    return DASHES[(index // len(PALETTE)) % len(DASHES)]


def with_alpha(hex_color: str, alpha: float) -> str:
    """Returns the colour with an opacity in [0, 1]."""
    red, green, blue = (int(hex_color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


@dataclass(frozen=True)
class ColorMap:
    """Positions in the palette by name.

    Attributes:
        positions: The position of each name.
        palette: Colours; positions go round.
    """

    positions: Mapping[str, int] = field(default_factory=dict)
    palette: tuple[str, ...] = PALETTE

    @classmethod
    def for_names(cls, names: Iterable[str]) -> "ColorMap":
        """Assigns positions in the order given."""
        return cls({name: i for i, name in enumerate(dict.fromkeys(names))})

    def extended(self, names: Iterable[str]) -> "ColorMap":
        """Returns a map with further names; those it knows keep their colour."""
        positions = dict(self.positions)
        for name in names:
            positions.setdefault(name, max(positions.values(), default=-1) + 1)
        return ColorMap(positions, self.palette)

    def color(self, name: str) -> str:
        """Returns the colour of a name; unknown names are grey."""
        if name not in self.positions:
            return NEUTRAL
        return self.palette[self.positions[name] % len(self.palette)]

    def dash(self, name: str) -> str:
        """Returns the dash pattern of a name."""
        return DASHES[self.positions.get(name, 0) // len(self.palette) % len(DASHES)]
