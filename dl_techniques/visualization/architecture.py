"""The layers of a model, how they hang together and where the parameters are."""

from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._layer_graph import GraphLayer, LayerGraph, graph_of
from dl_techniques.visualization._text import escape, numbers, shorten
from dl_techniques.visualization.colors import NEUTRAL, PALETTE, with_alpha
from dl_techniques.visualization.theme import Theme

__all__ = ["GraphLayer", "LayerGraph", "architecture_figure"]
_MOST_LAYERS = 80


def architecture_figure(
    model: Any,
    *,
    max_layers: int = _MOST_LAYERS,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the layers from the input down, with their share of the parameters.

    Connections that do not go to the next layer are arcs.

    Args:
        model: A `LayerGraph`, or a Keras model, which is only read.
        max_layers: Most layers drawn.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    graph = graph_of(model)
    total = sum(v.parameters for v in graph.layers)
    note = f"the first {max_layers} of {len(graph.layers)} layers"
    heading = (
        f"{escape(graph.name)}: {total:,} parameters in {len(graph.layers)} layers"
    )
    canvas = Canvas(
        title or (heading if graph.layers else "Layers"),
        theme=theme,
        height=height,
        x="share of parameters (%)",
        y="layer",
        notes=(note,) if len(graph.layers) > max_layers else (),
        revision="architecture",
    )
    layers = graph.layers[:max_layers]
    if not layers:
        return canvas.empty("The model has no layer.")
    n = len(layers)
    canvas.panels(("", ""), x=("", "share of parameters (%)"), row=max(150, 24 * n))
    canvas.axes["xaxis"] |= {"domain": [0, 0.1], "visible": False, "range": [-0.4, 2.2]}
    canvas.axes["xaxis2"] |= {"domain": [0.1, 1], "rangemode": "tozero"}
    flipped = {"range": [n - 0.4, -0.6], "showgrid": False}
    canvas.ticks([v.name for v in layers], axis="yaxis", most=_MOST_LAYERS)
    canvas.axes["yaxis"] |= flipped
    canvas.axes["yaxis2"] |= flipped | {"showticklabels": False, "showline": False}
    canvas.axes["yaxis2"]["title"] = {"text": ""}
    canvas.axes["yaxis"]["title"] = {"text": "layer", "standoff": 6}
    canvas.annotations = []
    _edges(canvas, graph, n)
    _nodes(canvas, layers)
    _bars(canvas, layers, total)
    canvas.legend = False
    return canvas.figure()


def _edges(canvas: Canvas, graph: LayerGraph, n: int) -> None:
    place = {v.name: i for i, v in enumerate(graph.layers[:n])}
    lines: list[tuple[list[Any], list[Any]]] = [([], []), ([], [])]
    for start, end in graph.edges:
        if start not in place or end not in place:
            continue
        a, b = place[start], place[end]
        x, y = lines[abs(b - a) != 1]
        if abs(b - a) == 1:
            x += [0, 0, None]
            y += [a, b, None]
        else:
            wide = min(0.5 + 0.12 * abs(b - a), 2.0)
            steps = [i / 10 for i in range(11)]
            x += [round(4 * wide * t * (1 - t), 3) for t in steps] + [None]
            y += [round(a + (b - a) * t, 3) for t in steps] + [None]
    for i, (x, y) in enumerate(lines):
        canvas.add(
            "scatter",
            x=x,
            y=y,
            mode="lines",
            hoverinfo="skip",
            line={"color": with_alpha(NEUTRAL, 0.9) if i == 0 else PALETTE[1]}
            | {"width": 1.5},
            name=("next", "skip")[i],
            uid=f"edges-{i}",
        )


def _nodes(canvas: Canvas, layers: tuple[GraphLayer, ...]) -> None:
    canvas.add(
        "scatter",
        x=[0] * len(layers),
        y=list(range(len(layers))),
        mode="markers",
        marker={
            "size": 8,
            "color": [PALETTE[0] if v.parameters else NEUTRAL for v in layers],
            "symbol": ["circle" if v.parameters else "circle-open" for v in layers],
        },
        customdata=[_words(v) for v in layers],
        hovertemplate="%{customdata}<extra></extra>",
        name="layers",
        uid="layers",
    )


def _words(layer: GraphLayer) -> str:
    return (
        f"{escape(layer.name)}<br>{escape(layer.kind)}<br>output {escape(layer.shape)}"
        f"<br>{layer.parameters:,} parameters"
    )


def _bars(canvas: Canvas, layers: tuple[GraphLayer, ...], total: int) -> None:
    shares = [100 * v.parameters / total if total else 0.0 for v in layers]
    canvas.add(
        "bar",
        x=numbers(shares, 3),
        y=list(range(len(layers))),
        orientation="h",
        name="parameters",
        uid="parameters",
        marker={"color": PALETTE[0], "opacity": 0.75},
        text=[
            f"{shorten(v.kind, 20)} {escape(v.shape)}"
            + (f", {v.parameters:,}" if v.parameters else "")
            for v in layers
        ],
        textposition="outside",
        cliponaxis=False,
        textfont={"size": canvas.look.font_size - 2},
        customdata=[_words(v) for v in layers],
        hovertemplate="%{customdata}<br>%{x:.4g} %<extra></extra>",
        **canvas.at(1),
    )
    canvas.axes["xaxis2"]["range"] = [0, max(*shares, 1) * 1.9]
