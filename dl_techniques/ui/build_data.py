"""The data area of the Build page: which set, its knobs, and a look at it."""

from typing import Any

import numpy as np
import streamlit as st

from dl_techniques.datasets import (
    KNOBS,
    DatasetError,
    DatasetInfo,
    dataset_info,
    dataset_infos,
    store_upload,
    upload_infos,
)
from dl_techniques.recipes import Recipe, recipe_hash
from dl_techniques.ui import (
    build_answers,
    build_fields,
    build_problems,
    build_state,
    services,
)

PREVIEW = "dl_techniques.ui.build_questions.preview_of"
_PICTURES = 18
_FILES = ["csv", "parquet", "npz", "zip"]


def draw(recipe: Recipe, info: DatasetInfo | None, problems: Any) -> None:
    """Draws the choice of the data set, its knobs, an upload, and a preview."""
    _choice(recipe)
    build_problems.draw(build_problems.under(problems, "dataset"), "dataset")
    if info is None:
        _upload()
        return
    source = info.source[:1].upper() + info.source[1:]
    st.caption(f"{info.summary} {source}. Licence: {info.licence}.")
    with st.container(border=False, gap="small"):
        _preview(recipe, info)
    with st.expander("Data settings", icon=":material/tune:"):
        data = recipe.dataset.model_dump(mode="json")
        for option in info.options:
            build_fields.field(
                option, recipe.dataset.options, "dataset.options", info.name
            )
        for knob in knobs_of(info):
            build_fields.field(knob, data, "dataset", "dataset")
    _upload()


def knobs_of(info: DatasetInfo) -> tuple[Any, ...]:
    """Returns the knobs that mean something for a data set."""
    only_classes = ("label_noise", "imbalance")
    classes = info.task == "classification"
    return tuple(k for k in KNOBS if classes or k.name not in only_classes)


def _choice(recipe: Recipe) -> None:
    infos = {i.name: i for i in (*dataset_infos(), *_uploads())}
    names = [*infos] if recipe.dataset.name in infos else [recipe.dataset.name, *infos]
    build_fields.show("build-dataset", recipe.dataset.name)

    def change() -> None:
        name = st.session_state["build-dataset"]
        build_state.set_field("dataset", {"name": name, "seed": recipe.dataset.seed})

    st.selectbox(
        "Data set",
        names,
        format_func=lambda n: _words(infos[n]) if n in infos else n,
        key="build-dataset",
        on_change=change,
        label_visibility="collapsed",
    )


def _words(info: DatasetInfo) -> str:
    return f"{info.title} · {info.kind}"


def _uploads() -> tuple[DatasetInfo, ...]:
    home = services.store().home
    try:
        return tuple(dataset_info(u.name, home) for u in upload_infos(home))
    except (OSError, DatasetError):
        return ()


def _upload() -> None:
    with st.expander("Use your own data", icon=":material/upload_file:"):
        st.caption("CSV, Parquet, NPZ, or a zip of pictures with a folder a class.")
        with st.form("build-upload", border=False):
            file = st.file_uploader("File", type=_FILES, label_visibility="collapsed")
            column = st.text_input("Label column", placeholder="of CSV and Parquet")
            if st.form_submit_button("Upload") and file is not None:
                _store(file.name, file.getvalue(), column.strip() or None)


def _store(name: str, content: bytes, column: str | None) -> None:
    try:
        with st.spinner("Reading the file ..."):
            info = store_upload(
                name, content, services.store().home, label_column=column
            )
    except DatasetError as error:
        st.error(str(error), icon=":material/error:")
        return
    build_state.set_field("dataset", {"name": info.name})
    st.rerun()


def _preview(recipe: Recipe, info: DatasetInfo) -> None:
    key = recipe_hash(Recipe(dataset=recipe.dataset))
    if info.needs_download and not st.session_state.get(f"fetch-{info.name}"):
        st.button(
            "Show samples (may download the data)",
            key=f"fetch-button-{info.name}",
            on_click=lambda: st.session_state.update({f"fetch-{info.name}": True}),
        )
        return
    answer = build_answers.ask(PREVIEW, recipe.dataset, key=key)
    if not answer.done:
        st.caption(":material/hourglass_empty: loading the data ...")
        return
    if answer.error:
        st.error(answer.error, icon=":material/error:")
        return
    found = answer.value
    if found.images is not None:
        _pictures(found)
    elif found.points is not None:
        _points(found)
    elif found.rows is not None:
        rows = [dict(zip(found.columns, row, strict=False)) for row in found.rows]
        st.dataframe(rows, hide_index=True, height=180)
    elif found.sequences is not None:
        for row in np.asarray(found.sequences)[:4]:
            text = " ".join(str(v) for v in np.asarray(row).reshape(-1)[:24])
            st.code(text, language=None)
    _balance(found)


def _pictures(found: Any) -> None:
    images = list(found.images[:_PICTURES])
    if found.captions:
        st.image(images, caption=list(found.captions[:_PICTURES]), width=88, clamp=True)
        return
    if found.maps is not None:
        _maps(images, np.asarray(found.maps[:_PICTURES]))
        return
    names = [str(found.class_names[int(k)]) for k in found.labels[:_PICTURES]]
    wrong = found.labels[:_PICTURES] != found.clean_labels[:_PICTURES]
    captions = [f"{n} ✗" if w else n for n, w in zip(names, wrong, strict=True)]
    st.image(images, caption=captions, width=44, clamp=True)
    if wrong.any():
        st.caption("✗ marks a label that the noise has changed.")


def _maps(images: list[Any], maps: np.ndarray) -> None:
    """Draws images, and under them their targets from dark (low) to bright (high)."""
    low, high = maps.min(), maps.max()
    shown = (maps - low) / (high - low if high > low else 1)
    st.image(images, width=66, clamp=True)
    st.image(list(shown), width=66, clamp=True)
    st.caption(f"Below the target of every place: dark {low:.2g}, bright {high:.2g}.")


def _points(found: Any) -> None:
    points = np.asarray(found.points)
    rows: dict[str, Any] = {"x": points[:, 0], "y": points[:, 1]}
    if found.point_labels is not None and found.class_names:
        rows["class"] = [found.class_names[int(k)] for k in found.point_labels]
    color = "class" if "class" in rows else None
    st.scatter_chart(rows, x="x", y="y", color=color, height=240)


def _balance(found: Any) -> None:
    counts = found.train_counts
    if len(counts):
        least, most = int(min(counts)), int(max(counts))
        spread = f"{least} to {most}" if least != most else str(most)
        st.caption(
            f"{len(counts)} classes, {spread} training samples each; "
            f"{int(found.test_counts.sum())} held out."
        )
    if len(counts) > 1 and most > 1.5 * least:
        rows = {"class": list(found.class_names), "training samples": counts}
        st.bar_chart(rows, x="class", y="training samples", height=150)
    for note in found.notes:
        st.caption(note)
