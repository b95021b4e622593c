"""Models against labels and against each other."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from dl_techniques.utils.validation import check_choice
from dl_techniques.visualization._classes import (
    pr_figure,
    roc_figure,
)
from dl_techniques.visualization._compare_models import (
    bootstrap_difference_figure,
    comparison_bar_figure,
    comparison_radar_figure,
    pareto_figure,
    ranking_table_figure,
)
from dl_techniques.visualization._heat import float_matrix, matrix_figure
from dl_techniques.visualization._per_class import (
    hardest_examples_figure,
    per_class_figure,
)
from dl_techniques.visualization.theme import Theme

__all__ = [
    "bootstrap_difference_figure",
    "comparison_bar_figure",
    "comparison_radar_figure",
    "confusion_figure",
    "hardest_examples_figure",
    "pareto_figure",
    "per_class_figure",
    "pr_figure",
    "ranking_table_figure",
    "roc_figure",
]


def confusion_figure(
    matrix: Any,
    class_names: Sequence[str] | None = None,
    *,
    normalize: Literal["true", "pred", "all"] | None = None,
    theme: Theme | str | None = None,
    title: str | None = None,
    height: int | None = None,
) -> go.Figure:
    """Draws how often each class was taken for each; class 0 is at the top.

    Args:
        matrix: `(classes, classes)` counts, rows are the true classes; or a
            `ClassificationReport`.
        class_names: Names of the classes.
        normalize: Shares of the row, the column or of everything.
        theme: Look of the figure.
        title: Instead of the usual one.
        height: In pixels.
    """
    check_choice("normalize", normalize or "none", ("none", "true", "pred", "all"))
    counts = float_matrix(getattr(matrix, "confusion", matrix))
    n = len(counts)
    total = {
        "true": np.nansum(counts, axis=1, keepdims=True),
        "pred": np.nansum(counts, axis=0, keepdims=True),
        "all": np.nansum(counts),
    }.get(normalize or "", np.ones(()))
    total = np.broadcast_to(total, counts.shape)
    shown = np.full(counts.shape, np.nan)
    np.divide(counts, total, out=shown, where=total > 0)
    names = [str(c) for c in class_names] if class_names else list(range(n))
    of = {"true": "of the true class", "pred": "of the predicted class"}
    unit = "rows" if not normalize else f"share {of.get(normalize, 'of all')}"
    return matrix_figure(
        shown if np.nansum(counts) else np.full(counts.shape, np.nan),
        (names, names),
        title or "Confusion of classes",
        unit=unit,
        axes=("predicted", "true"),
        limits=(0.0, None),
        look={"theme": theme, "height": height},
        why="No labelled predictions yet.",
        number=".2f" if normalize else ".0f",
        counts=counts if n <= 160 else None,
    )
