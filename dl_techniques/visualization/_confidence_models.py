"""Models against each other: agreement and distances."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dl_techniques.visualization._flags import flag_notes
from dl_techniques.visualization._heat import matrix_figure
from dl_techniques.visualization._view import expect
from dl_techniques.visualization.theme import Theme


def agreement_figure(
    result: Any,
    *,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws the share of rows on which two models choose the same class.

    Args:
        result: `AgreementMatrix`.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    found = expect(result, "AgreementMatrix", "names", "matrix")
    return matrix_figure(
        found.matrix,
        (found.names, found.names),
        title or "Agreement of the models",
        unit="share of rows",
        axes=("model", "model"),
        limits=(0.0, 1.0),
        look={"theme": theme, "height": height, "notes": flag_notes(found)},
    )


def distance_matrix_figure(
    names: Sequence[str],
    matrix: Any,
    *,
    measure: str = "Jensen-Shannon distance",
    unit: str = "√nats",
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws a distance between the predictions of every two models.

    Args:
        names: Models.
        matrix: `(models, models)` distances, or a mapping of name pairs to distances.
        measure: Which distance.
        unit: Its unit.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    if isinstance(matrix, Mapping):
        matrix = [
            [
                matrix.get((a, b), matrix.get((b, a), 0.0 if a == b else None))
                for b in names
            ]
            for a in names
        ]
    return matrix_figure(
        matrix,
        (names, names),
        title or f"{measure} between the models",
        unit=unit,
        axes=("model", "model"),
        limits=(0.0, None),
        look={"theme": theme, "height": height},
    )
