"""The live callback: analyses a model on held-out samples while it trains.

One class: what it reads, waits for and leaves out shares one budget. How a section is
made stands in `_live_looks`.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any, Literal

import keras

from dl_techniques.analysis import _live_sections as sections_of
from dl_techniques.analysis._live_budget import Budget
from dl_techniques.analysis._live_capture import Capture
from dl_techniques.analysis._live_looks import LiveSections
from dl_techniques.analysis._live_pictures import kinds_of, scenes_of
from dl_techniques.analysis._live_snapshot import (
    JsonlSink,
    LiveSnapshot,
    read_snapshots,
)
from dl_techniques.analysis._live_task import held_out
from dl_techniques.analysis.classification import grid_points
from dl_techniques.analysis.matrices import layer_matrices
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

__all__ = ["JsonlSink", "LiveAnalysisCallback", "LiveSnapshot", "read_snapshots"]

SECTIONS = (
    *("calibration", "confidence", "weights", "activations", "spectra", "pictures"),
)
_GRID = 40
_LOGGER = logging.getLogger("dl_techniques")


class LiveAnalysisCallback(LiveSections, keras.callbacks.Callback):
    """Looks at a model every few epochs and hands a `LiveSnapshot` to `sink`.

    A look is one forward pass over a fixed held-out sample, a copy of the weights, and
    pure functions on these arrays. It changes no weight, optimizer, metric or random
    state. What does not fit into the budget is skipped and named in the snapshot. An
    error in a section or in the sink is logged once and never stops training.

    Args:
        x: Held-out inputs, one array, or {"image", "text"}.
        y: Their targets: class numbers, one-hot rows or numbers to predict.
        sink: Called with each snapshot.
        every: Epochs (or batches) between two looks.
        on: "epoch" or "batch".
        max_samples: Samples kept of `x`, drawn once, stratified by class.
        sections: What is computed: "calibration", "confidence", "weights",
            "activations", "spectra", "pictures" (for models that make some).
        spectra_every: Looks between two sets of spectra.
        budget: Largest share of the training time that training may wait.
        budget_seconds: Most seconds of one look.
        seed: Of the sample.
        keep: Snapshots kept in `snapshots`.
        n_bins: Bins of the reliability diagram.
        grace: Seconds granted before the budget counts.
        worker: Where the arrays are analysed; training then waits only for the
            forward pass. A look is left out while the last one is still worked on.
        words: The word of each token, for pictures.
        clock: Returns seconds; for tests.

    Raises:
        ValueError: If an argument is out of range or `x` and `y` differ in length.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        *,
        sink: Callable[[LiveSnapshot], Any] | None = None,
        every: int = 1,
        on: Literal["epoch", "batch"] = "epoch",
        max_samples: int = 256,
        sections: Sequence[str] = (
            "calibration",
            "confidence",
            "weights",
            "activations",
        ),
        spectra_every: int = 5,
        budget: float = 0.05,
        budget_seconds: float = 2.0,
        seed: int = 0,
        keep: int = 200,
        n_bins: int = 10,
        grace: float = 0.0,
        worker: Executor | None = None,
        words: Sequence[str] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__()
        check_int("every", every)
        check_choice("on", on, ("epoch", "batch"))
        check_int("max_samples", max_samples)
        known = set(sections) <= set(SECTIONS)
        check(known, "sections", f"some of {SECTIONS}", sections)
        check_int("spectra_every", spectra_every)
        check_number("budget", budget, 0, low_open=True, high=1)
        check_number("budget_seconds", budget_seconds, 0, low_open=True)
        check_int("keep", keep)
        self.x, self._y, self._task = held_out(x, y, max_samples, seed)
        self.sink, self.every, self.on = sink, every, on
        self.sections = tuple(sections)
        self.spectra_every, self.n_bins = spectra_every, n_bins
        self.snapshots: deque[LiveSnapshot] = deque(maxlen=keep)
        self._budget = Budget(budget, budget_seconds, grace, clock)
        self._worker, self._words = worker, tuple(words)
        self._pending: Future[None] | None = None
        self._capture: Capture | None = None
        self._before: dict[str, Any] = {}
        self._spectra: dict[str, dict[str, Any]] = {}
        self._turn = self._looks = self._epoch = self._step = self._missed = 0
        self._looked_at = -1
        self._told: set[str] = set()
        self._kinds: dict[str, Any] | None = None

    # --- Keras calls

    def on_train_begin(self, logs: Any = None) -> None:
        self._budget.start()
        self._looked_at = -1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._step += 1
        if self.on == "batch" and self._step % self.every == 0:
            self._look(logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        if self.on == "epoch" and self._epoch % self.every == 0:
            self._look(logs or {})

    def on_train_end(self, logs: Any = None) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None
        if self._looked_at < self._epoch and self._worker is not None:
            self._look(logs or {})
            if self._pending is not None:
                self._pending.result()

    # --- a look

    def _look(self, logs: dict[str, Any]) -> None:
        if self._pending is not None and not self._pending.done():
            self._missed += 1
            return
        begin = self._budget.clock()
        self._budget.begin()
        if self._budget.why_not("capture"):
            self._missed += 1
            self._budget.relax("capture")
            return
        work = None
        with self._quiet("capture"):
            work = self._take(dict(logs))
        self._budget.note("capture", self._budget.clock() - begin)
        if work is not None:
            self._looked_at = self._epoch
            if self._worker is None:
                self._analyse(work, begin)
            else:
                waited = self._budget.clock() - begin
                self._pending = self._worker.submit(self._analyse, work, None, waited)
        self._budget.spent += self._budget.clock() - begin

    def _take(self, logs: dict[str, Any]) -> dict[str, Any]:
        """Reads everything that the sections need into arrays of our own."""
        if self._capture is None:
            wanted = "activations" in self.sections
            self._capture = Capture(self.model, with_activations=wanted)
        read = self._capture.run(self.x)
        work: dict[str, Any] = {
            "logs": {k: float(v) for k, v in logs.items()},
            "epoch": self._epoch,
            "step": self._step,
            "time": time.time(),
            "outputs": read.answer,
            "activations": read.activations,
            "scenes": {},
        }
        if "pictures" in self.sections:
            work["scenes"] = self._scenes(read.outputs)
        if "weights" in self.sections:
            work["kernels"] = self._capture.kernels()
        self._looks += 1
        due = (self._looks - 1) % self.spectra_every == 0
        if "spectra" in self.sections and due:
            work["matrices"] = layer_matrices(self.model)
        if self._task.is_plane(self.x) and "confidence" in self.sections:
            x, y, rows = grid_points(self.x, n=_GRID)
            work["plane"] = (x, y, self._capture.run(rows.astype(self.x.dtype)).answer)
        return work

    def _scenes(self, outputs: dict[str, Any]) -> dict[str, Any]:
        if self._kinds is None:
            given = (self.model, self.x, self._y, outputs, self._words)
            self._kinds = kinds_of(*given)
        answer = self._capture.outputs if self._capture else dict
        return scenes_of(self._kinds, self.x, self._y, outputs, answer)

    def _analyse(
        self, work: dict[str, Any], begin: float | None, waited: float = 0.0
    ) -> None:
        """Computes the sections and hands the snapshot over."""
        skipped: dict[str, str] = {}
        if self._missed:
            skipped["looks"] = f"{self._missed} left out for time"
            self._missed = 0
        found: dict[str, Any] = {}
        for name in self.sections:
            if name == "pictures" and not work["scenes"]:
                continue
            self._section(name, work, found, skipped, begin is not None)
        cost = waited if begin is None else self._budget.clock() - begin
        known = sections_of.alerts(
            found.get("activations", ()), found.get("weights", ()),
            found.get("spectra") or (),
        )  # fmt: skip
        snapshot = LiveSnapshot(
            epoch=work["epoch"],
            step=work["step"],
            wall_time=work["time"],
            logs=work["logs"],
            **found,
            alerts=tuple(known),
            skipped=skipped,
            cost_seconds=cost,
        )
        self.snapshots.append(snapshot)
        with self._quiet("sink"):
            if self.sink is not None:
                self.sink(snapshot)

    def _section(
        self,
        name: str,
        work: dict[str, Any],
        found: dict[str, Any],
        skipped: dict[str, str],
        bounded: bool,
    ) -> None:
        why = self._budget.why_not(name) if bounded else ""
        if why:
            skipped[name] = why
            self._budget.relax(name)
            return
        begin = self._budget.clock()
        with self._quiet(name, skipped):
            found.update(getattr(self, f"_{name}_section")(work, skipped, bounded))
        self._budget.note(name, self._budget.clock() - begin)

    @contextmanager
    def _quiet(
        self, what: str, skipped: dict[str, str] | None = None
    ) -> Iterator[None]:
        """Logs an error once and goes on."""
        try:
            yield
        except Exception as error:  # training must go on
            if skipped is not None:
                skipped[what] = f"{type(error).__name__}: {error}"[:200]
            if what not in self._told:
                self._told.add(what)
                _LOGGER.warning("live analysis: %s failed", what, exc_info=True)
