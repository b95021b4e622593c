"""The views of the Inspect page."""

from collections.abc import Callable

import streamlit as st

from dl_techniques.ui import (
    inspect_answers,
    inspect_confidence,
    inspect_inside,
    inspect_maps,
    inspect_pairs,
)
from dl_techniques.ui.inspect_subject import Subject

View = Callable[[Subject], None]
_CLASSES: dict[str, View] = {
    "Answers": inspect_answers.answers,
    "Examples": inspect_answers.examples,
    "Calibration": inspect_confidence.calibration,
    "Confidence": inspect_confidence.confidence,
}
_NUMBERS: dict[str, View] = {"Answers": inspect_answers.numbers}
_MAPS: dict[str, View] = {"Answers": inspect_maps.maps}
_PAIRS: dict[str, View] = {"Answers": inspect_pairs.matching}
_INSIDE: dict[str, View] = {
    "Spectra": inspect_inside.spectra,
    "Weights": inspect_inside.weights,
    "Activations": inspect_inside.activations,
    "Representations": inspect_inside.representations,
    "Report": inspect_inside.report,
}


def _views(subject: Subject) -> dict[str, View]:
    outputs = subject.outputs
    if subject.info is not None and subject.info.kind == "pairs":
        return {**_PAIRS, **_INSIDE}
    if inspect_maps.is_map(subject):
        return {**_MAPS, **_INSIDE}
    classes = outputs is not None and outputs.y_prob is not None
    return {**(_CLASSES if classes else _NUMBERS), **_INSIDE}


def names(subject: Subject) -> tuple[str, ...]:
    """Returns the views that make sense for what the model predicts."""
    return tuple(_views(subject))


def draw(subject: Subject, view: str | None) -> None:
    """Draws one view."""
    views = _views(subject)
    if subject.outputs is None:
        st.info("Nothing was stored about the answers of this model.")
        return
    views.get(view or "Answers", views["Answers"])(subject)
