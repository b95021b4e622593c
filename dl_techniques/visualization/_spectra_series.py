"""Values of spectra layer by layer."""

import math
from collections.abc import Mapping
from typing import Any

from dl_techniques.visualization._canvas import Canvas
from dl_techniques.visualization._layers import Series
from dl_techniques.visualization._spectra_input import metric
from dl_techniques.visualization._text import number
from dl_techniques.visualization.colors import PALETTE, with_alpha

_SYMBOL = {"good": "circle", "over-trained": "triangle-down"}
_SYMBOL |= {"under-trained": "triangle-up", "unknown": "circle-open"}
Models = Mapping[str, tuple[Any, ...]]


def shade_good(canvas: Canvas, words: str = "", n: int = 0) -> None:
    """Shades the exponents of well-trained layers."""
    s = "" if n == 0 else str(n + 1)
    area = {"xref": f"x{s} domain", "yref": f"y{s}"}
    canvas.band(2, 6, with_alpha(PALETTE[2], 0.13), **area)
    if words:
        where = {"xref": "paper", "xanchor": "left", "textangle": -90}
        canvas.text(words, 1, 4, **where)
        canvas.right = 28


def known(layer: Any) -> bool:
    """Tells whether a layer's fit may be reported."""
    return math.isfinite(number(layer.fit.reported_alpha))


def exponents(layers: tuple[Any, ...]) -> Series:
    """Returns the exponents of layers with the looks of their markers."""
    marker = {
        "size": [5 + 1.8 * math.log10(max(int(v.n_parameters), 1)) for v in layers],
        "symbol": [
            _SYMBOL.get(v.fit.quality, "circle") if known(v) else "circle-open"
            for v in layers
        ],
    }
    words = [
        f"{v.fit.verdict if known(v) else 'not a power law'}, {v.fit.quality}<br>"
        f"{int(v.n_parameters):,} parameters, k {v.fit.num_pl_spikes}"
        for v in layers
    ]
    alpha = [number(v.fit.reported_alpha) if known(v) else 0.0 for v in layers]
    return Series([v.path for v in layers], alpha, words, marker)


def metric_series(models: Models, name: str) -> dict[str, Series]:
    """Returns a scalar of every layer by model."""
    return {
        model: Series(
            [v.path for v in layers],
            [metric(v, name) for v in layers],
            [f"{int(v.n_parameters):,} parameters" for v in layers],
        )
        for model, layers in models.items()
    }
