import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from dl_techniques.training import Compute, QuestionError
from tests.training.recipes import mlp, numbers
from tests.training.waiting import ended, rows, until

LONG = 5000


def pid_of(compute, run_id):
    return until(lambda: getattr(compute._queue.active().get(run_id), "pid", 0))


def test_a_submitted_run_finishes_in_its_own_session(compute):
    run_id = compute.submit(mlp(3))
    pid = pid_of(compute, run_id)
    assert until(lambda: os.getsid(pid) == pid)
    record = ended(compute.store, run_id)
    assert (record.status, record.epoch, record.pid) == ("finished", 3, pid)
    assert compute.ready
    assert compute.store.log_path(run_id).exists()


def test_pause_step_and_stop_act_within_a_second(compute):
    store = compute.store
    run_id = compute.submit(mlp(LONG))
    rows(store, run_id, 2)
    start = time.monotonic()
    compute.pause(run_id)
    until(lambda: store.get(run_id).status == "paused")
    assert time.monotonic() - start < 1.0
    count = len(numbers(store, run_id))
    compute.step(run_id)
    until(lambda: len(numbers(store, run_id)) == count + 1, 5)
    time.sleep(0.2)
    assert len(numbers(store, run_id)) == count + 1
    compute.resume(run_id)
    rows(store, run_id, count + 3)
    assert until(lambda: store.get(run_id).status == "running", 5)
    pid = pid_of(compute, run_id)
    start = time.monotonic()
    compute.stop(run_id)
    until(lambda: store.get(run_id).status in ("stopping", "stopped"))
    assert time.monotonic() - start < 1.0
    assert ended(store, run_id).reason == "stopped on request"
    until(lambda: not psutil.pid_exists(pid), 10)


def test_a_killed_run_says_so_and_goes_on_from_its_checkpoint(compute):
    store = compute.store
    recipe = mlp(40, steps_per_execution=1)
    run_id = compute.submit(recipe)
    rows(store, run_id, 4)
    os.kill(pid_of(compute, run_id), signal.SIGKILL)
    record = ended(store, run_id, 10)
    assert record.status == "failed"
    assert "signal 9 (SIGKILL)" in record.reason
    compute.resume(run_id)
    assert ended(store, run_id).status == "finished"
    clean = compute.submit(recipe)
    assert ended(store, clean).status == "finished"
    assert numbers(store, run_id) == numbers(store, clean)
    assert list(numbers(store, run_id)) == list(range(1, 41))
    with pytest.raises(ValueError, match="finished"):
        compute.resume(run_id)


def test_runs_wait_for_a_slot_and_can_be_taken_out(compute):
    store = compute.store
    first = compute.submit(mlp(LONG))
    pid_of(compute, first)
    second, third = compute.submit(mlp(2)), compute.submit(mlp(2))
    assert compute.waiting() == (second, third)
    assert store.get(second).status == "queued"
    compute.stop(second)
    assert store.get(second).status == "stopped"
    compute.stop(first)
    assert ended(store, third).status == "finished"
    assert ended(store, first).status == "stopped"
    assert compute.waiting() == ()


@pytest.mark.slow
def test_the_warm_process_may_die_while_a_run_goes_on(compute):
    store = compute.store
    run_id = compute.submit(mlp(40))
    rows(store, run_id)
    os.kill(compute._launcher.pid, signal.SIGKILL)
    assert ended(store, run_id).status == "finished"
    again = compute.submit(mlp(1))
    assert ended(store, again, 90).status == "finished"


def test_questions_are_answered_or_refused_in_words(compute):
    assert compute.ask("math.hypot", 3.0, 4.0).result(60) == 5.0
    with pytest.raises(ZeroDivisionError):
        compute.ask("operator.truediv", 1, 0).result(60)
    with pytest.raises(TimeoutError, match="no answer of sleep"):
        compute.ask("time.sleep", 30, timeout=0.3).result(60)
    with pytest.raises(QuestionError, match="died"):
        compute.ask("os._exit", 1).result(60)
    assert compute.ask("math.sqrt", 9.0).result(60) == 3.0


@pytest.mark.parametrize("rounds", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_starting_and_stopping_leaves_nothing_behind(compute, rounds):
    store = compute.store
    ended(store, compute.submit(mlp(1)))  # loads what a first run loads
    me = psutil.Process()
    before = me.memory_info().rss
    for _ in range(rounds):
        run_id = compute.submit(mlp(LONG))
        rows(store, run_id)
        compute.stop(run_id)
        assert ended(store, run_id).status == "stopped"
    until(lambda: not compute._queue.active(), 10)
    warm = psutil.Process(compute._launcher.pid)
    workers = compute._questions._all

    def left():
        return [p for p in warm.children() if p.pid not in workers]

    until(lambda: len(left()) <= 1, 10)  # one waits for the next run
    zombies = [p for p in me.children() if p.status() == psutil.STATUS_ZOMBIE]
    assert not zombies
    assert me.memory_info().rss - before < 30e6


def test_runs_survive_their_server_and_are_found_dead_or_alive(compute, tmp_path):
    code = """
        import sys, time
        from dl_techniques.training import Compute
        from tests.training.recipes import mlp
        compute = Compute(sys.argv[1], slots=2)
        for epochs in (60, 5000, 1):
            print(compute.submit(mlp(epochs)), flush=True)
        time.sleep(600)
    """
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    survivor, victim, queued = (server.stdout.readline().strip() for _ in range(3))
    other = Compute(tmp_path, slots=2)
    for run_id in (survivor, victim):
        rows(other.store, run_id)
    server.kill()
    server.wait()
    server.stdout.close()
    os.kill(pid_of(other, victim), signal.SIGKILL)
    found = until(lambda: victim in other.reconcile(), 10)
    assert found
    assert other.store.get(victim).status == "failed"
    assert "signal 9" in other.store.get(victim).reason
    assert other.waiting() == (queued,)
    assert ended(other.store, survivor).status == "finished"
    assert other._queue.claim(2) == (queued,)  # a second server gets it, once
    assert Compute(tmp_path, slots=2)._queue.claim(2) == ()


def test_importing_the_client_side_loads_no_backend():
    code = """
        import sys
        import dl_techniques.training as t
        bad = {"mlflow", "keras", "tensorflow", "sklearn"} & set(sys.modules)
        assert not bad, bad
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
