"""Runs in processes of their own: queue, slots, and what became of them.

One class: starting, watching and ending a run share its queue and its deadlines.
"""

import contextlib
import json
import os
import sys
import threading
import time
import traceback
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from dl_techniques.recipes.schema import Recipe
from dl_techniques.tracking import ACTIVE, RunRecord, RunStore
from dl_techniques.training import cluster, control, devices, failure
from dl_techniques.training.launcher import Launcher
from dl_techniques.training.questions import Questions
from dl_techniques.training.run_queue import Claim, RunQueue, end
from dl_techniques.training.spawner import Spawner
from dl_techniques.utils.validation import check_choice

TICK = 0.25
_NOTE_WAIT = 1.0  # seconds that a dead process may wait for the note of its end
_FORCE = 15.0  # seconds after which a run that does not stop is ended
_SILENT = 30.0  # seconds without a heartbeat before a run of nobody counts as dead


class Compute:
    """Trains recipes in processes that outlive the server.

    Any number of servers may use one home: a run is taken by one of them. A run goes
    on when its server ends, and the next server finds it.

    Args:
        home: Folder of the store; default as in `RunStore`.
        store: A store to share.
        slots: How many runs train at once; default `devices.default_slots`.
        workers: How many questions are answered at once.
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        store: RunStore | None = None,
        slots: int | None = None,
        workers: int = 1,
    ) -> None:
        self.store = store or RunStore(home)
        self.slots = slots or devices.default_slots()
        self._queue = RunQueue(self.store.home)
        self._cluster = cluster.from_environment(self.store)
        self._launcher = _launcher(self.store.home)
        self._questions = Questions(self._launcher.worker, workers)
        self._wake = threading.Event()
        self._over = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._dead: dict[str, float] = {}
        self._deadlines: dict[str, float] = {}

    # --- life

    def warm(self) -> None:
        """Starts everything in the background; returns at once."""
        with self._starting:
            if self._thread is None:
                self.store.warm()
                self._thread = threading.Thread(
                    target=self._dispatch, name="dispatcher", daemon=True
                )
                self._thread.start()
                threading.Thread(target=self._heat, daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether a run would start without waiting for imports."""
        return self._launcher.ready

    def close(self) -> None:
        """Ends what belongs to this server; runs go on."""
        self._over.set()
        self._wake.set()
        if self._thread:
            self._thread.join(5)
        self._questions.close()
        self._launcher.close()
        if self._cluster:
            self._cluster.close()

    # --- runs

    def submit(self, recipe: Recipe) -> str:
        """Stores a run of the recipe, queues it and returns its id."""
        self.warm()
        if self._cluster:
            self._cluster.check(recipe.training)  # before there is a run
        run_id = self.store.create(recipe)
        self._send(run_id)
        return run_id

    def _send(self, run_id: str) -> None:
        if self._cluster is None:
            self._queue.add(run_id)
            self._wake.set()
            return
        try:
            self._cluster.submit(run_id)
        except Exception as error:  # noqa: BLE001  # the run must not wait for ever
            with _told():
                self.store.set_status(run_id, "failed", failure.describe(error))

    def pause(self, run_id: str) -> None:
        """Pauses a run that trains."""
        control.request(self.store, run_id, "pause")

    def step(self, run_id: str, count: int = 1) -> None:
        """Lets a paused run train a little and pause again."""
        control.request(self.store, run_id, "step", count=count)

    def set_learning_rate(self, run_id: str, value: float) -> None:
        """Changes the learning rate of a run that trains."""
        control.request(self.store, run_id, "learning_rate", value=value)

    def resume(self, run_id: str) -> None:
        """Lets a paused run go on, or one that stopped or failed from its checkpoint.

        A finished run raises `ValueError`.
        """
        record = self.store.get(run_id)
        if record.active:
            control.request(self.store, run_id, "resume")
            return
        if record.status == "finished":
            raise ValueError(f"run {record.name} is finished: nothing is left to train")
        self.warm()
        self._wait_for_end(run_id)
        control.forget(self.store, run_id)
        self._deadlines.pop(run_id, None)
        (self.store.run_dir(run_id) / "exit.json").unlink(missing_ok=True)
        self.store.set_fields(run_id, executor="")
        self.store.set_status(run_id, "queued")
        self._send(run_id)

    def _wait_for_end(self, run_id: str) -> None:
        """Waits until the last process of a run has freed its slot."""
        deadline = time.monotonic() + 5
        while run_id in self._queue.active() and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self, run_id: str) -> None:
        """Stops a run: one that waits at once, one that trains at the next look."""
        waits = self._queue.remove(run_id)
        if waits or (self._cluster and self._cluster.cancel(run_id)):
            self.store.set_status(run_id, "stopped", "stopped before it began")
            return
        control.request(self.store, run_id, "stop")
        self._deadlines[run_id] = time.monotonic() + _FORCE

    def delete(self, run_id: str) -> None:
        """Deletes a run that does not train."""
        self._queue.remove(run_id)
        if self._cluster:
            self._cluster.cancel(run_id)
        self.store.delete(run_id)

    def waiting(self) -> tuple[str, ...]:
        """Returns the queued runs, the next one first."""
        there = self._cluster.waiting() if self._cluster else ()
        return self._queue.waiting() + there

    @property
    def place(self) -> str:
        """Where runs train, in words."""
        if self._cluster:
            return f"Ray cluster at {self._cluster.address}"
        return f"{devices.machine()} · {self.slots} at a time"

    # --- questions

    def ask(self, function: str, *args: Any, timeout: float = 60.0) -> "Future[Any]":
        """Asks a warm process for `function(*args)`; `function` is a dotted name."""
        self.warm()
        return self._questions.ask(function, *args, timeout=timeout)

    # --- what became of runs

    def reconcile(self) -> tuple[str, ...]:
        """Finds runs whose process is gone, says why, and returns them."""
        known = set(self._queue.active()) | set(self._queue.waiting())
        found = [i for i, c in self._queue.active().items() if self._settle(i, c)]
        for status in ACTIVE:
            records = self.store.list(status=status, limit=1000)
            lost = (r for r in records if r.id not in known)
            found += [r.id for r in lost if self._orphan(r)]
        return tuple(found)

    def _orphan(self, record: RunRecord) -> bool:
        now = time.time()
        there = cluster.trains(record)
        if there and (self._cluster or record.status == "queued"):
            return False  # `Cluster.look` knows
        if record.status == "queued":
            if now - record.created > 5 and self.store.made_here(record):
                self._queue.add(record.id)
            return False
        newest = max(record.heartbeat or 0, record.started or record.created)
        if now - newest < _SILENT:
            return False
        self.store.set_status(record.id, "failed", failure.describe_exit(None))
        return True

    def _settle(self, run_id: str, claim: Claim) -> bool:
        """Looks after one active run; tells whether it turned out dead."""
        if claim.pid == 0:
            if not claim.owner_lives:
                self._queue.give_back(run_id)
            return False
        if claim.lives:
            self._force(run_id, claim)
            self._dead.pop(run_id, None)
            return False
        note = self._note(run_id, claim.pid)
        first = self._dead.setdefault(run_id, time.monotonic())
        if note is None and time.monotonic() - first < _NOTE_WAIT:
            return False
        self._dead.pop(run_id, None)
        self._deadlines.pop(run_id, None)
        self._say_why(run_id, note or {})
        self._queue.settle(run_id)
        return True

    def _say_why(self, run_id: str, note: dict[str, Any]) -> None:
        try:
            record = self.store.get(run_id)
        except KeyError:
            return
        if not record.active or record.status == "queued":
            return
        if control.stopped_by_force(self.store, run_id):
            return
        reason = failure.describe_exit(
            note.get("code"), killed_for_memory=bool(note.get("memory"))
        )
        self.store.set_status(run_id, "failed", reason)

    def _note(self, run_id: str, pid: int) -> dict[str, Any] | None:
        path = self.store.run_dir(run_id) / "exit.json"
        with contextlib.suppress(FileNotFoundError, ValueError):
            note = json.loads(path.read_bytes())
            return dict(note) if note["pid"] == pid else None
        return None

    def _force(self, run_id: str, claim: Claim) -> None:
        deadline = self._deadlines.get(run_id)
        if deadline and time.monotonic() > deadline:
            self._deadlines.pop(run_id)
            end(claim.pid)

    # --- the dispatcher

    def _heat(self) -> None:
        self._launcher.start()
        if self._queue.waiting() or self._queue.active():
            return  # a run that waits already has the processor for itself
        with contextlib.suppress(Exception):
            self._questions.ask("dl_techniques.training.questions.warm_up").result()

    def _dispatch(self) -> None:
        for work in (self._launcher.start, self.reconcile):
            with _told():
                work()
        while not self._over.is_set():
            if self._cluster:
                with _told():
                    self._cluster.look(self._deadlines)
            with _told():
                for run_id, claim in self._queue.active().items():
                    self._settle(run_id, claim)
                for run_id in self._queue.claim(self.slots):
                    self._start(run_id)
            self._wake.wait(TICK)
            self._wake.clear()

    def _start(self, run_id: str) -> None:
        try:
            spec = self.store.recipe(run_id).training
            env = {"KERAS_BACKEND": spec.backend, **devices.visible(spec.device)}
            fresh = spec.backend != "tensorflow"
            self.store.set_status(run_id, "starting")
            pid = self._launcher.run(run_id, env=env, fresh=fresh)
        except Exception as error:  # noqa: BLE001  # the run must not stay in its slot
            with _told():
                self.store.set_status(run_id, "failed", failure.describe(error))
            self._queue.settle(run_id)
            return
        self._expect(run_id, pid)

    def _expect(self, run_id: str, pid: int) -> None:
        """Notes the process in case that it dies before it can do so itself."""
        claim = self._queue.active().get(run_id)
        if claim and claim.pid == 0:
            self._queue.started(run_id, pid)


def _launcher(home: Path) -> Launcher | Spawner:
    """Forks from a warm process where that is safe, else spawns."""
    default = "fork" if sys.platform == "linux" else "spawn"
    wanted = os.environ.get("DLT_START") or default
    check_choice("DLT_START", wanted, ("fork", "spawn"))
    return Launcher(home) if wanted == "fork" else Spawner(home)


@contextlib.contextmanager
def _told() -> Any:
    """Prints an error and goes on: the dispatcher must live."""
    try:
        yield
    except Exception:  # noqa: BLE001  # told, not swallowed
        traceback.print_exc()
