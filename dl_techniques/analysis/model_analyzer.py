"""Analyses one or several trained Keras models on the same samples."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import keras
import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._agreement import agreement_matrix
from dl_techniques.analysis._fingerprint import model_fingerprint_pca
from dl_techniques.analysis._samples import draw, is_stream
from dl_techniques.analysis._sections import RUN
from dl_techniques.analysis._similarity import cka_matrix
from dl_techniques.analysis._subject import NotForNumbers, Subject
from dl_techniques.analysis.analysis_config import SECTIONS, AnalysisConfig
from dl_techniques.analysis.comparison import paired_differences
from dl_techniques.analysis.pareto import ParetoFront
from dl_techniques.analysis.report import AnalysisReport
from dl_techniques.utils.validation import check

__all__ = ["AnalysisConfig", "AnalysisReport", "ModelAnalyzer"]

Progress = Callable[[int, int, str], Any]
_BY_MODEL = "between models"


class ModelAnalyzer:
    """Looks at models from outside and inside and puts them side by side.

    The models are only read: weights, random state and flags stay as they are.

    Args:
        models: {name: model}, or one model.
        config: Sizes, limits and options.
        histories: {name: History or {metric: values an epoch}}.
        class_names: Of the classes.

    Raises:
        ValueError: If there is no model.
    """

    def __init__(
        self,
        models: Mapping[str, Any] | Any,
        *,
        config: AnalysisConfig | None = None,
        histories: Mapping[str, Any] | None = None,
        class_names: Sequence[str] | None = None,
    ) -> None:
        if isinstance(models, keras.Model):
            models = {models.name: models}
        good = isinstance(models, Mapping) and len(models) > 0
        check(good, "models", "a dictionary of at least one model", models)
        for name, model in models.items():
            is_model = isinstance(model, keras.Model)
            check(is_model, "models", "Keras models", f"{name}: {type(model).__name__}")
        self.models = {str(k): v for k, v in models.items()}
        self.config = config or AnalysisConfig()
        given = histories or {}
        unknown = sorted(set(given) - set(self.models))
        check(not unknown, "histories", f"of {list(self.models)}", unknown)
        self.histories = {str(k): _history(v) for k, v in given.items()}
        self.class_names = tuple(str(c) for c in class_names or ())
        self.report: AnalysisReport | None = None

    def analyze(
        self,
        x: Any,
        y: Any = None,
        *,
        what: Sequence[str] = SECTIONS,
        logits: Any = None,
        seed: int | None = None,
        time_budget: float | None = None,
        progress: Progress | None = None,
        strict: bool = False,
    ) -> AnalysisReport:
        """Returns every section for every model.

        A section that fails is recorded in `report.errors` and the others go on.

        Args:
            x: An array, a nest of arrays, or batches of (x, y): a tf.data data set, a
                `PyDataset`, a loader. At most `config.max_samples` are used, drawn at
                random, classes with their shares.
            y: Class numbers, one-hot rows or targets; None when `x` gives them.
            what: Sections.
            logits: Whether outputs are logits, or (n, K) logits of all rows of `x`
                instead of the models' outputs; by model when a dictionary.
            seed: Instead of the config's.
            time_budget: Instead of the config's, in seconds.
            progress: Called with (done, total, text).
            strict: Whether an error in a section is raised.
        """
        known = set(what) <= set(SECTIONS)
        check(known, "what", f"some of {SECTIONS}", tuple(what))
        changes: dict[str, Any] = {"seed": seed, "time_budget": time_budget}
        config = replace(
            self.config, **{k: v for k, v in changes.items() if v is not None}
        )
        samples = draw(x, y, config.max_samples, config.seed)
        if is_stream(x):
            check(samples.y is not None, "x", "batches of (x, y)", "batches of x")
        subjects = [
            Subject(
                name, model, samples, config, self.histories.get(name),
                logits.get(name) if isinstance(logits, Mapping) else logits,
            )
            for name, model in self.models.items()
        ]  # fmt: skip
        work = _Work(subjects, config, progress, strict, what)
        work.run()
        doubts = [flag.SUBSAMPLED] if len(samples.rows) < samples.total else []
        doubts += [flag.OUT_OF_BUDGET] if work.late else []
        self.report = AnalysisReport(
            models=tuple(self.models),
            config=config,
            class_names=self.class_names,
            n=len(samples.rows),
            total=samples.total,
            rows=samples.rows,
            histories=self.histories,
            errors=work.errors,
            skipped=work.skipped,
            seconds=work.seconds,
            flags=tuple(doubts),
            **work.found,
        )
        return self.report

    # --- kept beside the report for those who look here

    def compare(
        self,
        report: AnalysisReport | None = None,
        metrics: Sequence[str] | None = None,
    ) -> Any:
        """Returns `AnalysisReport.compare` of the given or the last report."""
        return self._of(report).compare(metrics)

    def rank(self, report: AnalysisReport | None = None) -> Any:
        """Returns `AnalysisReport.rank` of the given or the last report."""
        return self._of(report).rank()

    def pareto(
        self,
        report: AnalysisReport | None = None,
        objectives: Sequence[tuple[str, str]] = (
            ("accuracy", "max"),
            ("parameters", "min"),
        ),
    ) -> ParetoFront:
        """Returns `AnalysisReport.pareto` of the given or the last report."""
        return self._of(report).pareto(objectives)

    def _of(self, report: AnalysisReport | None) -> AnalysisReport:
        found = report or self.report
        if found is None:
            raise ValueError("`report` must be given before `analyze` was called.")
        return found


def _history(value: Any) -> dict[str, list[float]]:
    given = getattr(value, "history", value)
    good = isinstance(given, Mapping)
    check(good, "histories", "histories or dictionaries of lists", type(value))
    return {str(k): [float(v) for v in values] for k, values in given.items()}


class _Work:
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
