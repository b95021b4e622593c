"""One HTML file of texts, tables and figures that needs no internet.

One file: the page with the style and the script that it carries.
"""

import html
import importlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from dl_techniques.visualization.theme import Theme, resolve

MOST_BYTES = 8 * 10**6
_MOST_ROWS = 200
_STYLE = """
:root{color-scheme:SCHEME}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1080px;padding:24px;
color:TEXT;background:PAPER}
h1{font-size:1.7em;margin:.2em 0}h2{margin:2em 0 .4em;border-bottom:1px solid GRID}
h3{margin:1.4em 0 .3em;font-size:1.05em}nav a{margin-right:1em}a{color:inherit}
.note{opacity:.85}.alert{border-left:4px solid #d55e00;padding-left:.7em}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 10px;text-align:right;border-bottom:1px solid GRID;white-space:nowrap}
th:first-child,td:first-child{text-align:left}summary{cursor:pointer;margin:.5em 0}
.figure{min-height:120px;margin:.6em 0}
"""
_SCRIPT = """
function draw(node){
  if(node.dataset.done)return;node.dataset.done=1;
  const f=JSON.parse(document.getElementById(node.dataset.figure).textContent);
  Plotly.newPlot(node,f.data,f.layout,{displaylogo:false,responsive:true});
}
const watch=new IntersectionObserver(found=>found.forEach(e=>{
  if(e.isIntersecting){draw(e.target);watch.unobserve(e.target)}}),{rootMargin:"400px"});
document.querySelectorAll(".figure").forEach(n=>watch.observe(n));
addEventListener("beforeprint",()=>document.querySelectorAll(".figure").forEach(draw));
"""


@dataclass
class Page:
    """A page that grows block by block.

    Args:
        title: Heading.
        theme: Look of page and figures.
        most_bytes: Figures that would make the file larger are left out and named.
    """

    title: str
    theme: Theme | str | None = None
    most_bytes: int = MOST_BYTES
    _parts: list[str] = field(default_factory=list)
    _sections: list[str] = field(default_factory=list)
    _bytes: int = 0
    _count: int = 0

    def __post_init__(self) -> None:
        self._bytes = len(get_plotlyjs().encode()) + 20_000

    def section(self, title: str) -> None:
        """Begins a section, also named in the list at the top."""
        self._sections.append(title)
        self._put(f'<h2 id="s{len(self._sections)}">{html.escape(title)}</h2>')

    def heading(self, text: str) -> None:
        """Adds a smaller heading."""
        self._put(f"<h3>{html.escape(text)}</h3>")

    def text(self, text: str, kind: str = "note") -> None:
        """Adds a paragraph; `kind` "alert" makes it stand out."""
        self._put(f'<p class="{kind}">{html.escape(text)}</p>')

    def table(
        self, header: Sequence[str], rows: Iterable[Sequence[Any]], fold: str = ""
    ) -> None:
        """Adds a table; with `fold`, behind a line of that text."""
        listed = [list(r) for r in rows]
        head = "".join(f"<th>{html.escape(str(h))}</th>" for h in header)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(shown(c))}</td>" for c in row) + "</tr>"
            for row in listed[:_MOST_ROWS]
        )
        cut = len(listed) - _MOST_ROWS
        more = f"<p>{cut} more rows are in the saved tables.</p>" if cut > 0 else ""
        table = f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>{more}'
        if fold:
            table = f"<details><summary>{html.escape(fold)}</summary>{table}</details>"
        self._put(table)

    def differences(self, found: Sequence[Any]) -> None:
        """Adds `PairedDifference`s as a table and a figure a metric."""
        self.table(
            ["difference", "metric", "value", "from", "to", "McNemar p"],
            [
                (f"{d.b} - {d.a}", d.metric, d.difference, d.low, d.high, d.p_value)
                for d in found
            ],
        )
        for metric in dict.fromkeys(d.metric for d in found):
            pairs = {
                f"{d.b} - {d.a}": (d.difference, d.low, d.high)
                for d in found
                if d.metric == metric
            }
            name = "comparison.bootstrap_difference_figure"
            self.draw(name, pairs, metric=metric)

    def frame(self, frame: Any, fold: str = "") -> None:
        """Adds a pandas table."""
        self.table(list(frame.columns), frame.itertuples(index=False), fold)

    def draw(self, name: str, *args: Any, **options: Any) -> None:
        """Draws with the function "module.figure" of this package.

        A figure that cannot be drawn is told in words and does not stop the page.
        """
        module, _, function = name.rpartition(".")
        try:
            home = importlib.import_module(f"dl_techniques.visualization.{module}")
            fig = getattr(home, function)(*args, theme=self.theme, **options)
        except Exception as error:  # noqa: BLE001  # the other figures are wanted too
            words = " ".join(str(error).split())[:200]
            self.text(f"{function}: not drawn ({type(error).__name__}: {words})")
            return
        self.figure(fig, function)

    def figure(self, fig: go.Figure, name: str = "figure") -> None:
        """Adds a figure."""
        text = json.dumps(_strict(fig.to_plotly_json()), separators=(",", ":"))
        text = text.replace("<", "\\u003c")
        if self._bytes + len(text.encode()) > self.most_bytes:
            self.text(f"{name}: left out, the file would pass {self.most_bytes} bytes")
            return
        self._count += 1
        own = f"f{self._count}"
        height = int(fig.layout.height or 340)
        self._put(
            f'<script type="application/json" id="{own}">{text}</script>'
            f'<div class="figure" data-figure="{own}" style="height:{height}px"></div>'
        )

    def _put(self, text: str) -> None:
        self._parts.append(text)
        self._bytes += len(text.encode())

    def render(self) -> str:
        """Returns the file's text."""
        look = resolve(self.theme)
        dark = look.name == "dark"
        style = _STYLE
        for word, value in (
            ("SCHEME", "dark" if dark else "light"),
            ("TEXT", look.text),
            ("PAPER", "#0e1117" if dark else "#ffffff"),
            ("GRID", look.grid if look.name != "publication" else "#cccccc"),
        ):
            style = style.replace(word, value)
        links = "".join(
            f'<a href="#s{i}">{html.escape(t)}</a>'
            for i, t in enumerate(self._sections, start=1)
        )
        title = html.escape(self.title)
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>{title}</title><style>{style}</style></head><body>"
            f"<h1>{title}</h1><nav>{links}</nav>{''.join(self._parts)}"
            f"<script>{get_plotlyjs()}</script><script>{_SCRIPT}</script>"
            "</body></html>"
        )


def shown(value: Any) -> str:
    """Returns a value as a table shows it: four digits, a dash for what is missing."""
    if value is None:
        return "-"
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return "-"
        whole = value.is_integer() and abs(value) < 1e15
        return f"{int(value):,}" if whole else f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def _strict(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(v) for v in value]
    return value
