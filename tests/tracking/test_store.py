import json
import math
import subprocess
import sys
import textwrap
import time

import pytest

from dl_techniques.recipes.schema import DatasetSpec, Recipe, TrainingSpec
from dl_techniques.tracking import RunStore


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("home"))


def recipe(name="first", **training):
    return Recipe(name=name, training=TrainingSpec(**training))


def run_python(code, *args):
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), *args])


def test_a_created_run_holds_the_recipe_and_its_record(store):
    run_id = store.create(recipe(epochs=7))
    record = store.get(run_id)
    assert (record.name, record.status, record.epochs) == ("first", "queued", 7)
    assert (record.dataset, record.epoch, record.last) == ("digits", 0, {})
    assert record.active
    assert abs(record.created - time.time()) < 60
    assert store.recipe(run_id) == recipe(epochs=7)


def test_equal_recipes_have_one_hash_and_every_run_its_own_color(store):
    a, b, c = (
        store.get(store.create(r))
        for r in (recipe("a"), recipe("b"), recipe("c", seed=1))
    )
    assert a.recipe_hash == b.recipe_hash != c.recipe_hash
    assert len({a.color_index, b.color_index, c.color_index}) == 3


def test_metrics_come_after_the_cursor(store):
    run_id = store.create(recipe())
    store.log(run_id, 1, {"loss": 2.0, "accuracy": 0.5})
    rows, cursor = store.metrics_after(run_id)
    assert [(r.step, r.values) for r in rows] == [(1, {"loss": 2.0, "accuracy": 0.5})]
    assert store.metrics_after(run_id, cursor) == ((), cursor)
    store.log(run_id, 2, {"loss": math.nan, "accuracy": math.inf})
    rows, cursor = store.metrics_after(run_id, cursor)
    assert rows[0].step == 2
    assert math.isnan(rows[0].values["loss"])
    assert rows[0].values["accuracy"] == math.inf


def test_record_has_last_and_best_values(store):
    run_id = store.create(recipe())
    for step, (loss, accuracy) in enumerate([(2.0, 0.5), (1.0, 0.9), (3.0, 0.7)], 1):
        store.log(run_id, step, {"loss": loss, "val_accuracy": accuracy})
    store.set_status(run_id, "finished")
    record = store.get(run_id)
    assert record.last == {"loss": 3.0, "val_accuracy": 0.7}
    assert record.best == {"loss": 1.0, "val_accuracy": 0.9}
    assert record.epoch == 3


def test_mlflow_sees_parameters_metrics_and_files(store):
    from mlflow.tracking import MlflowClient

    run_id = store.create(recipe(batch_size=48))
    store.log(run_id, 1, {"loss": 0.25})
    store.add_snapshot(run_id, 1, '{"epoch": 1}')
    store.set_status(run_id, "failed", "too bad")
    client = MlflowClient(tracking_uri=store.uri)
    run = client.get_run(run_id)
    assert run.data.params["training.batch_size"] == "48"
    assert run.data.metrics["loss"] == 0.25
    assert run.info.status == "FAILED"
    assert {f.path for f in client.list_artifacts(run_id)} == {
        "recipe.json",
        "snapshots",
    }
    found = client.search_runs(
        [run.info.experiment_id], "params.`training.batch_size` = '48'"
    )
    assert [r.info.run_id for r in found] == [run_id]


def test_rewind_takes_back_later_rows_and_snapshots(store):
    run_id = store.create(recipe())
    for epoch in (1, 2, 3):
        store.log(run_id, epoch, {"loss": float(epoch)})
        store.add_snapshot(run_id, epoch, json.dumps({"epoch": epoch}))
    _, cursor = store.metrics_after(run_id)
    store.rewind(run_id, 2)
    store.log(run_id, 3, {"loss": 30.0})
    assert [r.values["loss"] for r in store.metrics_after(run_id)[0]] == [1, 2, 30]
    assert [r.step for r in store.metrics_after(run_id, cursor)[0]] == [3]
    assert [s["epoch"] for s in store.snapshots_after(run_id)[0]] == [1, 2]


