"""What a reader sees of a run: immutable records."""

from dataclasses import dataclass, field
from typing import Literal

Status = Literal[
    "queued",
    "starting",
    "running",
    "paused",
    "stopping",
    "finished",
    "stopped",
    "failed",
]
STATUSES: tuple[Status, ...] = (
    "queued",
    "starting",
    "running",
    "paused",
    "stopping",
    "finished",
    "stopped",
    "failed",
)
ENDED: frozenset[str] = frozenset({"finished", "stopped", "failed"})
ACTIVE = tuple(s for s in STATUSES if s not in ENDED)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """The values logged at one step.

    Attributes:
        step: The epoch, counted from 1; in rows whose names begin with "batch/" the
            number of batches since the start.
        time: Seconds since 1970.
        values: Value by metric name; NaN and infinities are kept.
    """

    step: int
    time: float
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run.

    Attributes:
        id: MLflow's run id.
        name: Name of the recipe, unless renamed.
        status: Where the run stands.
        reason: Why it failed or stopped, in words.
        recipe_hash: Equal for equal recipes, whatever their name.
        dataset: Name of the data set.
        created: Seconds since 1970; `started`, `ended` and `heartbeat` alike.
        epoch: Epochs done.
        epochs: Epochs asked for.
        pid: Process that trains it, 0 before the start.
        device: What it trains on.
        last: Newest value of each metric.
        best: Best value of each metric; the largest of an accuracy, the smallest of
            a loss.
        tags: Labels that a person gave.
        note: Free text.
        color_index: Position in the palette, the same for ever.
        fields: Everything else set with `set_fields`.
    """

    id: str
    name: str
    status: Status
    reason: str = ""
    recipe_hash: str = ""
    dataset: str = ""
    created: float = 0.0
    started: float | None = None
    ended: float | None = None
    heartbeat: float | None = None
    epoch: int = 0
    epochs: int = 0
    pid: int = 0
    device: str = ""
    last: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    note: str = ""
    color_index: int = 0
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether the run may still change by itself."""
        return self.status not in ENDED
