"""The numbers behind a figure."""

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("x", "y", "z", "r", "theta")


def figure_table(figure: go.Figure) -> "pd.DataFrame":
    """Returns what a figure shows as a table: one row a point, bar or cell.

    Columns: "trace", its places and values as the figure has them, and "label" where
    an axis has words for its places. Pictures have a row without numbers.
    """
    import pandas as pd

    frames = [_rows(trace, figure) for trace in figure.data]
    known = [f for f in frames if len(f)]
    return pd.concat(known, ignore_index=True) if known else pd.DataFrame()


def _rows(trace: Any, figure: go.Figure) -> "pd.DataFrame":
    import pandas as pd

    name = trace.name or trace.type
    if trace.type == "table":
        heads = [str(h) for h in trace.header.values]
        return pd.DataFrame(dict(zip(heads, trace.cells.values, strict=True)))
    if trace.type == "image":
        return pd.DataFrame({"trace": [name]})
    columns: dict[str, Any] = {}
    if getattr(trace, "z", None) is not None:
        z = np.asarray(trace.z, float)
        rows, across = np.indices(z.shape)
        columns = {"x": _at(trace.x, across), "y": _at(trace.y, rows), "z": z.ravel()}
    else:
        given = {c: getattr(trace, c, None) for c in _COLUMNS}
        columns = {c: list(v) for c, v in given.items() if v is not None}
    found = pd.DataFrame(columns)
    if not len(found):
        return found
    found.insert(0, "trace", name)
    for axis in ("x", "y"):
        words = _words(figure, getattr(trace, f"{axis}axis", None) or axis)
        if words and axis in found:
            labels = [words.get(v) for v in found[axis]]
            if any(label is not None for label in labels):
                found[f"{axis} label"] = labels
    return found


def _at(values: Any, index: Any) -> Any:
    flat = index.ravel()
    return flat if values is None else np.asarray(values)[flat]


def _words(figure: go.Figure, axis: str) -> dict[Any, str]:
    layout = figure.layout[f"{axis[0]}axis{axis[1:]}"]
    if layout.tickvals is None or layout.ticktext is None:
        return {}
    return dict(zip(layout.tickvals, layout.ticktext, strict=False))
