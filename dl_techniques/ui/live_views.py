"""The views of the Live page: which figures are drawn together."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dl_techniques.tracking import RunRecord
from dl_techniques.ui import live_draw, runs
from dl_techniques.ui.live_draw import Snapshot
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import confidence
from dl_techniques.visualization import live as live_figures
from dl_techniques.visualization.pictures import picture_figure
from dl_techniques.visualization.spectra import esd_figure


def overview(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws what a class looks at: curves, calibration, spectra, activations."""
    for cells in (
        (lambda: live_draw.loss(history), lambda: live_draw.score(history)),
        (
            lambda: live_draw.quality(snapshot),
            lambda: live_draw.alpha(history, place, 340),
        ),
    ):
        for column, draw in zip(st.columns(2), cells, strict=True):
            with column:
                draw()
    live_draw.histograms("activations", snapshot, most=4)


def curves(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws every logged value over the epochs."""
    found = history.curves()
    names = [n for n in found if n != "epoch" and not n.startswith("val_")]
    for first in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[first : first + 2], strict=False):
            with column:
                live_draw.curve(found, name, name=f"curve_{name}")


def calibration_view(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws reliability, confidence, and calibration over the epochs."""
    found = (snapshot or {}).get("calibration")
    if live_draw.distribution(snapshot):
        return
    if not found:
        why = ((snapshot or {}).get("skipped") or {}).get("calibration")
        plain = "Calibration needs class probabilities; this run predicts numbers."
        st.info(f"No calibration: {why}." if why else plain)
        return
    for column, (name, help_text) in zip(st.columns(5), _MEASURES.items(), strict=True):
        value = found.get(name)
        text = "-" if value is None else f"{value:.4g}"
        column.metric(name.replace("_", " ").upper(), text, help=help_text)
    left, right = st.columns(2)
    with left:
        live_draw.reliability(snapshot, 400)
    with right:
        figure = confidence.confidence_histogram_figure(
            snapshot["confidence"] if snapshot else None, theme=theme()
        )
        live_draw.show("confidence", figure, "Confidence, right and wrong answers", 400)
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
            live_draw.curve(series, name, name=f"over_{name}", title=title)


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
        live_draw.alpha(history, place)
    with right:
        figure = live_figures.alpha_over_time_figure(history.snapshots, theme=theme())
        live_draw.show(
            "alpha_time", figure, "Exponent alpha over the epochs, layer by layer"
        )
    paths = [layer["path"] for layer in layers]
    chosen = st.selectbox("Layer", paths, key=f"live_layer_{record.id}")
    figure = esd_figure(layers[paths.index(chosen)], theme=theme())
    live_draw.show(
        "esd", figure, f"Eigenvalues of {chosen} with the fitted power law", 380
    )
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
    live_draw.histograms("activations", snapshot)
    live_draw.table(
        snapshot,
        "activations",
        ("zero_fraction", "dead_fraction", "saturated_fraction"),
    )


def weights(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws the histogram of each kernel and a table with update ratios."""
    live_draw.histograms("weights", snapshot)
    live_draw.table(snapshot, "weights", ("rms", "max_abs", "update_ratio"))


def predictions(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws what is taken for what, the boundary, or the fit."""
    if not snapshot:
        st.caption("No snapshot yet.")
        return
    live_draw.prediction(snapshot, 520)
    if snapshot.get("boundary") and snapshot.get("confusion"):
        live_draw.prediction({**snapshot, "boundary": None}, 420)


def pictures(
    record: RunRecord, history: runs.History, snapshot: Snapshot, place: int
) -> None:
    """Draws what the model itself makes: densities, images drawn again."""
    found = (snapshot or {}).get("pictures") or {}
    if not found:
        st.caption("No picture at this moment: the budget left it out.")
    for name, drawn in found.items():
        figure = picture_figure(drawn, theme=theme())
        alt = figure.layout.title.text.partition("<br>")[0]
        live_draw.show(f"picture_{name}", figure, alt, int(figure.layout.height))


View = Callable[[RunRecord, runs.History, Snapshot, int], None]
VIEWS: dict[str, View] = {
    "Overview": overview,
    "Curves": curves,
    "Calibration": calibration_view,
    "Spectra": spectra,
    "Activations": activations,
    "Weights": weights,
    "Predictions": predictions,
    "Pictures": pictures,
}


def offered(history: runs.History) -> tuple[str, ...]:
    """Returns the views that have something to show: pictures, of some models only."""
    drawn = any(s.get("pictures") for s in history.snapshots)
    return tuple(name for name in VIEWS if drawn or name != "Pictures")
