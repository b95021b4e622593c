"""Opening MLflow's store; the one place that imports mlflow."""

import contextlib
import logging
import os
import sqlite3
import threading
import warnings
from pathlib import Path
from typing import Any

from dl_techniques.utils.files import locked

EXPERIMENT = "dl_techniques"
_importing = threading.Lock()  # mlflow's modules import each other in circles


def preload() -> None:
    """Imports what `connect` needs and opens nothing, so that a fork is safe.

    Warnings that mlflow causes in its own dependencies are kept from the user.
    """
    _settings()
    with _importing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.store.tracking.sqlalchemy_store
        import mlflow.tracking  # noqa: F401  # imported for its effect
    for name in ("mlflow", "alembic"):  # after the import, which sets them
        logging.getLogger(name).setLevel(logging.WARNING)


def connect(uri: str, home: Path, artifacts: str | None) -> tuple[Any, str]:
    """Returns MLflow's client on `uri` and the id of our experiment.

    Creating and migrating the tables happens under a lock in `home`, so that several
    processes may open a fresh store at once. SQLite gets the write-ahead log.
    """
    preload()
    from mlflow.tracking import MlflowClient

    with locked(home / "store.lock"):
        if uri.startswith("sqlite:///"):
            _write_ahead(Path(uri.removeprefix("sqlite:///")))
        client = MlflowClient(tracking_uri=uri)
        experiment = client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            number = client.create_experiment(EXPERIMENT, artifact_location=artifacts)
            return client, str(number)
    return client, str(experiment.experiment_id)


def erase(client: Any, run_id: str) -> None:
    """Removes a run for good where the store is a database, else marks it deleted."""
    client.delete_run(run_id)
    store = getattr(getattr(client, "_tracking_client", None), "store", None)
    hard = getattr(store, "_hard_delete_run", None)
    if hard is not None:
        hard(run_id)


def _settings() -> None:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ASYNC_LOGGING", "false")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def _write_ahead(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
