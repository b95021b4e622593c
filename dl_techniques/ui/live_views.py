"""The views of the Live page: which figures are drawn together."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dl_techniques.tracking import RunRecord
from dl_techniques.ui import runs
from dl_techniques.ui.plot import live_figure
from dl_techniques.ui.shell import theme
from dl_techniques.ui.thinning import thinned
from dl_techniques.visualization import calibration, comparison, confidence, data
from dl_techniques.visualization import live as live_figures
from dl_techniques.visualization.spectra import alpha_by_layer_figure, esd_figure
from dl_techniques.visualization.training import training_curves_figure

Snapshot = dict[str, Any] | None
_SCORES = ("accuracy", "mean_absolute_error", "mae", "binary_accuracy")


def _show(name: str, figure: go.Figure, alt: str, height: int = 300) -> None:
    live_figure(figure, key=f"live_{name}", alt=alt, height=height)


def _curve(
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
    _show(name, figure, f"{words} over the epochs: training and held-out", height)


def _loss(history: runs.History) -> None:
    _curve(history.curves(), "loss", name="loss")


def _score(history: runs.History) -> None:
    curves = history.curves()
    metric = next((n for n in _SCORES if n in curves), "learning_rate")
    _curve(curves, metric, name="score")


def _reliability(snapshot: Snapshot, height: int = 340) -> None:
    found = live_figures.diagram(snapshot) if snapshot else None
    if found is None:
        return
    figure = calibration.reliability_figure(found, theme=theme())
    _show("reliability", figure, "Reliability diagram: accuracy by confidence", height)


def _prediction(record: RunRecord, snapshot: Snapshot, height: int = 340) -> None:
    if not snapshot:
        return
    if snapshot.get("boundary"):
        grid = snapshot["boundary"]
        figure = data.decision_boundary_figure(
            grid["x"], grid["y"], grid["classes"], theme=theme()
        )
        _show("boundary", figure, "Decision boundary: class by place", height)
    elif snapshot.get("regression"):
        _regression(snapshot["regression"], height)
    elif snapshot.get("confusion"):
        matrix = snapshot["confusion"]["matrix"]
        figure = comparison.confusion_figure(matrix, theme=theme())
        _show("confusion", figure, "Confusion matrix: true by predicted class", height)


def _regression(fit: dict[str, Any], height: int) -> None:
    x = fit["x"] if fit.get("x") is not None else fit["target"]
    figure = data.regression_fit_figure(
        x, fit["target"], fit["prediction"], theme=theme()
    )
    _show("regression", figure, "Predictions and targets", height)


def _alpha(history: runs.History, place: int, height: int = 320) -> None:
    figure = alpha_by_layer_figure(history.spectra(place), theme=theme())
    _show("alpha", figure, "Power-law exponent alpha of each weight matrix", height)


def _histograms(section: str, snapshot: Snapshot, most: int | None = None) -> None:
    if not snapshot or not snapshot.get(section):
        st.caption(f"No snapshot with {section} at this moment.")
        return
    shown = {**snapshot, section: snapshot[section][:most]}
    figure = live_figures.histograms_figure({"": shown}, section, theme=theme())
    height = int(figure.layout.height or 300)
    _show(section, figure, f"Histogram of {section}, layer by layer", height)


def overview(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws what a class looks at: curves, calibration, spectra, activations."""
    for cells in (
        (lambda: _loss(history), lambda: _score(history)),
        (
            lambda: _quality(snapshot),
            lambda: _alpha(history, place, 340),
        ),
    ):
        for column, draw in zip(st.columns(2), cells, strict=True):
            with column:
                draw()
    _histograms("activations", snapshot, most=4)


def _quality(snapshot: Snapshot) -> None:
    """Draws the reliability of a classifier, the fit of a regressor."""
    if snapshot and snapshot.get("regression"):
        _regression(snapshot["regression"], 340)
    else:
        _reliability(snapshot)


