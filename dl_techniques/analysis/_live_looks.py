"""How each section of a look is made from what was read out."""

from typing import Any

from dl_techniques.analysis import _live_sections as sections_of
from dl_techniques.analysis._live_budget import Budget
from dl_techniques.analysis._live_capture import Capture
from dl_techniques.analysis._live_pictures import KINDS
from dl_techniques.analysis._live_regression import regression
from dl_techniques.analysis._live_task import Task

_MOST_CLASSES = 64
_NO_CLASSES = "images are matched with texts: there are no classes"


class LiveSections:
    """The sections of `LiveAnalysisCallback`, one method each.

    A method gets the arrays of a look, a place to say what was skipped, and whether
    the budget counts; it returns fields of the snapshot.
    """

    x: Any
    n_bins: int
    model: Any
    _y: Any
    _task: Task
    _budget: Budget
    _capture: Capture | None
    _before: dict[str, Any]
    _spectra: dict[str, dict[str, Any]]
    _turn: int

    def _held(self) -> sections_of.Held:
        return self._task.held(self.model, self._y)

    def _calibration_section(self, work: Any, skipped: Any, _: bool) -> dict[str, Any]:
        held = self._held()
        if held.task == "matching":
            skipped["calibration"] = _NO_CLASSES
            return {}
        if held.task == "regression":
            return {"regression": regression(held, work["outputs"], self.x)}
        p = sections_of.probabilities(work["outputs"], logits=held.logits)
        return {"calibration": sections_of.calibration(held, p, self.n_bins)}

    def _confidence_section(self, work: Any, skipped: Any, _: bool) -> dict[str, Any]:
        held = self._held()
        if held.task == "matching":
            skipped["confidence"] = _NO_CLASSES
        if held.task != "classification":
            return {}
        p = sections_of.probabilities(work["outputs"], logits=held.logits)
        found = {"confidence": sections_of.confidence(held, p)}
        if p.ndim == 1 or p.shape[-1] <= _MOST_CLASSES:
            found["confusion"] = sections_of.confusion(held, p)
        else:
            skipped["confusion"] = f"{p.shape[-1]} classes are too many for a matrix"
        if "plane" in work:
            x, y, outputs = work["plane"]
            p = sections_of.probabilities(outputs, logits=held.logits)
            found["boundary"] = sections_of.boundary(x, y, p)
        return found

    def _pictures_section(self, work: Any, skipped: Any, _: bool) -> dict[str, Any]:
        scenes = work["scenes"].items()
        return {"pictures": {n: KINDS[n].picture(scene) for n, scene in scenes}}

    def _weights_section(self, work: Any, skipped: Any, _: bool) -> dict[str, Any]:
        kernels = work["kernels"]
        found = sections_of.weight_records(kernels, self._before)
        self._before = kernels
        _say_cut(skipped, "weights", len(found), len(kernels))
        return {"weights": tuple(found)}

    def _activations_section(self, work: Any, skipped: Any, _: bool) -> dict[str, Any]:
        assert self._capture is not None  # noqa: S101  # `_take` made it
        layers = work["activations"]
        found = sections_of.activation_records(layers, self._capture.bounds)
        _say_cut(skipped, "activations", len(found), len(layers))
        return {"activations": tuple(found)}

    def _spectra_section(
        self, work: Any, skipped: dict[str, str], bounded: bool
    ) -> dict[str, Any]:
        """Analyses weights in turn while time lasts; older results are carried on."""
        if "matrices" not in work:
            return {"spectra": None}
        matrices = [
            m for m in work["matrices"] if m.n_values >= 8 and m.n_short <= 1024
        ]
        matrices = matrices[: sections_of.MOST_RECORDS]
        done = 0
        for _ in range(len(matrices)):
            matrix = matrices[self._turn % len(matrices)]
            cost = f"spectrum {matrix.path}"
            if bounded and self._budget.why_not(cost):
                self._budget.relax(cost)
                break
            begin = self._budget.clock()
            record = sections_of.spectrum_record(matrix)
            self._budget.note(cost, self._budget.clock() - begin)
            self._spectra[matrix.path] = record | {"epoch": work["epoch"]}
            self._turn += 1
            done += 1
        if done < len(matrices):
            skipped["spectra"] = f"{done} of {len(matrices)} weights were due in time"
        order = [m.path for m in matrices if m.path in self._spectra]
        return {"spectra": tuple(self._spectra[p] for p in order)}


def _say_cut(skipped: dict[str, str], name: str, shown: int, total: int) -> None:
    if shown < total:
        skipped[name] = f"first {shown} of {total}"
