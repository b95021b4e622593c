"""A run in figures while it trains: snapshots in, figures out."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._small_multiples import Panel, panels_figure
from dl_techniques.visualization._snapshots import (
    diagram,
    histogram,
    reach,
    records,
    scalar,
    spectra,
)
from dl_techniques.visualization._text import escape, numbers, shorten, uid
from dl_techniques.visualization._view import View
from dl_techniques.visualization.calibration import reliability_figure
from dl_techniques.visualization.colors import PALETTE, color, dash, with_alpha
from dl_techniques.visualization.spectra import alpha_by_layer_figure
from dl_techniques.visualization.theme import Theme
from dl_techniques.visualization.training import training_curves_figure

__all__ = [
    "alpha_over_time_figure",
    "diagram",
    "histogram",
    "histograms_figure",
    "live_dashboard",
    "reach",
    "records",
    "scalar",
    "spectra",
    "thin",
]

_MOST_PANELS, _MOST_LINES = 12, 12


def histograms_figure(
    snapshots: Mapping[str, Any],
    section: str,
    *,
    theme: Theme | str | None = None,
    positions: Mapping[str, int] | None = None,
) -> go.Figure:
    """Draws the histograms of a section layer by layer, one line a run.

    Args:
        snapshots: Snapshot by run name; a single run is named "".
        section: "activations" or "weights".
        theme: Look of the figure.
        positions: Positions in the palette by run name.
    """
    heading = f"{section.capitalize()} by layer, share of values"
    traces: dict[str, list[tuple[str, Any, Any, str]]] = {}
    notes: dict[str, str] = {}
    for run, snapshot in snapshots.items():
        for layer, record in records(snapshot, section).items():
            found = histogram(record)
            if found is None:
                continue
            shade = color((positions or {}).get(run, section == "weights"))
            traces.setdefault(layer, []).append((run, *found, shade))
            notes.setdefault(layer, _note(record))
    shown = list(traces)[:_MOST_PANELS]
    panels = [Panel(n, notes[n], traces[n]) for n in shown]
    few = f"the first {len(shown)} of {len(traces)} layers"
    return panels_figure(
        *(heading, panels, "value"),
        theme=theme,
        notes=(few,) if len(traces) > len(shown) else (),
        why=f"No snapshot with {section} yet.",
    )


def _note(record: Any) -> str:
    dead = scalar(record, "dead_fraction")
    parts = [
        f"mean {scalar(record, 'mean'):.2g}, std {scalar(record, 'std'):.2g}",
        f"{dead:.0%} dead" if dead == dead and dead > 0 else "",
    ]
    return ", ".join(p for p in parts if p and "nan" not in p)


def alpha_over_time_figure(
    snapshots: Iterable[Any], *, theme: Theme | str | None = None
) -> go.Figure:
    """Draws the power-law exponent of each layer over the epochs."""
    lines: dict[str, tuple[list[int], list[float]]] = {}
    for snapshot in snapshots:
        for layer in spectra(snapshot):
            x, y = lines.setdefault(layer.path, ([], []))
            x.append(int(reach(snapshot, "epoch") or 0))
            alpha = layer.fit.reported_alpha
            y.append(math.nan if alpha is None else alpha)
    axes: dict[str, Any] = {"x": "epoch", "y": "exponent α"}
    canvas = Canvas("Exponent α over the epochs", theme=theme, **axes)
    if not lines:
        return canvas.empty("No weight spectrum yet.")
    canvas.band(2, 6, with_alpha(PALETTE[2], 0.1))
    many = len(lines) - _MOST_LINES
    canvas.notes += [f"the first {_MOST_LINES} of {len(lines)} layers"] * (many > 0)
    for i, (name, (x, y)) in enumerate(list(lines.items())[:_MOST_LINES]):
        canvas.add(
            "scatter",
            x=x,
            y=numbers(y),
            mode="lines+markers",
            line={"color": color(i), "dash": dash(i)},
            marker={"size": 5},
            name=shorten(name, 22),
            hovertemplate=f"{escape(name)}<br>epoch %{{x}}: α %{{y:.4g}}"
            "<extra></extra>",
            uid=uid("alpha", name),
        )
    return canvas.figure()


def thin(snapshots: Sequence[Any], tail: int) -> list[Any]:
    """Keeps at most `tail` snapshots, the first and the last among them."""
    if len(snapshots) <= tail:
        return list(snapshots)
    step = (len(snapshots) - 1) / (tail - 1)
    return [snapshots[round(i * step)] for i in range(tail)]


def live_dashboard(
    snapshots: Sequence[Any], *, tail: int = 200, theme: Theme | str | None = None
) -> dict[str, go.Figure]:
    """Returns the figures of a run from its snapshots.

    Zoom survives a refresh: `uirevision`, the order and the `uid` of traces stay.

    Args:
        snapshots: `LiveSnapshot`s or their stored forms, oldest first.
        tail: Most points a curve has.
        theme: Look of the figures.
    """
    kept = thin(snapshots, tail)
    last = kept[-1] if kept else None
    history: dict[str, list[Any]] = {
        "epoch": [int(reach(s, "epoch") or 0) for s in kept]
    }
    names = {n for s in kept for n in _logs(s)}
    for name in sorted(names):
        history[name] = [_logs(s).get(name, math.nan) for s in kept]
    history["ece"] = [scalar(diagram(s), "ece") for s in kept]
    history["dead share"] = [_dead(s) for s in kept]
    found = diagram(last) if last is not None else None
    return {
        "losses": training_curves_figure(history, metric="loss", theme=theme),
        "accuracy": training_curves_figure(history, metric="accuracy", theme=theme),
        "ece": training_curves_figure(
            history, metric="ece", title="Expected calibration error", theme=theme
        ),
        "alpha": alpha_over_time_figure(kept, theme=theme),
        "alpha_by_layer": alpha_by_layer_figure(
            spectra(last) if last is not None else (), theme=theme
        ),
        "dead": training_curves_figure(history, metric="dead share", theme=theme),
        "reliability": reliability_figure(
            found if found is not None else {}, theme=theme
        ),
    }


def _logs(snapshot: Any) -> dict[str, float]:
    logs = reach(snapshot, "logs")
    if isinstance(logs, View):
        return dict(logs._values)
    return dict(logs or {})


def _dead(snapshot: Any) -> float:
    shares = [
        scalar(r, "dead_fraction") for r in records(snapshot, "activations").values()
    ]
    known = [s for s in shares if s == s]
    return sum(known) / len(known) if known else math.nan