def test_snapshots_come_after_the_cursor(store):
    run_id = store.create(recipe())
    assert store.snapshots_after(run_id) == ([], 0)
    store.add_snapshot(run_id, 1, '{"epoch": 1}')
    store.add_snapshot(run_id, 4, '{"epoch": 4}')
    assert store.snapshots_after(run_id) == ([{"epoch": 1}, {"epoch": 4}], 4)
    assert store.snapshots_after(run_id, 4) == ([], 4)
    store.add_snapshot(run_id, 5, '{"epoch": 5}')
    assert store.snapshots_after(run_id, 4) == ([{"epoch": 5}], 5)


@pytest.mark.parametrize("text", ['{"a": NaN}', "{", '"' + "x" * 300_000 + '"'])
def test_a_bad_snapshot_is_refused(store, text):
    with pytest.raises(ValueError):  # noqa: PT011  # three different messages
        store.add_snapshot(store.create(recipe()), 1, text)


def test_a_torn_line_waits_for_its_end(store):
    run_id = store.create(recipe())
    store.log(run_id, 1, {"loss": 1.0})
    path = store.run_dir(run_id) / "metrics.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"step": 2, "ti')
    rows, cursor = store.metrics_after(run_id)
    assert (len(rows), cursor) == (1, len(whole))
    path.write_bytes(whole + b'{"step": 2, "time": 1, "values": {}}\n')
    assert [r.step for r in store.metrics_after(run_id, cursor)[0]] == [2]


def test_status_sets_start_end_and_reason(store):
    run_id = store.create(recipe())
    store.set_status(run_id, "starting")
    store.set_fields(run_id, pid=12, device="cpu", backend="jax")
    store.set_status(run_id, "running")
    record = store.get(run_id)
    assert record.started is not None
    assert record.ended is None
    assert (record.pid, record.device, record.fields) == (12, "cpu", {"backend": "jax"})
    store.set_status(run_id, "failed", "the loss became NaN")
    record = store.get(run_id)
    assert record.ended is not None
    assert (record.reason, record.active) == ("the loss became NaN", False)
    with pytest.raises(ValueError, match="status"):
        store.set_status(run_id, "gone")


def test_labels_note_and_name_are_kept_and_found(store):
    run_id = store.create(recipe("plain"))
    store.tag(run_id, ["good, one", "good, one", "second"])
    store.annotate(run_id, "wide layers help")
    store.rename(run_id, "Wide")
    record = store.get(run_id)
    assert record.tags == ("good  one", "second")
    assert (record.note, record.name) == ("wide layers help", "Wide")
    assert [r.id for r in store.list(text="LAYERS help")] == [run_id]


def test_list_is_newest_first_and_filters(tmp_path):
    store = RunStore(tmp_path)
    ids = [store.create(recipe(f"run {i}")) for i in range(3)]
    moons = store.create(Recipe(dataset=DatasetSpec(name="moons")), status="running")
    assert [r.id for r in store.list()] == [moons, *ids[::-1]]
    assert [r.id for r in store.list(status="running")] == [moons]
    assert [r.id for r in store.list(dataset="moons")] == [moons]
    assert len(store.list(limit=2)) == 2


def test_delete_removes_everything(store):
    run_id = store.create(recipe())
    store.log(run_id, 1, {"loss": 1.0})
    store.set_status(run_id, "running")
    with pytest.raises(ValueError, match="stop it first"):
        store.delete(run_id)
    store.set_status(run_id, "stopped")
    store.delete(run_id)
    with pytest.raises(KeyError, match=run_id):
        store.get(run_id)
    assert not list(store.home.rglob(f"*{run_id}*"))


def test_unknown_runs_are_named(store):
    with pytest.raises(KeyError, match="there is no run"):
        store.get("0" * 32)
    with pytest.raises(ValueError, match="run_id"):
        store.run_dir("../x")


def test_heartbeat_shows_in_the_record(store):
    run_id = store.create(recipe())
    assert store.get(run_id).heartbeat is None
    store.heartbeat(run_id)
    assert abs(store.get(run_id).heartbeat - time.time()) < 30


