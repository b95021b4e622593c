"""What a model answers: right and wrong, examples, calibration, confidence."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dl_techniques.analysis import (
    accuracy_coverage_curve,
    apply_temperature,
    calibration_report,
    classification_report,
    confidence_statistics,
    fit_temperature,
    logits_from_probabilities,
    pick_examples,
    reliability_diagram,
    slice_metrics,
)
from dl_techniques.analysis.examples import Order
from dl_techniques.ui import services
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.plot import live_figure
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import calibration as calibration_figures
from dl_techniques.visualization import comparison, data
from dl_techniques.visualization import confidence as confidence_figures

_PICTURES = "dl_techniques.ui.inspect_questions.pictures"
_SHOWN = 20
_ORDERS: dict[str, Order] = {
    "hardest": "hardest",
    "wrong and sure of it": "overconfident",
    "least sure": "unsure",
}


def show(name: str, figure: go.Figure, alt: str, height: int | None = None) -> None:
    """Draws a figure with its table and downloads."""
    high = height or int(figure.layout.height or 360)
    live_figure(figure, key=f"inspect_{name}", alt=alt, height=high)


def names_of(subject: Subject) -> list[str] | None:
    """Returns the names of the classes, if they are known."""
    info = subject.info
    return list(info.class_names) if info and info.class_names else None


def _known(subject: Subject) -> tuple[Any, Any]:
    outputs = subject.outputs
    assert outputs is not None  # noqa: S101  # the page asked before
    return outputs.y_true, np.asarray(outputs.y_prob)


def answers(subject: Subject) -> None:
    """Draws the confusion matrix and the measures of classes and slices."""
    y, p = _known(subject)
    found = classification_report(y, p)
    measures = {
        "accuracy": found.accuracy,
        "balanced accuracy": found.balanced_accuracy,
        "macro F1": found.macro_f1,
        f"top {found.k}": found.top_k,
    }
    for column, (name, value) in zip(st.columns(4), measures.items(), strict=True):
        column.metric(name, "-" if np.isnan(value) else f"{value:.1%}")
    left, right = st.columns(2)
    classes = names_of(subject)
    with left:
        how = st.segmented_control(
            "Counts", ["counts", "share of the class"], default="counts"
        )
        figure = comparison.confusion_figure(
            found.confusion,
            classes,
            normalize=None if how == "counts" else "true",
            theme=theme(),
        )
        show("confusion", figure, "Confusion matrix: true by predicted class", 460)
    with right:
        figure = comparison.per_class_figure(found, classes, theme=theme())
        show("classes", figure, "Precision, recall and F1 of every class", 460)
    st.subheader("Slices")
    st.caption("Where the model is right more or less often than on the whole.")
    st.dataframe(_slices(y, p, classes), hide_index=True)


def _slices(y: Any, p: Any, classes: list[str] | None) -> list[dict[str, Any]]:
    top, chosen = p.max(1), p.argmax(1)
    quarter = np.searchsorted(np.quantile(top, [0.25, 0.5, 0.75]), top, side="right")
    words = ("least sure quarter", "second quarter", "third quarter", "surest quarter")
    parts = {f"confidence: {w}": quarter == i for i, w in enumerate(words)}
    for k in range(p.shape[1]):
        parts[f"predicted {classes[k] if classes else k}"] = chosen == k
    found = slice_metrics(y, p, parts)
    columns = {"samples": found.n, "accuracy": found.accuracy}
    columns |= {"mean confidence": found.confidence, "ECE": found.ece}
    return [
        {"slice": name, **{k: _round(v[i]) for k, v in columns.items()}}
        for i, name in enumerate(found.names)
        if found.n[i]
    ]


def _round(value: Any) -> float | int:
    return int(value) if isinstance(value, np.integer) else round(float(value), 4)


def examples(subject: Subject) -> None:
    """Draws the samples that are hardest, or wrong with the most confidence."""
    y, p = _known(subject)
    kind = st.segmented_control("Which", list(_ORDERS), default=next(iter(_ORDERS)))
    found = pick_examples(y, p, order=_ORDERS.get(kind or "", "hardest"), k=_SHOWN)
    rows = found.rows
    if not len(rows):
        st.success("No held-out sample is wrong.", icon=":material/check:")
        return
    chosen = places(subject)[rows]
    images = pictures(subject, chosen.tolist())
    classes = names_of(subject)
    if images is not None:
        figure = comparison.hardest_examples_figure(
            images,
            found.labels,
            found.chosen,
            found.confidence,
            classes,
            theme=theme(),
        )
        show("hardest", figure, "Hardest held-out examples with truth and prediction")
    name = (lambda k: classes[k]) if classes else str
    st.dataframe(
        [
            {
                "held-out row": int(place),
                "truth": name(int(t)),
                "prediction": name(int(g)),
                "confidence": round(float(c), 4),
                "probability of the truth": round(float(q), 4),
            }
            for place, t, g, c, q in zip(
                *(chosen, found.labels, found.chosen, found.confidence, found.own),
                strict=True,
            )
        ],
        hide_index=True,
    )


def places(subject: Subject) -> Any:
    """Returns which held-out samples the stored answers belong to."""
    with np.load(subject.folder / "predictions.npz", allow_pickle=False) as file:
        return file["rows"]


def pictures(subject: Subject, rows: list[int]) -> Any:
    """Returns held-out images in 0..1, None when there are none to be had."""
    info = subject.info
    if info is None or info.kind != "image":
        return None
    key = f"{subject.key}-{hash(tuple(rows))}"
    try:
        with st.spinner("Fetching the pictures ...", show_time=True):
            return services.ask(_PICTURES, subject.data, rows, key=key).result(60)
    except Exception as error:  # noqa: BLE001  # the table is still there
        st.caption(f"No pictures: {error}")
        return None


def calibration(subject: Subject) -> None:
    """Draws the reliability at a temperature that a person may turn."""
    y, p = _known(subject)
    z = logits_from_probabilities(p)
    half = np.arange(len(y)) % 2 == 0
    best = fit_temperature(z[half], y[half]).temperature
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        t = st.slider(
            "Temperature: above 1 makes the model less sure",
            0.2, 5.0, 1.0, 0.05, key=f"inspect_temperature_{subject.key}",
        )  # fmt: skip
    with right:
        st.caption(f"Best on every second row: **{best:.2f}**")
    before, after = (
        reliability_diagram(y[~half], q[~half]) for q in (p, apply_temperature(z, t))
    )
    for column, name in zip(st.columns(4), ("ece", "mce", "nll", "brier"), strict=True):
        now, was = getattr(after, name), getattr(before, name)
        column.metric(
            name.upper(), f"{now:.4f}", f"{now - was:+.4f}", delta_color="inverse"
        )
    cooled = apply_temperature(z, t)
    left, right = st.columns(2)
    with left:
        figure = calibration_figures.reliability_figure(
            {"as trained": before, f"temperature {t:g}": after},
            theme=theme(),
        )
        show("reliability", figure, "Reliability before and after the temperature", 430)
    with right:
        figure = calibration_figures.classwise_calibration_figure(
            calibration_report(y[~half], cooled[~half]).classwise,
            names_of(subject),
            theme=theme(),
        )
        show("classwise", figure, "Calibration error of every class", 430)
    st.caption("Measured on the rows that were not used to find the best temperature.")


def confidence(subject: Subject) -> None:
    """Draws how sure the model is, and what refusing the unsure would bring."""
    y, p = _known(subject)
    found = confidence_statistics(p, labels=y)
    left, right = st.columns(2)
    with left:
        figure = confidence_figures.confidence_histogram_figure(found, theme=theme())
        show("confidence", figure, "Confidence of right and wrong answers", 380)
        figure = confidence_figures.entropy_figure(found, theme=theme())
        show("entropy", figure, "Entropy of the predictions", 340)
    with right:
        figure = confidence_figures.accuracy_coverage_figure(
            accuracy_coverage_curve(p.max(1), p.argmax(1) == y), theme=theme()
        )
        show("coverage", figure, "Accuracy over the share of answered samples", 380)
        _threshold(y, p)


def _threshold(y: Any, p: Any) -> None:
    least = st.slider("Answer only from this confidence on", 0.0, 1.0, 0.5, 0.01)
    kept = p.max(1) >= least
    share = float(kept.mean())
    right = float((p.argmax(1) == y)[kept].mean()) if kept.any() else float("nan")
    first, second = st.columns(2)
    first.metric("answered", f"{share:.1%}")
    second.metric("of these right", "-" if np.isnan(right) else f"{right:.1%}")


def numbers(subject: Subject) -> None:
    """Draws the predictions of a regression against the targets."""
    outputs = subject.outputs
    assert outputs is not None  # noqa: S101  # the page asked before
    y = np.asarray(outputs.y_true).reshape(len(outputs.y_true), -1)[:, 0]
    if outputs.outputs.size != outputs.y_true.size:
        st.info("The model predicts distributions: see its own pictures in Live.")
        return
    guess = outputs.outputs.reshape(len(y), -1)[:, 0]
    left, right = st.columns(2)
    with left:
        figure = data.regression_fit_figure(y, y, guess, theme=theme())
        show("fit", figure, "Predictions against targets", 420)
    with right:
        figure = data.residual_figure(y, guess, theme=theme())
        show("residuals", figure, "Residuals over the targets", 420)