def curves(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws every logged value over the epochs."""
    found = history.curves()
    names = [n for n in found if n != "epoch" and not n.startswith("val_")]
    for first in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[first : first + 2], strict=False):
            with column:
                _curve(found, name, name=f"curve_{name}")


def calibration_view(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws reliability, confidence, and calibration over the epochs."""
    found = (snapshot or {}).get("calibration")
    if not found:
        st.info("Calibration needs class probabilities; this run predicts numbers.")
        return
    for column, (name, help_text) in zip(st.columns(5), _MEASURES.items(), strict=True):
        value = found.get(name)
        text = "-" if value is None else f"{value:.4g}"
        column.metric(name.replace("_", " ").upper(), text, help=help_text)
    left, right = st.columns(2)
    with left:
        _reliability(snapshot, 400)
    with right:
        figure = confidence.confidence_histogram_figure(
            snapshot["confidence"] if snapshot else None, theme=theme()
        )
        _show("confidence", figure, "Confidence, right and wrong answers", 400)
    series = {
        "epoch": [s["epoch"] for s in history.snapshots],
        **{
            name: [(s.get("calibration") or {}).get(name) for s in history.snapshots]
            for name in ("ece", "brier")
        },
    }
    for column, name in zip(st.columns(2), ("ece", "brier"), strict=True):
        with column:
            title = {"ece": "Expected calibration error", "brier": "Brier score"}[name]
            _curve(series, name, name=f"over_{name}", title=title)


_MEASURES = {
    "ece": "Expected calibration error: mean gap between confidence and accuracy.",
    "mce": "Largest gap of any bin.",
    "brier": "Mean squared error of the probabilities; 0 is best, 2 worst.",
    "nll": "Negative log-likelihood of the true class, in nats.",
    "overconfidence": "Mean confidence minus accuracy.",
}


def spectra(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws alpha by layer and over time, and one layer's eigenvalues."""
    layers = history.spectra(place)
    if not layers:
        st.info("No weight spectrum: a matrix needs a shorter side of at least 8.")
        return
    left, right = st.columns(2)
    with left:
        _alpha(history, place)
    with right:
        figure = live_figures.alpha_over_time_figure(history.snapshots, theme=theme())
        _show("alpha_time", figure, "Exponent alpha over the epochs, layer by layer")
    paths = [layer["path"] for layer in layers]
    chosen = st.selectbox("Layer", paths, key=f"live_layer_{record.id}")
    figure = esd_figure(layers[paths.index(chosen)], theme=theme())
    _show("esd", figure, f"Eigenvalues of {chosen} with the fitted power law", 380)
    st.dataframe([_spectrum_row(layer) for layer in layers], hide_index=True)


def _spectrum_row(layer: dict[str, Any]) -> dict[str, Any]:
    fit, metrics = layer["fit"], layer["metrics"]
    return {
        "layer": layer["path"],
        "α": fit["reported_alpha"],
        "σ": fit["sigma"],
        "D": fit["D"],
        "verdict": f"{fit['verdict']}, {fit['quality']}",
        "stable rank": metrics["stable_rank"],
        "log norm": metrics["log_norm"],
        "parameters": layer["n_parameters"],
        "as of epoch": layer.get("epoch"),
    }


def activations(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws the histogram of each layer's output and a table of its statistics."""
    _histograms("activations", snapshot)
    _table(
        snapshot,
        "activations",
        ("zero_fraction", "dead_fraction", "saturated_fraction"),
    )


def weights(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws the histogram of each kernel and a table with update ratios."""
    _histograms("weights", snapshot)
    _table(snapshot, "weights", ("rms", "max_abs", "update_ratio"))


def _table(snapshot: Snapshot, section: str, more: tuple[str, ...]) -> None:
    names = ("mean", "std", *more)
    rows = [
        {"layer": r["path"], **{n.replace("_", " "): r.get(n) for n in names}}
        for r in (snapshot or {}).get(section) or []
    ]
    if rows:
        st.dataframe(rows, hide_index=True)


def predictions(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws what is taken for what, the boundary, or the fit."""
    if not snapshot:
        st.caption("No snapshot yet.")
        return
    _prediction(record, snapshot, 520)
    if snapshot.get("boundary") and snapshot.get("confusion"):
        _prediction(record, {**snapshot, "boundary": None}, 420)


View = Callable[[RunRecord, runs.History, Snapshot, int], None]
VIEWS: dict[str, View] = {
    "Overview": overview,
    "Curves": curves,
    "Calibration": calibration_view,
    "Spectra": spectra,
    "Activations": activations,
    "Weights": weights,
    "Predictions": predictions,
}
