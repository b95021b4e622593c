"""The run store over MLflow; importing it loads no mlflow."""

from dl_techniques.tracking.history import history_of
from dl_techniques.tracking.records import (
    ACTIVE,
    ENDED,
    STATUSES,
    MetricRow,
    RunRecord,
    Status,
)
from dl_techniques.tracking.store import RunStore
from dl_techniques.utils.home import home_path

__all__ = [
    "ACTIVE",
    "ENDED",
    "STATUSES",
    "MetricRow",
    "RunRecord",
    "RunStore",
    "Status",
    "history_of",
    "home_path",
]
