"""Runs on the machines of a Ray cluster instead of in processes of this one.

Each run is an actor that lives on when the server ends. What is asked of it goes
through the run store, which its machine must reach: a folder that all machines share,
or an MLflow server. One file: the server's side and the actor that it sends.
"""

import contextlib
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

from dl_techniques.recipes.schema import TrainingSpec
from dl_techniques.tracking import ACTIVE, RunRecord, RunStore
from dl_techniques.training import control, devices, failure

NAMESPACE = "dl_techniques"
ADDRESS = "DLT_RAY_ADDRESS"
_EVERY = 2.0  # seconds between two looks at what became of the runs
_GONE = 10.0  # seconds that the last process of a run gets to end


def from_environment(store: RunStore) -> "Cluster | None":
    """Returns the cluster that `DLT_RAY_ADDRESS` names; None without it."""
    address = os.environ.get(ADDRESS)
    return Cluster(store, address) if address else None


class Cluster:
    """One Ray cluster.

    Args:
        store: Where the runs live.
        address: As in `ray.init`, for example "10.0.0.1:6379".
    """

    def __init__(self, store: RunStore, address: str) -> None:
        self._store, self.address = store, address
        self._opening, self._submitting = threading.Lock(), threading.Lock()
        self._ray: Any = None
        self._calls: dict[str, Any] = {}
        self._looked = 0.0

    def connect(self) -> Any:
        """Returns `ray`, connected; `OSError` says why that failed."""
        with self._opening:
            if self._ray is None:
                self._ray = _connected(self.address)
            return self._ray

    def close(self) -> None:
        """Leaves the cluster; the runs go on."""
        if self._ray is not None:
            self._ray.shutdown()
            self._ray = None

    def check(self, spec: TrainingSpec) -> dict[str, float]:
        """Returns what a run takes; `OSError` or `ValueError` say why it cannot be."""
        cards = self.connect().cluster_resources().get("GPU", 0)
        return resources(spec, cards > 0)

    def submit(self, run_id: str) -> None:
        """Gives a run to the cluster; it waits there until a machine is free."""
        ray, store = self.connect(), self._store
        self._wait_until_gone(run_id)
        spec = store.recipe(run_id).training
        taken = self.check(spec)
        env: dict[str, str] = {"KERAS_BACKEND": spec.backend}
        if spec.device == "cpu":
            env |= devices.visible("cpu")
        for name in ("DLT_TRACKING_URI", "DLT_ARTIFACT_ROOT"):
            if name in os.environ:
                env[name] = os.environ[name]
        options: dict[str, Any] = {
            "name": run_id,
            "namespace": NAMESPACE,
            "lifetime": "detached",
        }
        options |= {**taken, "runtime_env": {"env_vars": env}}
        home = str(store.home) if store.local else None
        with self._submitting:
            actor = ray.remote(RunActor).options(**options).remote()
            store.set_fields(run_id, executor="ray")
            self._calls[run_id] = actor.train.remote(run_id, home)

    def _wait_until_gone(self, run_id: str) -> None:
        """Waits for the last process of a run: a new one gets its name."""
        deadline = time.monotonic() + _GONE
        while self.lives(run_id) and time.monotonic() < deadline:
            time.sleep(0.05)

    def waiting(self) -> tuple[str, ...]:
        """Returns the runs that wait for a machine, the next one first."""
        queued = self._store.list(status="queued", limit=1000)
        return tuple(r.id for r in reversed(queued) if trains(r))

    def lives(self, run_id: str) -> bool:
        """Whether the run's actor waits or trains."""
        try:
            self.connect().get_actor(run_id, NAMESPACE)
        except ValueError:
            return False
        return True

    def end(self, run_id: str) -> None:
        """Ends the run's process at once, if it is there."""
        ray = self.connect()
        with contextlib.suppress(ValueError):
            ray.kill(ray.get_actor(run_id, NAMESPACE))

    def cancel(self, run_id: str) -> bool:
        """Takes back a run that waits; tells whether it still did."""
        record = self._store.get(run_id)
        if not (trains(record) and record.status == "queued"):
            return False
        self.end(run_id)
        return True

    def look(self, deadlines: dict[str, float]) -> None:
        """Ends runs past their deadline and says why a run's process is gone."""
        if time.monotonic() - self._looked < _EVERY:
            return
        self._looked = time.monotonic()
        for status in ACTIVE:
            for record in self._store.list(status=status, limit=1000):
                if trains(record):
                    self._look_at(record.id, deadlines.get(record.id, float("inf")))

    def _look_at(self, run_id: str, deadline: float) -> None:
        with self._submitting:
            why = self._error(run_id)
            if why or time.monotonic() > deadline:
                self.end(run_id)
            if not why and self.lives(run_id):
                return
            record = self._store.get(run_id)
            if not (record.active and trains(record)):
                return  # it ended well meanwhile, or is about to go on
            if not control.stopped_by_force(self._store, run_id):
                reason = why or failure.describe_exit(None)
                self._store.set_status(run_id, "failed", reason)

    def _error(self, run_id: str) -> str:
        """Returns what went wrong with a run that was given to Ray here, if so."""
        ray, call = self.connect(), self._calls.get(run_id)
        if call is None or not ray.wait([call], timeout=0)[0]:
            return ""
        del self._calls[run_id]
        try:
            ray.get(call)
        except ray.exceptions.RayActorError as error:
            return f"{failure.describe_exit(None)}: {_line(error)}"
        except ray.exceptions.RayTaskError as error:
            return failure.describe(error.cause)
        return ""


