"""Every page in an empty store, with finished runs, and with a failed run."""

import json
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dl_techniques.recipes import Recipe
from dl_techniques.tracking import RunStore
from dl_techniques.ui import services

APP = Path(__file__).parents[2] / "app.py"


class Still:
    """Compute processes that start nothing: pages show what is stored."""

    ready, slots = True, 1

    def __init__(self, store):
        self.store = store
        self.submitted = []

    def waiting(self):
        return ()

    def submit(self, recipe):
        self.submitted.append(recipe)
        return self.store.create(recipe)

    def ask(self, function, *args, timeout=60.0):
        from concurrent.futures import Future

        answer = Future()
        answer.set_exception(RuntimeError("no compute process in this test"))
        return answer


@pytest.fixture
def compute(tmp_path, monkeypatch):
    found = Still(RunStore(tmp_path))
    monkeypatch.setattr(services, "compute", lambda: found)
    return found


def finished(store, name="first", accuracy=0.9):
    run_id = store.create(Recipe(name=name))
    store.set_status(run_id, "running")
    for epoch in (1, 2, 3):
        values = {"loss": 1 / epoch, "val_loss": 1.1 / epoch, "val_accuracy": accuracy}
        store.log(run_id, epoch, values)
        snapshot = {"type": "LiveSnapshot", "epoch": epoch, "logs": {}, "alerts": []}
        store.add_snapshot(run_id, epoch, json.dumps(snapshot))
    store.set_status(run_id, "finished")
    return run_id


def page(name, **query):
    app = AppTest.from_file(str(APP), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    if name != "start":
        app.switch_page(f"pages/{name}.py").run()
        assert not app.exception, app.exception
    return app


def words(app):
    kinds = (app.markdown, app.info, app.caption, app.error, app.warning, app.title)
    return " ".join(str(e.value) for kind in kinds for e in kind)


def test_empty_store_is_explained(compute):
    assert "Nothing trained yet" in words(page("start"))
    assert "No run yet" in words(page("live"))
    assert "No run yet" in words(page("compare"))
    assert not page("build").exception


def test_one_click_trains(compute):
    app = page("start")
    app.button(key="train_digits-mlp").click().run()
    assert [r.name for r in compute.submitted] == ["digits MLP"]


def test_finished_run_is_shown(compute):
    run_id = finished(compute.store)
    app = page("live", run=run_id)
    assert "finished" in str([b.value for b in app.markdown]) or "first" in words(app)
    assert not app.error


def test_failed_run_says_why(compute):
    run_id = compute.store.create(Recipe(name="broken"))
    compute.store.set_status(run_id, "failed", "the loss became NaN in epoch 2")
    app = page("live", run=run_id)
    assert "the loss became NaN in epoch 2" in words(app)
    assert any(b.label == "Resume" for b in app.button)


def test_runs_are_compared(compute):
    finished(compute.store, "first", 0.8)
    finished(compute.store, "second", 0.9)
    app = page("compare")
    assert [s.value for s in app.subheader][:2] == ["What differs", "Values"]
    table = app.dataframe[0].value
    assert {"first", "second"} <= set(table.columns)


def test_build_adds_mutes_and_takes_back(compute):
    app = page("build")
    app.button(key="open:1").click().run()
    app.button(key="copy:1").click().run()
    assert any(b.key == "open:3" for b in app.button)
    app.button(key="build-undo").click().run()
    assert not any(b.key == "open:3" for b in app.button)


def test_server_side_loads_no_backend():
    import subprocess

    code = (
        "import sys, dl_techniques.ui.start, dl_techniques.ui.live, "
        "dl_techniques.ui.compare, dl_techniques.ui.build_stack, "
        "dl_techniques.ui.build_settings, dl_techniques.ui.build_data;"
        "print(sorted({'keras', 'tensorflow', 'sklearn'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_knobs_of_classes_are_not_offered_for_numbers():
    from dl_techniques.datasets import dataset_info
    from dl_techniques.ui.build_data import knobs_of

    names = {k.name for k in knobs_of(dataset_info("diabetes"))}
    assert "train_size" in names
    assert not {"label_noise", "imbalance"} & names
    assert "label_noise" in {k.name for k in knobs_of(dataset_info("digits"))}
