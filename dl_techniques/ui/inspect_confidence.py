"""How sure a model is, and how far it may be trusted."""

from typing import Any

import numpy as np
import streamlit as st

from dl_techniques.analysis import (
    accuracy_coverage_curve,
    apply_temperature,
    calibration_report,
    confidence_statistics,
    fit_temperature,
    logits_from_probabilities,
    reliability_diagram,
)
from dl_techniques.ui.inspect_draw import answers_of, names_of, show
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import calibration as calibration_figures
from dl_techniques.visualization import confidence as confidence_figures


def calibration(subject: Subject) -> None:
    """Draws the reliability at a temperature that a person may turn."""
    y, p = answers_of(subject)
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
    y, p = answers_of(subject)
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
