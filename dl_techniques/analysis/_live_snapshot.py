"""What the live callback hands over, and files of it."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dl_techniques.analysis.results import AnalysisResult

DIGITS = 5


@dataclass(frozen=True, slots=True, eq=False)
class LiveSnapshot(AnalysisResult):
    """One look at a model while it trains.

    The sections hold the dictionaries of the analysis' results, thinned: numbers have
    five significant digits and histograms stand for single values.

    Attributes:
        epoch: Epochs done.
        step: Batches done.
        wall_time: Seconds since 1970.
        logs: What training reported.
        calibration: A reliability diagram, or None.
        confidence: Histogram of confidence, right and wrong; or None.
        confusion: Confusion matrix, rows are true classes; or None.
        regression: Targets and predictions of some rows, with errors; or None.
        boundary: Classes over the plane, for inputs of two features; or None.
        pictures: What the model itself makes, by kind; None where it makes none.
        weights: One record a kernel.
        activations: One record a layer.
        spectra: One record a weight matrix, or None when none was due.
        alerts: What a person should look at, in words.
        skipped: Sections left out and why.
        cost_seconds: How long the training waited for this.
    """

    epoch: int
    step: int
    wall_time: float
    logs: dict[str, float]
    calibration: dict[str, Any] | None = None
    confidence: dict[str, Any] | None = None
    confusion: dict[str, Any] | None = None
    regression: dict[str, Any] | None = None
    boundary: dict[str, Any] | None = None
    pictures: dict[str, Any] | None = None
    weights: tuple[dict[str, Any], ...] = ()
    activations: tuple[dict[str, Any], ...] = ()
    spectra: tuple[dict[str, Any], ...] | None = None
    alerts: tuple[str, ...] = ()
    skipped: dict[str, str] | None = None
    cost_seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Returns plain types for strict JSON: rounded, null for what is not finite."""
        found = {k: shortened(v) for k, v in self.field_items()}
        return {"type": "LiveSnapshot", **found, "wall_time": self.wall_time}


def shortened(value: Any) -> Any:
    """Rounds every number inside `value`; NaN and infinities become None."""
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): shortened(v) for k, v in value.items()}
    if hasattr(value, "tolist"):
        return shortened(value.tolist())
    return [shortened(v) for v in value]


class JsonlSink:
    """Appends each snapshot to a file as one line of strict JSON, flushed.

    Args:
        path: The file; its folder is made.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __call__(self, snapshot: LiveSnapshot) -> None:
        """Writes one snapshot."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(snapshot.to_dict(), allow_nan=False, separators=(",", ":"))
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def read_snapshots(path: str | Path, since: int = 0) -> Iterator[dict[str, Any]]:
    """Yields the snapshots of a file from number `since` on.

    A last line that is still being written is left out.
    """
    path = Path(path)
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number < since or not line.endswith("\n"):
                continue
            yield json.loads(line)
