"""Where a run's files lie, and the connection to MLflow, opened at first use."""

import os
import socket
import tempfile
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from dl_techniques.tracking import client as mlflow_client
from dl_techniques.tracking.pending import Pending
from dl_techniques.utils.home import home_path
from dl_techniques.utils.validation import check

_CHECKPOINT_EVERY = 60.0  # seconds; a run that moves to another machine loses less


class RunFiles:
    """The files of runs and the connection.

    Args:
        home: Folder of runs and files; default `DLT_HOME` or the user's data folder.
        uri: MLflow tracking URI; default `DLT_TRACKING_URI` or a SQLite file in
            `home`. Artifacts of a database lie in `home` unless `DLT_ARTIFACT_ROOT`
            names another place; an MLflow server decides by itself.
    """

    def __init__(
        self, home: str | os.PathLike[str] | None = None, uri: str | None = None
    ) -> None:
        self.home = home_path(home)
        default = f"sqlite:///{self.home / 'mlflow.db'}"
        self.uri = uri or os.environ.get("DLT_TRACKING_URI") or default
        root = os.environ.get("DLT_ARTIFACT_ROOT")
        served = self.uri.startswith(("http://", "https://", "databricks"))
        self.local = not served and root is None
        self._root = str(self.home / "artifacts") if self.local else root
        self._pending: dict[str, Pending] = {}
        self._beats: dict[str, float] = {}
        self._sent: dict[str, float] = {}
        self._opening = threading.Lock()

    # --- opening

    def warm(self) -> threading.Thread:
        """Opens the store in the background; `.join()` the thread to wait."""
        thread = threading.Thread(target=self._open, name="run-store", daemon=True)
        thread.start()
        return thread

    @cached_property
    def _connection(self) -> tuple[Any, str]:
        return mlflow_client.connect(self.uri, self.home, self._root)

    def _open(self) -> Any:
        with self._opening:
            return self._connection[0]

    def run_dir(self, run_id: str) -> Path:
        """Returns the folder for log, control and checkpoints of a run."""
        check(run_id.isalnum(), "run_id", "letters and digits", run_id)
        return self.home / "runs" / run_id

    def artifact_dir(self, run_id: str) -> Path:
        """Returns the folder of a run's files.

        It is MLflow's own folder, or with a remote store a copy (`fetch`, `publish`).
        """
        if self.local:
            folder = self.home / "artifacts" / self.run_dir(run_id).name / "artifacts"
        else:
            folder = self.run_dir(run_id) / "artifacts"
        if self.run_dir(run_id).exists():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def publish(self, run_id: str) -> None:
        """Sends the files of a run to a remote store; local files are there already."""
        if not self.local:
            self._open().log_artifacts(run_id, str(self.artifact_dir(run_id)))
            if self.log_path(run_id).exists():
                self._open().log_artifact(run_id, str(self.log_path(run_id)))

    @property
    def place(self) -> str:
        """This home among the machines that share a store."""
        return f"{socket.gethostname()}:{self.home}"

    def fetch(self, run_id: str) -> Path:
        """Returns the folder of a run's files, brought from a remote store once."""
        if self.local:
            return self.artifact_dir(run_id)
        self.run_dir(run_id).mkdir(parents=True, exist_ok=True)
        folder, mark = self.artifact_dir(run_id), self.run_dir(run_id) / "fetched"
        ended = str(self._open().get_run(run_id).info.end_time)
        if not (mark.exists() and mark.read_text() == ended):
            self._open().download_artifacts(run_id, "", str(folder))
            mark.write_text(ended)
        return folder

    def send_checkpoint(self, run_id: str, name: str, *, now: bool = False) -> None:
        """Sends a checkpoint to a remote store: one a minute, or `now`."""
        key, path = f"{run_id} {name}", self.run_dir(run_id) / "checkpoint" / name
        due = now or time.time() - self._sent.get(key, 0) > _CHECKPOINT_EVERY
        if due and not self.local and path.exists():
            self._sent[key] = time.time()
            self._open().log_artifact(run_id, str(path), "checkpoint")

    def bring_checkpoint(self, run_id: str, name: str) -> Path | None:
        """Returns a copy of the checkpoint that was sent last; None without one."""
        path = self.run_dir(run_id) / "checkpoint" / f"sent-{name}"
        try:
            if not self.local:
                self._bring(run_id, f"checkpoint/{name}", path)
        except FileNotFoundError:
            return None
        return None if self.local else path

    def _bring(self, run_id: str, name: str, target: Path) -> None:
        """Brings one file; `FileNotFoundError` where the store has none."""
        client = self._open()
        parent = name.rpartition("/")[0]
        if name not in {f.path for f in client.list_artifacts(run_id, parent or None)}:
            raise FileNotFoundError(f"the run store has no {name} of run {run_id}")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            Path(client.download_artifacts(run_id, name, folder)).replace(target)

    def log_text(self, run_id: str, most: int = 4000) -> str:
        """Returns the end of what a run printed."""
        path = self.log_path(run_id)
        if not path.exists():
            path = self.fetch(run_id) / "log.txt"
        return path.read_text(errors="replace")[-most:] if path.exists() else ""

    def log_path(self, run_id: str) -> Path:
        """Returns where a run's output goes."""
        return self.run_dir(run_id) / "log.txt"

    def _journal(self, run_id: str) -> Path:
        return self.run_dir(run_id) / "metrics.jsonl"

    def _snapshots(self, run_id: str) -> Path:
        return self.artifact_dir(run_id) / "snapshots"

    def _heartbeat_of(self, run_id: str) -> float | None:
        try:
            return (self.run_dir(run_id) / "heartbeat").stat().st_mtime
        except FileNotFoundError:
            return None
