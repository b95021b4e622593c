"""The app on a store of its own, without compute processes."""

import json
from concurrent.futures import Future
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dl_techniques.recipes import Recipe
from dl_techniques.tracking import RunStore
from dl_techniques.ui import services

APP = Path(__file__).parents[2] / "app.py"


class Still:
    """Compute processes that start nothing: pages show what is stored."""

    ready, place = True, "this machine"

    def __init__(self, store):
        self.store = store
        self.submitted = []

    def waiting(self):
        return ()

    def submit(self, recipe):
        self.submitted.append(recipe)
        return self.store.create(recipe)

    def ask(self, function, *args, timeout=60.0):
        answer = Future()
        answer.set_exception(RuntimeError("no compute process in this test"))
        return answer


@pytest.fixture
def compute(tmp_path, monkeypatch):
    found = Still(RunStore(tmp_path))
    monkeypatch.setattr(services, "compute", lambda: found)
    return found


@pytest.fixture
def finished(compute):
    """Stores a run that is over, and returns its id."""

    def store_one(name="first", accuracy=0.9, **recipe):
        store = compute.store
        run_id = store.create(Recipe(name=name, **recipe))
        store.set_status(run_id, "running")
        for epoch in (1, 2, 3):
            values = {
                "loss": 1 / epoch,
                "val_loss": 1.1 / epoch,
                "val_accuracy": accuracy,
            }
            store.log(run_id, epoch, values)
            snapshot = {"type": "LiveSnapshot", "epoch": epoch, "logs": {}}
            store.add_snapshot(run_id, epoch, json.dumps({**snapshot, "alerts": []}))
        store.set_status(run_id, "finished")
        return run_id

    return store_one


@pytest.fixture
def page():
    """Opens a page of the app at an address."""

    def open_one(name, **query):
        app = AppTest.from_file(str(APP), default_timeout=60)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception
        if name != "start":
            app.switch_page(f"pages/{name}.py").run()
            assert not app.exception, app.exception
        return app

    return open_one


@pytest.fixture
def words():
    """Everything that a page says."""

    def read(app):
        kinds = (app.markdown, app.info, app.caption, app.error, app.warning, app.title)
        return " ".join(str(e.value) for kind in kinds for e in kind)

    return read
