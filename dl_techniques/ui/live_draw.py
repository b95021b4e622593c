"""Single figures of the Live page, from a run's history and a snapshot."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dl_techniques.ui import runs
from dl_techniques.ui.plot import live_figure
from dl_techniques.ui.shell import theme
from dl_techniques.ui.thinning import thinned
from dl_techniques.visualization import calibration, comparison, data
from dl_techniques.visualization import live as live_figures
from dl_techniques.visualization.pictures import picture_figure
from dl_techniques.visualization.spectra import alpha_by_layer_figure
from dl_techniques.visualization.training import training_curves_figure

Snapshot = dict[str, Any] | None
_SCORES = (
    *("accuracy", "mean_absolute_error", "mae", "binary_accuracy"),
    "clip_accuracy",
)


def show(name: str, figure: go.Figure, alt: str, height: int = 300) -> None:
    """Draws or updates one figure of the page."""
    live_figure(figure, key=f"live_{name}", alt=alt, height=height)


def curve(
    values: dict[str, list[Any]],
    metric: str,
    *,
    name: str,
    height: int = 300,
    title: str | None = None,
) -> None:
    """Draws one value over the epochs with its held-out twin."""
    shown = thinned(values, [metric, f"val_{metric}"])
    unit = "s" if metric.endswith("seconds") else ""
    figure = training_curves_figure(
        shown, metric=metric, title=title, theme=theme(), unit=unit
    )
    if len(shown["epoch"]) < len(values["epoch"]):
        words = f"epoch (lowest and highest of {len(values['epoch'])})"
        figure.update_xaxes(title_text=words)
    words = title or metric.replace("_", " ").capitalize()
    show(name, figure, f"{words} over the epochs: training and held-out", height)


def loss(history: runs.History) -> None:
    """Draws the loss over the epochs."""
    curve(history.curves(), "loss", name="loss")


def score(history: runs.History) -> None:
    """Draws the accuracy or what stands for it over the epochs."""
    curves = history.curves()
    metric = next((n for n in _SCORES if n in curves), "learning_rate")
    curve(curves, metric, name="score")


def reliability(snapshot: Snapshot, height: int = 340) -> None:
    """Draws the reliability diagram of a snapshot."""
    found = live_figures.diagram(snapshot) if snapshot else None
    if found is None:
        return
    figure = calibration.reliability_figure(found, theme=theme())
    show("reliability", figure, "Reliability diagram: accuracy by confidence", height)


def prediction(snapshot: Snapshot, height: int = 340) -> None:
    """Draws the boundary, the fit, the confusion or the pairs of a snapshot."""
    if not snapshot:
        return
    if snapshot.get("boundary"):
        grid = snapshot["boundary"]
        figure = data.decision_boundary_figure(
            grid["x"], grid["y"], grid["classes"], theme=theme()
        )
        show("boundary", figure, "Decision boundary: class by place", height)
    elif snapshot.get("regression"):
        regression(snapshot["regression"], height)
    elif snapshot.get("confusion"):
        matrix = snapshot["confusion"]["matrix"]
        figure = comparison.confusion_figure(matrix, theme=theme())
        show("confusion", figure, "Confusion matrix: true by predicted class", height)
    else:
        pairs(snapshot, height)


def pairs(snapshot: Snapshot, height: int) -> bool:
    """Draws how alike images and captions are; False where there are none."""
    found = ((snapshot or {}).get("pictures") or {}).get("matching")
    if found:
        figure = picture_figure(found, theme=theme())
        show("pairs", figure, "Likeness of held-out images and captions", height)
    return found is not None


def regression(fit: dict[str, Any], height: int) -> None:
    """Draws predictions and targets."""
    figure = data.regression_fit_figure(
        fit.get("x"), fit["target"], fit["prediction"], theme=theme()
    )
    show("regression", figure, "Predictions and targets", height)


def distribution(snapshot: Snapshot) -> bool:
    """Draws whether predicted distributions hold; False where there are none."""
    fit = (snapshot or {}).get("regression") or {}
    if not fit.get("quantiles"):
        return False
    for column, (name, (label, text)) in zip(
        st.columns(len(_DISTRIBUTION)), _DISTRIBUTION.items(), strict=True
    ):
        value = fit.get(name)
        column.metric(label, "-" if value is None else f"{value:.4g}", help=text)
    figure = calibration.quantile_calibration_figure(fit["quantiles"], theme=theme())
    show("quantiles", figure, "Quantiles: stated and observed", 400)
    return True


_DISTRIBUTION = {
    "coverage_50": ("In 50 %", "Share of targets inside the central 50 % interval."),
    "coverage_90": ("In 90 %", "Share of targets inside the central 90 % interval."),
    "nll": ("NLL", "Mean negative log density of the targets, in nats."),
    "crps": ("CRPS", "Distance of the distribution from the target; 0 is best."),
}


def alpha(history: runs.History, place: int, height: int = 320) -> None:
    """Draws the exponent of each layer at a snapshot."""
    figure = alpha_by_layer_figure(history.spectra(place), theme=theme())
    show("alpha", figure, "Power-law exponent alpha of each weight matrix", height)


def histograms(section: str, snapshot: Snapshot, most: int | None = None) -> None:
    """Draws a histogram a layer."""
    if not snapshot or not snapshot.get(section):
        st.caption(f"No snapshot with {section} at this moment.")
        return
    shown = {**snapshot, section: snapshot[section][:most]}
    figure = live_figures.histograms_figure({"": shown}, section, theme=theme())
    height = int(figure.layout.height or 300)
    show(section, figure, f"Histogram of {section}, layer by layer", height)


def quality(snapshot: Snapshot) -> None:
    """Draws the reliability of a classifier, the fit of a regressor, or pairs."""
    if snapshot and snapshot.get("regression"):
        regression(snapshot["regression"], 340)
    elif not pairs(snapshot, 420):
        reliability(snapshot)


def table(snapshot: Snapshot, section: str, more: tuple[str, ...]) -> None:
    """Draws the statistics of each layer."""
    names = ("mean", "std", *more)
    rows = [
        {"layer": r["path"], **{n.replace("_", " "): r.get(n) for n in names}}
        for r in (snapshot or {}).get(section) or []
    ]
    if rows:
        st.dataframe(rows, hide_index=True)
