"""Analyses one or several trained Keras models on the same samples."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._analysis_work import AnalysisWork, Progress
from dl_techniques.analysis._samples import draw, is_stream
from dl_techniques.analysis._subject import Subject
from dl_techniques.analysis.analysis_config import SECTIONS, AnalysisConfig
from dl_techniques.analysis.pareto import ParetoFront
from dl_techniques.analysis.report import AnalysisReport
from dl_techniques.utils.validation import check

__all__ = ["AnalysisConfig", "AnalysisReport", "ModelAnalyzer"]


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
        work = AnalysisWork(subjects, config, progress, strict, what)
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
