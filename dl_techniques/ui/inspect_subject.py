"""What the Inspect page looks at: a run, or an uploaded model."""

import hashlib
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dl_techniques.analysis.report import AnalysisReport
from dl_techniques.analysis.run_outputs import RunOutputs
from dl_techniques.datasets import (
    DatasetError,
    DatasetInfo,
    dataset_info,
    dataset_infos,
)
from dl_techniques.recipes import DatasetSpec
from dl_techniques.ui import runs, services, stored
from dl_techniques.utils.files import write_atomic

_ANALYSE = "dl_techniques.ui.inspect_questions.analyse"
_PATIENCE = 240.0
_UPLOAD = "an uploaded model"


@dataclass(frozen=True)
class Subject:
    """One model with what was stored about it.

    Attributes:
        key: Tells it apart from others.
        name: For headings.
        folder: Holds model.keras, predictions.npz and the folder "analysis".
        data: The data that it was tested on.
    """

    key: str
    name: str
    folder: Path
    data: DatasetSpec

    @property
    def info(self) -> DatasetInfo | None:
        """What is known of the data without loading it."""
        try:
            return dataset_info(self.data.name, **self.data.options)
        except DatasetError:
            return None

    @property
    def outputs(self) -> RunOutputs | None:
        """The stored answers, None when there are none."""
        return stored.outputs(str(self.folder), self.key)

    @property
    def report(self) -> AnalysisReport | None:
        """The stored analysis, None when there is none."""
        return stored.report(str(self.folder), self.key)


def choose() -> Subject:
    """Lets a person pick a run or upload a model; stops while there is nothing."""
    with st.spinner(services.STORE_OPENS, show_time=True):
        known = {r.id: r for r in runs.latest(100) if not r.active}
    wanted = st.query_params.get("run", "")
    named = runs.labels(known.values())
    options = [*known, _UPLOAD]
    chosen = st.selectbox(
        "Model",
        options,
        index=options.index(wanted) if wanted in options else 0,
        format_func=lambda i: f"{named[i]} · {known[i].dataset}" if i in known else i,
        label_visibility="collapsed",
        key=f"inspect_run_{wanted}",
    )
    if chosen == _UPLOAD:
        return _uploaded()
    if chosen != wanted:
        st.query_params["run"] = chosen
    store, record = services.store(), known[chosen]
    folder = store.fetch(chosen)
    if not (folder / "predictions.npz").exists():
        why = f": {record.reason}" if record.reason else ""
        st.info(f"This run {record.status} before it stored a model{why}.")
        st.stop()
    key = f"{chosen}-{record.ended or 0}"
    return Subject(key, record.name, folder, store.recipe(chosen).dataset)


def _uploaded() -> Subject:
    known = (i for i in dataset_infos() if i.kind != "pairs")
    infos = {i.name: i for i in known if not i.needs_download}
    left, right = st.columns([3, 2])
    with left:
        file = st.file_uploader("A Keras model file", type=["keras"])
    with right:
        name = st.selectbox(
            "Tested on the held-out samples of",
            list(infos),
            format_func=lambda n: infos[n].title,
        )
    st.caption(
        "The file is opened in Keras' safe mode, in a process of its own: code inside "
        "it does not run. Its input must have the shape of the data."
    )
    if file is None:
        st.stop()
    content = file.getvalue()
    digest = hashlib.sha256(content + name.encode()).hexdigest()[:24]
    folder = services.store().home / "inspected" / digest
    data = DatasetSpec(name=name)
    if not (folder / "analysis" / "report.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / "model.keras", content)
        future = services.ask(
            _ANALYSE, str(folder), data, file.name, key=digest, timeout=_PATIENCE
        )
        _wait(future)
    return Subject(digest, file.name, folder, data)


def _wait(future: "Future[Any]") -> None:
    try:
        with st.spinner("Opening and analysing the model ...", show_time=True):
            future.result(_PATIENCE)
    except Exception as error:  # noqa: BLE001  # whatever a foreign file causes
        st.error(f"This model cannot be analysed: {error}", icon=":material/error:")
        st.stop()