class RunActor:
    """Trains one run in a process of its own, on a machine of the cluster."""

    def train(self, run_id: str, home: str | None) -> None:
        """Carries the run out and ends this process; `home` where it is shared."""
        from dl_techniques.training import child
        from dl_techniques.training.run import run_recipe

        if home and not (Path(home) / "runs" / run_id).is_dir():
            raise FileNotFoundError(
                f"{socket.gethostname()} does not see {home}: let DLT_HOME be a "
                "folder that all machines share, or DLT_TRACKING_URI an MLflow server"
            )
        store = RunStore(home)
        child.redirect(store.log_path(run_id))
        store.set_status(run_id, "starting")
        run_recipe(run_id, home, store=store)
        import ray

        ray.actor.exit_actor()


def resources(spec: TrainingSpec, has_gpu: bool) -> dict[str, float]:
    """Returns what a run takes: `DLT_RAY_CPUS` cores (2), and a card if it uses one."""
    if spec.device.startswith("gpu") and not has_gpu:
        raise ValueError(
            f"device {spec.device!r} needs a graphics card; the Ray cluster has none"
        )
    cpus = os.environ.get("DLT_RAY_CPUS", "2")
    if not cpus.isdigit() or int(cpus) < 1:
        raise ValueError(f"DLT_RAY_CPUS must be a whole number above 0, not {cpus!r}")
    card = has_gpu and spec.device != "cpu"
    return {"num_cpus": int(cpus), "num_gpus": 1 if card else 0}


def trains(record: RunRecord) -> bool:
    """Whether a run was given to a Ray cluster."""
    return record.fields.get("executor") == "ray"


def _connected(address: str) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise OSError(
            f"{ADDRESS} is set, but Ray is not installed: pip install 'ray[default]'"
        ) from error
    package = Path(__file__).parents[1]
    try:
        _knock(address)
        ray.init(
            address=address,
            namespace=NAMESPACE,
            log_to_driver=False,
            logging_level="error",
            ignore_reinit_error=True,
            runtime_env={
                "py_modules": [str(package)],
                "excludes": ["**/__pycache__"],
            },
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise OSError(f"no Ray cluster answers at {address}: {error}") from error
    return ray


def _knock(address: str) -> None:
    """Raises `OSError` at once where nobody listens; Ray would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "//" not in host:
        socket.create_connection((host, int(port)), timeout=5).close()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:400]
