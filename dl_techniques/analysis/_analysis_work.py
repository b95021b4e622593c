"""The work of `ModelAnalyzer`: every section for every model, in the time given."""

import time
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from dl_techniques.analysis._agreement import agreement_matrix
from dl_techniques.analysis._fingerprint import model_fingerprint_pca
from dl_techniques.analysis._sections import RUN
from dl_techniques.analysis._similarity import cka_matrix
from dl_techniques.analysis._subject import NotForNumbers, Subject
from dl_techniques.analysis.analysis_config import SECTIONS, AnalysisConfig
from dl_techniques.analysis.comparison import paired_differences

Progress = Callable[[int, int, str], Any]
_BY_MODEL = "between models"


class AnalysisWork:
    """Goes through sections and models, within the time."""

    def __init__(
        self,
        subjects: list[Subject],
        config: AnalysisConfig,
        progress: Progress | None,
        strict: bool,
        what: Sequence[str],
    ) -> None:
        self.subjects, self.config, self.strict = subjects, config, strict
        self.what = [s for s in SECTIONS if s in what]
        self.found: dict[str, Any] = {}
        self.errors: dict[tuple[str, str], str] = {}
        self.skipped: dict[tuple[str, str], str] = {}
        self.seconds: dict[str, float] = {}
        self.late = False
        self._progress, self._done = progress, 0
        self.what += ["cost"] if "performance" in what else []
        self._total = len(self.what) * len(subjects)
        self._begin = time.perf_counter()
        if config.time_budget is not None:
            for subject in subjects:
                subject.end = self._begin + config.time_budget

    def left(self) -> float | None:
        """Returns the seconds left, None without a limit."""
        if self.config.time_budget is None:
            return None
        return self.config.time_budget - (time.perf_counter() - self._begin)

    def run(self) -> None:
        """Fills `found`, `errors` and `skipped`."""
        for section in self.what:
            for subject in self.subjects:
                self._one(section, subject)
        self._try("comparison", _BY_MODEL, self._between)
        self._tell("done")

    def _one(self, section: str, subject: Subject) -> None:
        self._tell(f"{section} of {subject.name}")

        def work() -> None:
            for name, value in RUN[section](subject, self.left()).items():
                if name == "projection_rows":
                    self.found[name] = value
                else:
                    self.found.setdefault(name, {})[subject.name] = value

        self._try(section, subject.name, work)

    def _tell(self, text: str) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total, text)
        self._done += 1

    def _try(self, section: str, model: str, work: Callable[[], None]) -> None:
        left = self.left()
        if left is not None and left <= 0:
            self.late = True
            self.skipped[section, model] = "no time was left"
            return
        begin = time.perf_counter()
        try:
            work()
        except NotForNumbers as reason:
            self.skipped[section, model] = str(reason)
        except Exception as error:
            if self.strict:
                raise
            text = str(error).strip().splitlines() or [""]
            self.errors[section, model] = f"{type(error).__name__}: {text[0]}"[:500]
        spent = time.perf_counter() - begin
        self.seconds[section] = self.seconds.get(section, 0.0) + spent

    # --- several models

    def _between(self) -> None:
        if "representations" in self.what:
            self.found["cka"] = self._cka()
        if len(self.subjects) < 2:
            return
        if "weights" in self.found:
            self.found["fingerprint"] = model_fingerprint_pca({
                name: {w.path: w.stats for w in report.layers}
                for name, report in self.found["weights"].items()
            })  # fmt: skip
        predictions = {
            s.name: s.answers
            for s in self.subjects
            if s.name in self.found.get("performance", {}) and s.classifies
        }
        shapes = {np.shape(a.scores) for a in predictions.values()}
        kinds = {a.kind for a in predictions.values()}
        if len(predictions) < 2:
            return
        if len(shapes) > 1 or kinds == {"multilabel"}:
            self.skipped["comparison", _BY_MODEL] = (
                f"answers of different shapes: {sorted(shapes)}"
            )
            return
        scores = {n: np.asarray(a.scores) for n, a in predictions.items()}
        flat = {
            n: p if p.ndim < 3 else p.reshape(-1, p.shape[-1])
            for n, p in scores.items()
        }
        self.found["agreement"] = agreement_matrix(flat)
        labels = np.asarray(next(iter(predictions.values())).labels).reshape(-1)
        self.found["differences"] = paired_differences(
            labels,
            flat,
            n_bins=self.config.n_bins,
            n_boot=self.config.n_boot,
            seed=self.config.seed,
        )

    def _cka(self) -> dict[tuple[str, str], Any]:
        found = {}
        features: dict[str, dict[str, Any]] = {}
        for subject in self.subjects:
            if subject.name in self.found.get("flow", {}):
                arrays = subject.features[0]
                names = list(arrays)
                most = min(len(names), self.config.max_layers)
                at = np.linspace(0, len(names) - 1, most).round().astype(int)
                features[subject.name] = {names[i]: arrays[names[i]] for i in at}
        for a, b in combinations_with_replacement(features, 2):
            other = None if a == b else features[b]
            unbiased = len(next(iter(features[a].values()), ())) >= 4
            found[a, b] = cka_matrix(
                features[a],
                other,
                max_samples=self.config.cka_samples,
                unbiased=unbiased,
            )
        return found
