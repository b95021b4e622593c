"""Views of a finished model that matches images with texts."""

from typing import Any

import numpy as np
import streamlit as st

from dl_techniques.analysis._pair_similarity import caption, pair_similarity
from dl_techniques.ui.inspect_draw import show
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.shell import theme
from dl_techniques.visualization.pictures import picture_figure

_HARDEST = 20


def matching(subject: Subject) -> None:
    """Draws how often pairs are found, their likeness, and the hardest images."""
    outputs = subject.outputs
    assert outputs is not None  # noqa: S101  # the page asked before
    words = subject.info.words if subject.info else ()
    logits, ids = outputs.outputs, outputs.y_true
    found = pair_similarity(logits, ids, words, unit="logit")
    ranks = 1 + (logits > np.diag(logits)[:, None]).sum(1)
    measures = {
        "image to caption": found["image_to_text"],
        "among the first 5": float((ranks <= 5).mean()),
        "caption to image": found["text_to_image"],
    }
    for column, (name, value) in zip(st.columns(3), measures.items(), strict=True):
        column.metric(name, f"{value:.1%}")
    st.caption(
        f"How often the true partner is nearest among {len(ids)} held-out pairs; "
        f"by chance {1 / len(ids):.1%}."
    )
    figure = picture_figure(found, theme=theme())
    show("pairs", figure, "Likeness of held-out images and captions", 520)
    st.subheader("Hardest images")
    st.dataframe(_hardest(logits, ids, ranks, words), hide_index=True)


def _hardest(logits: Any, ids: Any, ranks: Any, words: Any) -> list[dict[str, Any]]:
    rows = np.argsort(-ranks, kind="stable")[:_HARDEST]
    return [
        {
            "image of": caption(ids[i], words),
            "nearest caption": caption(ids[logits[i].argmax()], words),
            "rank of its own": int(ranks[i]),
        }
        for i in rows
    ]
