"""What a model answers: right and wrong, class by class, and examples."""

from typing import Any

import numpy as np
import streamlit as st

from dl_techniques.analysis import (
    classification_report,
    pick_examples,
    slice_metrics,
)
from dl_techniques.analysis.examples import Order
from dl_techniques.ui.inspect_draw import answers_of, names_of, pictures, places, show
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import comparison, data

_SHOWN = 20
_ORDERS: dict[str, Order] = {
    "hardest": "hardest",
    "wrong and sure of it": "overconfident",
    "least sure": "unsure",
}


def answers(subject: Subject) -> None:
    """Draws the confusion matrix and the measures of classes and slices."""
    y, p = answers_of(subject)
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
    y, p = answers_of(subject)
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
        figure = data.regression_fit_figure(None, y, guess, theme=theme())
        show("fit", figure, "Predictions against targets", 420)
    with right:
        figure = data.residual_figure(y, guess, theme=theme())
        show("residuals", figure, "Residuals over the targets", 420)
