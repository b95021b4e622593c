"""Plots of the manager under the names that an earlier library gave them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dl_techniques.utils.validation import check
from dl_techniques.visualization import _files
from dl_techniques.visualization._heat import matrix_figure
from dl_techniques.visualization.comparison import confusion_figure
from dl_techniques.visualization.data import sample_grid_figure
from dl_techniques.visualization.training import training_curves_figure


class ClassicPlots:
    """Thin wrappers: draw, save and return the path of the first format."""

    config: Any
    _base: Path

    def save(self, *args: Any, **options: Any) -> list[Path]:
        """Saves a figure; see `VisualizationManager`."""
        raise NotImplementedError

    def save_figure(self, fig: go.Figure, name: str, subdir: str | None = None) -> Path:
        """Saves a figure in the manager's formats; returns the first path."""
        return self.save(fig, name, subdir=subdir)[0]

    def get_save_path(self, name: str, subdir: str | None = None) -> Path:
        """Returns where a figure of that name is saved, without making folders."""
        where = _files.folder(self._base, subdir)
        return where / f"{_files.slug(name)}.{self.config.formats[0]}"

    def plot_history(
        self,
        histories: Mapping[str, Any],
        metrics: Sequence[str],
        name: str,
        subdir: str | None = None,
        title: str | None = None,
    ) -> Path:
        """Draws metrics of histories by model name, a panel each.

        Raises:
            ValueError: If there is no history or no metric.
        """
        check(len(histories) > 0, "histories", "one history or more", histories)
        check(len(metrics) > 0, "metrics", "one metric or more", metrics)
        look = {"theme": self.config.theme, "title": title}
        fig = training_curves_figure(histories, metrics=metrics, **look)
        return self.save_figure(fig, name, subdir)

    def plot_matrix(
        self,
        matrix: Any,
        name: str = "matrix",
        subdir: str | None = None,
        *,
        title: str = "Matrix",
        xlabel: str = "column",
        ylabel: str = "row",
        names: tuple[Sequence[str] | None, Sequence[str] | None] = (None, None),
    ) -> Path:
        """Draws a matrix; one with negative values is centred at 0.

        Raises:
            ValueError: If it has not two axes.
        """
        array = np.asarray(matrix, float)
        check(array.ndim == 2, "matrix", "of two axes", array.shape)
        look = {"theme": self.config.theme, "height": self.config.height}
        fig = matrix_figure(
            array,
            names,
            title,
            unit="value",
            axes=(xlabel, ylabel),
            diverging=bool((array < 0).any()),
            look=look,
        )
        return self.save_figure(fig, name, subdir)

    def plot_confusion_matrices_comparison(
        self,
        y_true: Any,
        model_predictions: Mapping[str, Any],
        name: str,
        normalize: bool = True,
        class_names: Sequence[str] | None = None,
        subdir: str | None = None,
    ) -> Path:
        """Draws the confusion matrix of each model on one page.

        `model_predictions` are class numbers `(n,)` or probabilities `(n, classes)`.

        Raises:
            ValueError: If there is no model, or a length differs from `y_true`.
        """
        models = len(model_predictions)
        check(models > 0, "model_predictions", "one model or more", model_predictions)
        true = _classes(y_true)
        guesses = {str(k): _classes(v) for k, v in model_predictions.items()}
        for model, guess in guesses.items():
            fits, got = len(guess) == len(true), (model, len(guess))
            check(fits, "model_predictions", f"{len(true)} rows each", got)
        n = max(int(max(v.max(initial=-1) for v in guesses.values())), true.max()) + 1
        n = max(n, len(class_names or ()))
        figures = {}
        for model, guess in guesses.items():
            counts = np.bincount(true * n + guess, minlength=n * n).reshape(n, n)
            figures[model] = confusion_figure(
                counts,
                class_names,
                normalize="true" if normalize else None,
                theme=self.config.theme,
            )
        if len(figures) == 1 or subdir or self.config.formats[0] != "html":
            paths = [
                self.save(f, f"{name} {m}" if len(figures) > 1 else name, subdir=subdir)
                for m, f in figures.items()
            ]
            return paths[0][0]
        return Path(self.dashboard(figures, name=name))  # type: ignore[attr-defined]  # the manager's

    def compare_images(
        self,
        images: Sequence[Any],
        titles: Sequence[str],
        name: str,
        subdir: str | None = None,
    ) -> Path:
        """Draws images beside each other.

        Raises:
            ValueError: If there is no image, or not one title each.
        """
        check(len(images) > 0, "images", "one image or more", len(images))
        fits = len(images) == len(titles)
        check(fits, "titles", f"{len(images)} titles", list(titles))
        fig = sample_grid_figure(
            images,
            range(len(images)),
            titles,
            max_samples=len(images),
            title="Images",
            theme=self.config.theme,
        )
        return self.save_figure(fig, name, subdir)


def _classes(values: Any) -> Any:
    array = np.asarray(values)
    if array.ndim > 1 and array.shape[-1] > 1:
        array = array.argmax(-1)
    return np.ravel(array).astype(int)
