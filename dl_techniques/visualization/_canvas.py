"""A figure under construction: plain dictionaries, validated once at the end.

One class: a figure's traces, axes and words are placed with regard to each other.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import plotly.graph_objects as go

from dl_techniques.visualization import _legend
from dl_techniques.visualization._text import distinct, escape, shorten, wrap
from dl_techniques.visualization.theme import Theme, resolve

_HEIGHT, _BOTTOM = 340, 46
# Not empty, else plotly puts the default template of the whole process in.
_PLAIN = {"layout": {"autotypenumbers": "strict"}}
_TITLE_WIDTH, _NOTE_WIDTH = 56, 78  # characters before a line breaks


class Canvas:
    """Collects the traces, axes and words of one figure.

    Args:
        heading: The title; data in it must be escaped.
        theme: Look of the figure.
        height: In pixels; by default what the words need and 240 for the axes.
        x: Title of the horizontal axis, with its unit.
        y: Title of the vertical axis.
        notes: Lines under the title; they are escaped.
        revision: Zoom survives a refresh while this stays; the heading by default.
    """

    def __init__(
        self,
        heading: str,
        *,
        theme: Theme | str | None = None,
        height: int | None = None,
        x: str = "",
        y: str = "",
        notes: Iterable[str] = (),
        revision: str = "",
    ) -> None:
        self.look = resolve(theme)
        self.heading, self.notes = heading, [n for n in notes if n]
        self.traces: list[dict[str, Any]] = []
        self.shapes: list[dict[str, Any]] = []
        self.annotations: list[dict[str, Any]] = []
        self.axes = {"xaxis": self.axis(x), "yaxis": self.axis(y)}
        self.body, self.left, self.right = _HEIGHT - 100, 62, 24
        self.shortest = _HEIGHT
        self.extra: dict[str, Any] = {}
        self.legend: bool | None = None
        self._height, self._revision = height, revision or heading

    def axis(self, title: str = "", **more: Any) -> dict[str, Any]:
        """Returns an axis in the theme's colours."""
        return {
            "title": {"text": title, "standoff": 6},
            "gridcolor": self.look.grid,
            "showgrid": self.look.show_grid,
            "linecolor": self.look.axis,
            "zeroline": False,
            "automargin": True,
        } | more

    def add(self, kind: str, /, **trace: Any) -> Self:
        """Adds a trace of that type."""
        self.traces.append({"type": kind, **trace})
        return self

    def x(self, **more: Any) -> Self:
        """Changes the horizontal axis."""
        self.axes["xaxis"].update(more)
        return self

    def y(self, **more: Any) -> Self:
        """Changes the vertical axis."""
        self.axes["yaxis"].update(more)
        return self

    def log(self, *names: str) -> Self:
        """Makes axes logarithmic."""
        for name in names:
            self.axes[name] |= {"type": "log", "exponentformat": "power"}
        return self

    def rule(self, *, below: bool = True, dash: str = "dot", **shape: Any) -> Self:
        """Draws a thin reference line; `x` or `y` alone spans the whole axes."""
        if "x" in shape:
            at = shape.pop("x")
            shape = {"x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"} | shape
        elif "y" in shape:
            at = shape.pop("y")
            shape = {"y0": at, "y1": at, "x0": 0, "x1": 1, "xref": "paper"} | shape
        line = {"color": shape.pop("color", self.look.axis), "width": 1.2}
        layer = "below" if below else "above"
        line["dash"] = dash
        self.shapes.append({"type": "line", "line": line, "layer": layer} | shape)
        return self

    def band(self, low: float, high: float, fill: str, **shape: Any) -> Self:
        """Shades a range of the vertical axis."""
        area = {"x0": 0, "x1": 1, "xref": "paper", "y0": low, "y1": high}
        look = {"fillcolor": fill, "line": {"width": 0}, "layer": "below"}
        self.shapes.append({"type": "rect"} | area | look | shape)
        return self

    def text(self, text: str, x: Any, y: Any, **more: Any) -> Self:
        """Writes words at a place; data in them must be escaped."""
        plain = {"text": text, "x": x, "y": y, "showarrow": False}
        size = {"font": {"size": self.look.font_size - 1}}
        self.annotations.append(plain | size | more)
        return self

    def panels(
        self,
        titles: Sequence[str],
        *,
        columns: int = 2,
        x: Sequence[str] | str = "",
        y: Sequence[str] | str = "",
        row: int = 170,
        gap: float = 0.12,
        between: int = 66,
    ) -> Self:
        """Divides the figure into panels, filled with traces of `at(i)`."""
        n = max(len(titles), 1)
        columns = min(columns, n)
        rows = -(-n // columns)
        self.body = rows * row + (rows - 1) * between
        width = (1 - gap * (columns - 1)) / columns
        tall = row / self.body
        for i, title in enumerate(titles):
            down, across = divmod(i, columns)
            left, top = across * (width + gap), 1 - down * (tall + between / self.body)
            s = "" if i == 0 else str(i + 1)
            below = i + columns >= n or not isinstance(x, str)
            x_title = (x if isinstance(x, str) else x[i]) if below else ""
            first = across == 0 or not isinstance(y, str)
            y_title = (y if isinstance(y, str) else y[i]) if first else ""
            across_to, low = [left, min(left + width, 1)], max(top - tall, 0)
            place = {"domain": across_to, "anchor": f"y{s}"}
            self.axes[f"xaxis{s}"] = self.axis(x_title, **place)
            place = {"domain": [low, max(top, 0)], "anchor": f"x{s}"}
            self.axes[f"yaxis{s}"] = self.axis(y_title, **place)
            ends = {"xref": "paper", "yref": "paper", "xanchor": "left"}
            ends |= {"yanchor": "bottom", "align": "left"}
            self.text(title, left, top, **ends)
        return self

    @staticmethod
    def at(i: int) -> dict[str, str]:
        """Returns the axes of a panel, for a trace."""
        s = "" if i == 0 else str(i + 1)
        return {"xaxis": f"x{s}", "yaxis": f"y{s}"}

    def empty(self, why: str) -> go.Figure:
        """Returns the axes with the reason in words why nothing is drawn."""
        for axis in self.axes.values():
            axis |= {"showticklabels": False, "showgrid": False, "range": [0, 1]}
            axis |= {"type": "linear", "autorange": False}
        words = "<br>".join(wrap(escape(why), 48))
        self.traces, self.shapes, self.annotations = [], [], []
        middle = {"xref": "paper", "yref": "paper", "xanchor": "center"}
        self.text(words, 0.5, 0.5, **middle, font={"size": self.look.font_size + 1})
        return self.figure()

    def figure(self) -> go.Figure:
        """Returns the figure."""
        scale = self.look.font_size / 12
        lines = wrap(self.heading, _TITLE_WIDTH)
        small = [part for n in self.notes for part in wrap(escape(n), _NOTE_WIDTH)]
        head = 18 + scale * (20 * len(lines) + 15 * len(small))
        names = _legend.labels(self.traces)
        if self.legend is False or (self.legend is None and len(names) < 2):
            names = []
        rows = min(_legend.rows(names, self.look.font_size), _legend.MOST_ROWS)
        above = max((_lines_above(a) for a in self.annotations), default=0)
        top = head + scale * (rows * _legend.ROW + 15 * above) + (20 if rows else 8)
        needed = round(self.body + top + _BOTTOM)
        height = self._height or max(self.shortest, needed)
        legend = {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container"}
        legend |= {"y": max(1 - head / height, 0.5), "yanchor": "top"}
        legend["traceorder"] = "normal"
        for trace in self.traces:
            if trace["type"] == "bar":
                marker = {"line": {"width": 0}} | trace.get("marker", {})
                trace["marker"] = marker
        sub = f'<span style="font-size:{self.look.font_size - 1}px">'
        title = "<br>".join([*lines, *(f"{sub}{s}</span>" for s in small)])
        return go.Figure(
            data=self.traces,
            layout={
                "template": _PLAIN,
                "title": {
                    **{"text": title, "x": 0, "xref": "container", "xanchor": "left"},
                    **{"y": 1, "yref": "container", "yanchor": "top"},
                    "pad": {"t": 12 if len(lines + small) == 1 else 20, "l": 12},
                    "font": {"size": self.look.font_size + 3},
                },
                "height": height,
                "margin": {
                    **{"l": self.left, "r": self.right, "b": _BOTTOM},
                    "t": round(top),
                },
                "paper_bgcolor": self.look.paper,
                "plot_bgcolor": self.look.paper,
                "font": {"color": self.look.text, "size": self.look.font_size},
                "showlegend": bool(names),
                "legend": legend | {"bgcolor": "rgba(0,0,0,0)"},
                "hovermode": "closest",
                "uirevision": self._revision,
                "shapes": self.shapes,
                "annotations": self.annotations,
                **self.axes,
                **self.extra,
            },
        )

    def ticks(
        self,
        names: Sequence[Any],
        *,
        axis: str = "xaxis",
        most: int = 40,
        room: int = 48,
        longest: int | None = None,
    ) -> Self:
        """Labels the places 0, 1, ... with names, thinned when there are many."""
        step = max(-(-len(names) // most), 1)
        usual = 28 if axis.startswith("y") or len(names) <= 3 else 16
        longest = longest or usual
        labels = [shorten(n, longest) for n in distinct(names, longest)[::step]]
        self.axes[axis] |= {
            "tickmode": "array",
            "tickvals": list(range(0, len(names), step)),
            "ticktext": labels,
            "range": [-0.6, len(names) - 0.4],
        }
        if axis.startswith("x") and sum(map(len, labels)) > room:
            self.axes[axis]["tickangle"] = -40
            self.body += 40 if room >= 48 else 0
        return self


def _lines_above(annotation: dict[str, Any]) -> int:
    """Returns how many lines the words take above the axes."""
    at_top = annotation["y"] == 1 and annotation.get("yanchor") == "bottom"
    return len(annotation["text"].split("<br>")) if at_top else 0
