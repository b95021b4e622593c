"""Everything an analysis of one or several models found; stored without Keras."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from dl_techniques.analysis import _coding
from dl_techniques.analysis._agreement import AgreementMatrix
from dl_techniques.analysis._arrays import IntArray
from dl_techniques.analysis._class_separation import ClassSeparation
from dl_techniques.analysis._fingerprint import FingerprintPCA
from dl_techniques.analysis._report_metrics import DIRECTIONS, metric_values
from dl_techniques.analysis._similarity import CKAMatrix
from dl_techniques.analysis._spectral_report import SpectralReport
from dl_techniques.analysis.activation_report import ActivationReport
from dl_techniques.analysis.analysis_config import AnalysisConfig
from dl_techniques.analysis.calibration import CalibrationReport
from dl_techniques.analysis.comparison import PairedDifference
from dl_techniques.analysis.confidence import ConfidenceStats
from dl_techniques.analysis.dynamics import TrainingDynamics
from dl_techniques.analysis.pareto import ParetoFront, pareto_front
from dl_techniques.analysis.performance import (
    HeldOutTemperature,
    ModelCost,
    Performance,
    Predictions,
    WeightReport,
)
from dl_techniques.analysis.representations import InformationFlow, PCAProjection
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

REPORT, ARRAYS = "report.json", "arrays.npz"


@dataclass(frozen=True, slots=True)
class AnalysisReport(AnalysisResult):
    """Every section by model; a model that a section could not treat is missing there.

    Attributes:
        models: Names in the order given.
        config: How it was made.
        class_names: Of the classes, if known.
        n: Samples looked at, of `total`.
        rows: (n,) their places.
        predictions, performance, cost, confidence, calibration, temperature, weights,
            spectra, activations, flow, separation, projection, dynamics: By model.
        histories: By model, the values an epoch.
        cka: Similarity of layers, by pair of models, each also with itself.
        agreement: Share of equal answers; None for fewer than two classifiers.
        differences: Every two classifiers on the same rows.
        fingerprint: Models placed by their weights; None for fewer than two.
        errors: (section, model) -> what went wrong.
        skipped: (section, model) -> why it was left out.
        seconds: Section -> time spent.
    """

    models: tuple[str, ...]
    config: AnalysisConfig
    class_names: tuple[str, ...]
    n: int
    total: int
    rows: IntArray
    predictions: dict[str, Predictions] = field(default_factory=dict)
    performance: dict[str, Performance] = field(default_factory=dict)
    cost: dict[str, ModelCost] = field(default_factory=dict)
    confidence: dict[str, ConfidenceStats] = field(default_factory=dict)
    calibration: dict[str, CalibrationReport] = field(default_factory=dict)
    temperature: dict[str, HeldOutTemperature] = field(default_factory=dict)
    weights: dict[str, WeightReport] = field(default_factory=dict)
    spectra: dict[str, SpectralReport] = field(default_factory=dict)
    activations: dict[str, ActivationReport] = field(default_factory=dict)
    flow: dict[str, InformationFlow] = field(default_factory=dict)
    separation: dict[str, ClassSeparation] = field(default_factory=dict)
    projection: dict[str, PCAProjection] = field(default_factory=dict)
    projection_rows: IntArray = field(default_factory=lambda: np.empty(0, np.int64))
    dynamics: dict[str, TrainingDynamics] = field(default_factory=dict)
    histories: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    cka: dict[tuple[str, str], CKAMatrix] = field(default_factory=dict)
    agreement: AgreementMatrix | None = None
    differences: tuple[PairedDifference, ...] = ()
    fingerprint: FingerprintPCA | None = None
    errors: dict[tuple[str, str], str] = field(default_factory=dict)
    skipped: dict[tuple[str, str], str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def metrics(self) -> dict[str, dict[str, float]]:
        """Returns {model: {metric: value}} of every number that ranks models."""
        return {name: metric_values(self, name) for name in self.models}

    def compare(self, metrics: Sequence[str] | None = None) -> Any:
        """Returns a row a model; `frame.attrs["direction"]` says what is better.

        Args:
            metrics: Columns; None takes all that at least one model has.
        """
        import pandas as pd

        values = self.metrics()
        known = [m for m in DIRECTIONS if any(m in v for v in values.values())]
        evaluated = dict.fromkeys(k for v in values.values() for k in v)
        known += [m for m in evaluated if m not in known]
        if metrics is not None:
            unknown = [m for m in metrics if m not in known]
            check(not unknown, "metrics", f"of {known}", unknown)
            known = list(metrics)
        rows = [[values[n].get(m, np.nan) for m in known] for n in self.models]
        frame = pd.DataFrame(rows, index=list(self.models), columns=known, dtype=float)
        frame.index.name = "model"
        frame.attrs["direction"] = {m: DIRECTIONS.get(m, "") for m in known}
        return frame

    def rank(self, metrics: Sequence[str] | None = None) -> Any:
        """Returns each model's place in every metric that has a direction, 1 first."""
        frame = self.compare(metrics)
        ways = {m: w for m, w in frame.attrs["direction"].items() if w}
        places = {m: frame[m].rank(ascending=ways[m] == "min") for m in ways}
        ranked = type(frame)(places, index=frame.index)
        ranked.attrs["direction"] = ways
        return ranked

    def pareto(
        self,
        objectives: Sequence[tuple[str, str]] = (
            ("accuracy", "max"),
            ("parameters", "min"),
        ),
    ) -> ParetoFront:
        """Returns which models no other beats in every objective."""
        return pareto_front(self.metrics(), objectives)

    def tables(self) -> dict[str, Any]:
        """Returns every table by name."""
        found = {"metrics": self.compare().reset_index()}
        for section in ("weights", "spectra", "activations", "flow", "calibration"):
            values: Mapping[str, AnalysisResult] = getattr(self, section)
            for model, result in values.items():
                found[f"{section}-{model}"] = result.to_frame()
        return found

    def save(self, folder: str | Path) -> Path:
        """Writes report.json, arrays.npz and tables as CSV; returns the folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {}
        text = json.dumps(_coding.plain(_coding.stored(self, arrays)), allow_nan=False)
        with (folder / ARRAYS).open("wb") as file:
            np.savez_compressed(file, **arrays)
        (folder / REPORT).write_text(text, encoding="utf-8")
        (folder / "tables").mkdir(exist_ok=True)
        for name, frame in self.tables().items():
            safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
            frame.to_csv(folder / "tables" / f"{safe}.csv", index=False)
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Undoes `save`."""
        folder = Path(folder)
        values = json.loads((folder / REPORT).read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            return cls.from_dict(_coding.restored(values, arrays))
