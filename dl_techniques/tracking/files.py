"""Where a run's files lie, and the connection to MLflow, opened at first use."""

import os
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

from dl_techniques.tracking import client as mlflow_client
from dl_techniques.tracking.pending import Pending
from dl_techniques.utils.home import home_path
from dl_techniques.utils.validation import check


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

    def fetch(self, run_id: str) -> Path:
        """Brings the files of a run from a remote store."""
        self.run_dir(run_id).mkdir(parents=True, exist_ok=True)
        folder = self.artifact_dir(run_id)
        if not self.local:
            self._open().download_artifacts(run_id, "", str(folder))
        return folder

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
