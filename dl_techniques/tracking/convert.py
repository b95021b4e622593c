"""Between MLflow's runs and our records."""

import json
from typing import Any, get_args

from dl_techniques.tracking.records import RunRecord, Status
from dl_techniques.utils.metric_names import best_mode

PREFIX = "dlt."
WITHIN = "batch/"  # values logged within an epoch
NOTE = "mlflow.note.content"
MLFLOW_STATUS = {
    "queued": "SCHEDULED",
    "starting": "RUNNING",
    "running": "RUNNING",
    "paused": "RUNNING",
    "stopping": "RUNNING",
    "finished": "FINISHED",
    "stopped": "KILLED",
    "failed": "FAILED",
}
_OURS = {"RUNNING": "running", "SCHEDULED": "queued", "FINISHED": "finished"}
_OURS |= {"KILLED": "stopped", "FAILED": "failed"}
_KNOWN = {"status", "reason", "hash", "dataset", "epochs", "pid", "device"}
_KNOWN |= {"created", "started", "ended", "heartbeat", "best", "color", "labels"}


def better(name: str, value: float, than: float | None) -> bool:
    """Whether `value` of metric `name` beats `than`; NaN never does."""
    if value != value:
        return False
    if than is None or than != than:
        return True
    return value > than if rising(name) else value < than


def rising(name: str) -> bool:
    """Whether a metric of this name is better when it is larger."""
    return best_mode(name) == "max"


def record(run: Any, heartbeat: float | None = None) -> RunRecord:
    """Reads one MLflow run; a run that another program made gets what it has."""
    tags: dict[str, str] = dict(run.data.tags)
    ours = {k[len(PREFIX) :]: v for k, v in tags.items() if k.startswith(PREFIX)}
    last = {k: v for k, v in run.data.metrics.items() if not k.startswith(WITHIN)}
    epoch = int(last.pop("epoch", 0))
    status = ours.get("status") or _OURS.get(run.info.status, "failed")
    return RunRecord(
        id=run.info.run_id,
        name=run.info.run_name or run.info.run_id[:8],
        status=status if status in get_args(Status) else "failed",  # type: ignore[arg-type]  # narrowed by the test
        reason=ours.get("reason", ""),
        recipe_hash=ours.get("hash", ""),
        dataset=ours.get("dataset", ""),
        created=_number(ours.get("created")) or (run.info.start_time or 0) / 1000,
        started=_number(ours.get("started")),
        ended=_number(ours.get("ended")),
        heartbeat=heartbeat or _number(ours.get("heartbeat")),
        epoch=epoch,
        epochs=int(ours.get("epochs") or 0),
        pid=int(ours.get("pid") or 0),
        device=ours.get("device", ""),
        last=last,
        best=json.loads(ours.get("best") or "{}"),
        tags=tuple(t for t in ours.get("labels", "").split(",") if t),
        note=tags.get(NOTE, ""),
        color_index=int(ours.get("color") or _from_id(run.info.run_id)),
        fields={k: v for k, v in ours.items() if k not in _KNOWN},
    )


def _number(text: str | None) -> float | None:
    return float(text) if text else None


def _from_id(run_id: str) -> int:
    return int(run_id[:6], 16) if run_id[:6].isalnum() else 0