def test_polling_a_long_run_is_cheap(store):
    run_id = store.create(recipe())
    store.log(run_id, 1, {"loss": 1.0})
    line = (store.run_dir(run_id) / "metrics.jsonl").read_bytes()
    (store.run_dir(run_id) / "metrics.jsonl").write_bytes(line * 1000)
    folder = store.artifact_dir(run_id) / "snapshots"
    folder.mkdir()
    for epoch in range(1, 1001):
        (folder / f"{epoch:06d}.json").write_text("{}")
    _, rows = store.metrics_after(run_id)
    _, shots = store.snapshots_after(run_id)
    assert shots == 1000
    costs = []
    for _ in range(9):
        start = time.perf_counter()
        store.metrics_after(run_id, rows)
        store.snapshots_after(run_id, shots)
        costs.append(time.perf_counter() - start)
    assert sorted(costs)[4] < 0.005


def test_two_processes_open_a_fresh_store_and_write(tmp_path):
    code = """
        import sys
        from dl_techniques.recipes.schema import Recipe
        from dl_techniques.tracking import RunStore
        store = RunStore(sys.argv[1])
        run_id = store.create(Recipe(name=sys.argv[2]))
        for step in range(1, 31):
            store.log(run_id, step, {"loss": float(step)})
            store.flush(run_id)
        store.set_status(run_id, "finished")
    """
    both = [run_python(code, str(tmp_path), name) for name in ("one", "two")]
    assert [p.wait(120) for p in both] == [0, 0]
    records = RunStore(tmp_path).list()
    assert {r.name for r in records} == {"one", "two"}
    assert all(r.epoch == 30 and r.status == "finished" for r in records)
    assert {r.color_index for r in records} == {0, 1}


def test_importing_loads_neither_mlflow_nor_keras():
    code = """
        import sys
        import dl_techniques.tracking as t
        t.RunStore("/tmp")
        bad = {"mlflow", "keras", "tensorflow", "sklearn", "pandas"} & set(sys.modules)
        assert not bad, bad
    """
    assert run_python(code).wait(60) == 0


def test_home_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DLT_HOME", str(tmp_path / "a"))
    assert RunStore().home == tmp_path / "a"
    assert RunStore(tmp_path / "b").home == tmp_path / "b"


def test_a_database_by_uri_keeps_files_at_home(monkeypatch, tmp_path):
    monkeypatch.setenv("DLT_TRACKING_URI", f"sqlite:///{tmp_path}/elsewhere.db")
    store = RunStore(tmp_path / "home")
    run_id = store.create(recipe())
    assert (tmp_path / "elsewhere.db").exists()
    assert (store.artifact_dir(run_id) / "recipe.json").is_relative_to(store.home)


def test_values_within_an_epoch_stay_out_of_the_record(store):
    run_id = store.create(recipe())
    store.log(run_id, 20, {"batch/loss": 5.0}, epoch=1)
    store.log(run_id, 1, {"loss": 2.0})
    store.log(run_id, 60, {"batch/loss": 1.0}, epoch=2)
    store.flush(run_id)
    record = store.get(run_id)
    assert (record.last, record.best, record.epoch) == ({"loss": 2.0},) * 2 + (1,)
    store.rewind(run_id, 1)
    assert [r.step for r in store.metrics_after(run_id)[0]] == [20, 1]


def test_mlflow_has_each_epoch_once_after_a_crash(store):
    from mlflow.tracking import MlflowClient

    run_id = store.create(recipe())
    store.log(run_id, 1, {"loss": 3.0}, hold=True)
    store.flush(run_id)
    store.log(run_id, 2, {"loss": 2.0}, hold=True)  # in the checkpoint, not in MLflow
    store.log(run_id, 3, {"loss": 9.0}, hold=True)  # lost with the crash
    again = RunStore(store.home)
    again.rewind(run_id, 2)
    again.log(run_id, 3, {"loss": 1.0})
    again.set_status(run_id, "finished")
    history = MlflowClient(store.uri).get_metric_history(run_id, "loss")
    assert sorted((m.step, m.value) for m in history) == [(1, 3.0), (2, 2.0), (3, 1.0)]
    assert again.get(run_id).best == {"loss": 1.0}
