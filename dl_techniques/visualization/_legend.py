"""How much room a legend takes."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

ROW = 20  # pixels of a row
MOST_ROWS = 12
_ASSUMED_WIDTH = 410  # narrow enough for two figures beside each other


def labels(traces: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns the names that the legend shows."""
    return [
        str(t["name"]) for t in traces if t.get("name") and t.get("showlegend", True)
    ]


def rows(names: list[str], font_size: int) -> int:
    """Returns about how many rows the legend takes in a narrow figure.

    Plotly gives every entry of a horizontal legend the width of the widest when they
    do not fit into one row.
    """
    widths = [
        46 + 0.53 * font_size * max(len(p) for p in html.unescape(n).split("<br>"))
        for n in names
    ]
    if not widths:
        return 0
    if sum(widths) <= _ASSUMED_WIDTH:
        return 1
    columns = max(int(_ASSUMED_WIDTH // max(widths)), 1)
    return -(-len(widths) // columns)
