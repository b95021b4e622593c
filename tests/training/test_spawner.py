"""Runs where a platform cannot fork: the same behaviour, from new interpreters."""

import os
import signal

import psutil
import pytest

from dl_techniques.training import Compute
from tests.training.recipes import mlp, numbers
from tests.training.waiting import ended, rows, until

slow = pytest.mark.slow  # a new interpreter imports for 10 s or more


@pytest.fixture(scope="module")
def spawning(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLT_START", "spawn")
        compute = Compute(tmp_path_factory.mktemp("spawn"), slots=1)
    yield compute
    compute.close()


def test_an_unknown_way_to_start_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("DLT_START", "thread")
    with pytest.raises(ValueError, match="DLT_START"):
        Compute(tmp_path)


@slow
def test_runs_train_stop_and_are_told_how_they_ended(spawning):
    store = spawning.store
    first = spawning.submit(mlp(3))
    assert ended(store, first, 120).status == "finished"
    assert len(numbers(store, first)) == 3
    stopped = spawning.submit(mlp(5000))
    rows(store, stopped, 2)
    spawning.stop(stopped)
    assert ended(store, stopped).reason == "stopped on request"
    killed = spawning.submit(mlp(5000))
    rows(store, killed, 2)
    os.kill(spawning._queue.active()[killed].pid, signal.SIGKILL)
    record = ended(store, killed)
    assert (record.status, "signal 9" in record.reason) == ("failed", True)


@slow
def test_questions_are_answered_and_no_process_is_left(spawning):
    assert spawning.ask("math.hypot", 3.0, 4.0).result(90) == 5.0
    until(lambda: not spawning._queue.active(), 10)
    spawning.close()
    until(lambda: not _spawned(), 30)


def _spawned():
    """Returns our processes that wait for a run or a question."""
    mine = psutil.Process().children(recursive=True)
    return [p for p in mine if p.status() != psutil.STATUS_ZOMBIE]
