"""Runs on a Ray cluster whose machine has a home of its own."""

import os

import pytest

from dl_techniques.training import Compute
from dl_techniques.training.cluster import RunActor, resources
from tests.training.recipes import mlp, numbers
from tests.training.waiting import ended, until

pytestmark = [  # Ray leaves sockets and processes to the end of the program
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LONG = 5000


@pytest.mark.parametrize(
    ("device", "gpu", "cards"),
    [("auto", True, 1), ("auto", False, 0), ("cpu", True, 0), ("gpu:1", True, 1)],
)
def test_resources_follow_the_recipe(device, gpu, cards, monkeypatch):
    monkeypatch.setenv("DLT_RAY_CPUS", "3")
    spec = mlp(device=device).training
    assert resources(spec, gpu) == {"num_cpus": 3, "num_gpus": cards}


def test_resources_that_are_not_there_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="needs a graphics card"):
        resources(mlp(device="gpu").training, False)
    monkeypatch.setenv("DLT_RAY_CPUS", "none")
    with pytest.raises(ValueError, match="DLT_RAY_CPUS must be"):
        resources(mlp().training, False)


def test_a_machine_that_does_not_see_the_home_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"does not see .*nowhere"):
        RunActor().train("0123", str(tmp_path / "nowhere"))
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_without_a_cluster_nothing_is_stored(monkeypatch, tmp_path):
    pytest.importorskip("ray")
    monkeypatch.setenv("DLT_RAY_ADDRESS", "127.0.0.1:1")
    compute = Compute(tmp_path)
    with pytest.raises(OSError, match="no Ray cluster answers at"):
        compute.submit(mlp(2))
    assert compute.store.list() == ()
    compute.close()


@pytest.fixture
def address(monkeypatch, tmp_path):
    """A cluster of one machine; its home is not ours."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster as RayCluster

    monkeypatch.setenv("DLT_TRACKING_URI", f"sqlite:///{tmp_path}/shared.db")
    monkeypatch.setenv("DLT_ARTIFACT_ROOT", str(tmp_path / "shared"))
    monkeypatch.setenv("DLT_HOME", str(tmp_path / "there"))
    monkeypatch.setenv("DLT_RAY_CPUS", "1")
    cluster = RayCluster(
        initialize_head=True, connect=False, head_node_args={"num_cpus": 1}
    )
    monkeypatch.setenv("DLT_RAY_ADDRESS", cluster.address)
    yield cluster.address
    ray.shutdown()
    cluster.shutdown()


@pytest.mark.slow
def test_runs_train_on_the_cluster_and_outlive_the_server(address, tmp_path):
    first = Compute(tmp_path / "here")
    store = first.store
    long, waiting = first.submit(mlp(LONG)), first.submit(mlp(2))
    until(lambda: len(numbers(store, long)) > 2, 180)
    assert first.waiting() == (waiting,)  # the cluster has one core
    assert first.place == f"Ray cluster at {address}"
    first.stop(waiting)
    assert store.get(waiting).reason == "stopped before it began"
    first.close()

    second = Compute(tmp_path / "here")
    second.warm()
    seen = len(numbers(store, long))
    until(lambda: len(numbers(store, long)) > seen)
    second.pause(long)
    until(lambda: store.get(long).status == "paused", 10)
    second.resume(long)
    second.stop(long)
    assert ended(store, long).reason == "stopped on request"
    seen = len(numbers(store, long))
    second.resume(long)  # at once: its last process may still be there
    until(lambda: len(numbers(store, long)) > seen, 120)
    second.stop(long)
    assert ended(store, long).reason == "stopped on request"

    short = second.submit(mlp(3, analysis=True))
    record = ended(store, short, 120)
    assert (record.status, record.epoch) == ("finished", 3)
    assert (store.fetch(short) / "model.keras").exists()
    assert (tmp_path / "there" / "runs" / short).is_dir()
    assert not (tmp_path / "here" / "runs" / short / "checkpoint").exists()
    second.close()


@pytest.mark.slow
def test_a_killed_run_is_found_and_goes_on(address, tmp_path):
    compute = Compute(tmp_path / "here")
    store = compute.store
    run_id = compute.submit(mlp(40, steps_per_execution=1))
    until(lambda: len(numbers(store, run_id)) > 3, 180)
    until(lambda: store.get(run_id).pid)
    os.kill(store.get(run_id).pid, 9)
    record = ended(store, run_id)
    assert record.status == "failed"
    assert "the process that trained it is gone" in record.reason
    compute.resume(run_id)
    record = ended(store, run_id, 120)
    assert (record.status, record.epoch) == ("finished", 40)
    compute.close()
