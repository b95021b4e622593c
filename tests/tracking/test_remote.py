"""Two machines with homes of their own share a store."""

import json

import pytest

from dl_techniques.tracking import RunStore
from dl_techniques.training import checkpoint, control
from tests.training.recipes import mlp


@pytest.fixture
def machines(monkeypatch, tmp_path):
    """The one that asks and the one that trains."""
    monkeypatch.setenv("DLT_TRACKING_URI", f"sqlite:///{tmp_path}/shared.db")
    monkeypatch.setenv("DLT_ARTIFACT_ROOT", str(tmp_path / "shared"))
    return RunStore(tmp_path / "here"), RunStore(tmp_path / "there")


def test_what_one_trains_the_other_sees_as_it_comes(machines):
    here, there = machines
    run_id = here.create(mlp(2))
    assert there.recipe(run_id) == mlp(2)
    rows, cursor = here.metrics_after(run_id)
    assert rows == ()
    for epoch in (1, 2):
        there.log(run_id, epoch, {"loss": 1.0 / epoch})
        there.flush(run_id)
        there.add_snapshot(run_id, epoch, json.dumps({"epoch": epoch}))
        rows, cursor = here.metrics_after(run_id, cursor)
        assert [(r.step, r.values["loss"]) for r in rows] == [(epoch, 1.0 / epoch)]
        found, newest = here.snapshots_after(run_id, epoch - 1)
        assert (found, newest) == ([{"epoch": epoch}], epoch)
    there.heartbeat(run_id)
    assert here.get(run_id).heartbeat > here.get(run_id).created


def test_a_request_reaches_the_other_machine(machines):
    here, there = machines
    run_id = here.create(mlp(2))
    path = control.control_path(there.run_dir(run_id))
    there.heartbeat(run_id)
    control.receive(there, run_id)
    assert not path.exists()
    control.request(here, run_id, "learning_rate", value=0.5)
    control.request(here, run_id, "stop")
    control.receive(there, run_id)
    asked = control.read(path)
    assert (asked.wanted, asked.learning_rate, asked.changes) == ("stop", 0.5, 1)
    control.forget(here, run_id)
    control.receive(there, run_id)
    assert control.read(path) == control.Control()


def test_a_checkpoint_moves_to_the_machine_that_is_behind(machines):
    here, there = machines
    run_id = here.create(mlp(2))
    checkpoint.take_over(here, run_id)
    kept, sent = (s.run_dir(run_id) / "checkpoint" / "last.npz" for s in machines)
    assert not kept.exists()
    for epoch in (1, 2):  # the second comes within a minute
        checkpoint.save(sent, checkpoint.State(epoch, (), ()))
        there.send_checkpoint(run_id, "last.npz")
    checkpoint.take_over(here, run_id)
    assert checkpoint.load(kept).epoch == 1
    checkpoint.hand_over(there, run_id)
    checkpoint.take_over(here, run_id)
    assert checkpoint.load(kept).epoch == 2
    checkpoint.save(kept, checkpoint.State(3, (), ()))
    checkpoint.take_over(here, run_id)
    assert checkpoint.load(kept).epoch == 3


def test_only_the_home_that_made_a_run_may_queue_it(machines):
    here, there = machines
    record = here.get(here.create(mlp(2)))
    assert here.made_here(record)
    assert not there.made_here(record)


def test_the_files_of_a_run_are_brought_once(machines):
    here, there = machines
    run_id = here.create(mlp(2))
    there.heartbeat(run_id)
    (there.artifact_dir(run_id) / "predictions.npz").write_bytes(b"numbers")
    there.log_path(run_id).write_text("what it printed")
    there.publish(run_id)
    there.set_status(run_id, "finished")
    folder = here.fetch(run_id)
    assert (folder / "predictions.npz").read_bytes() == b"numbers"
    assert here.log_text(run_id) == "what it printed"
    (folder / "predictions.npz").unlink()
    here.fetch(run_id)
    assert not (folder / "predictions.npz").exists()
