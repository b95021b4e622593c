"""The likeness of images and captions as a matrix."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.visualization._heat import matrix_figure
from dl_techniques.visualization._text import number, shown
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.theme import Theme

_NUMBERED = 8


def pair_similarity_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws how alike images and captions are; true pairs are the diagonal.

    Args:
        result: The record "PairSimilarity" of a live snapshot.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "PairSimilarity", "likeness", "captions", "ranks", "n")
    names = [str(c) for c in found.captions]
    matrix = np.array([[number(v) for v in row] for row in found.likeness], float)
    matrix = matrix.reshape(len(names), len(names))
    share, back = (
        shown(100 * number(v), 3) for v in (found.image_to_text, found.text_to_image)
    )
    notes = (
        "the diagonal holds the true pairs",
        f"of {found.n} held-out pairs {share} % of the images find their caption "
        f"first, {back} % of the captions their image",
    )
    fig = matrix_figure(
        matrix,
        ([f"{i} {name}" for i, name in enumerate(names, 1)], names),
        title or "Images and captions",
        unit=str(found.unit),
        axes=("caption", "image of"),
        diverging=True,
        look={"theme": theme, "height": height, "notes": notes},
        longest=34,
        why="No pair has been compared yet.",
    )
    if fig.data:  # captions stand at the rows; numbers take less room below
        fig.layout.xaxis.update(ticktext=[*range(1, len(names) + 1)], tickangle=0)
        fig.data[0].texttemplate = None if len(names) > _NUMBERED else "%{z:.2f}"
    return fig
