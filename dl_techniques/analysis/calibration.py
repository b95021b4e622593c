"""How well stated confidence agrees with what comes true; NumPy only.

The measures live in private modules by subject; a third of this one names them.
"""

from dataclasses import dataclass
from typing import Any

from dl_techniques.analysis._arrays import FloatArray, Seed, weighted_mean
from dl_techniques.analysis._binning import BinTable, Strategy, bin_predictions
from dl_techniques.analysis._binning import check_bins as _check_bins
from dl_techniques.analysis._calibration_errors import (
    ClasswiseCalibration,
    adaptive_calibration_error,
    average_calibration_error,
    average_gap,
    bins_of,
    classwise,
    classwise_calibration_error,
    debiased_calibration_error,
    debiased_error,
    expected_calibration_error,
    maximum_calibration_error,
    table_error,
    top_view,
)
from dl_techniques.analysis._predictions import (
    CheckedPredictions,
    Kind,
    Prepared,
    check_predictions,
    prepare,
)
from dl_techniques.analysis._proper_scores import (
    BrierDecomposition,
    brier_decomposition,
    brier_of,
    brier_parts,
    brier_score,
    log_loss_of,
    negative_log_likelihood,
)
from dl_techniques.analysis._resampling import (
    ConsistencyBand,
    bootstrap_interval,
    consistency_band,
)
from dl_techniques.analysis._temperature import (
    TemperatureCurve,
    TemperatureFit,
    apply_temperature,
    fit_temperature,
    logits_from_probabilities,
    temperature_curve,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

__all__ = [
    "BinTable",
    "BrierDecomposition",
    "CalibrationReport",
    "CheckedPredictions",
    "ClasswiseCalibration",
    "ConsistencyBand",
    "ReliabilityDiagram",
    "TemperatureCurve",
    "TemperatureFit",
    "adaptive_calibration_error",
    "apply_temperature",
    "average_calibration_error",
    "bin_predictions",
    "bootstrap_interval",
    "brier_decomposition",
    "brier_score",
    "calibration_report",
    "check_predictions",
    "classwise_calibration_error",
    "consistency_band",
    "debiased_calibration_error",
    "expected_calibration_error",
    "fit_temperature",
    "logits_from_probabilities",
    "maximum_calibration_error",
    "negative_log_likelihood",
    "reliability_diagram",
    "temperature_curve",
]


@dataclass(frozen=True, slots=True)
class ReliabilityDiagram(AnalysisResult):
    """Confidence against accuracy, and the numbers that belong beside the picture.

    Attributes:
        table: The bins.
        ece: Expected calibration error over them.
        mce: Largest gap.
        adaptive_ece: Expected error over bins of equal mass.
        brier: Brier score.
        nll: Negative log-likelihood, in nats.
        accuracy: Share of rows whose likeliest class is the label.
        mean_confidence: Mean probability of the likeliest class.
        overconfidence: mean_confidence - accuracy.
        band_low: (B,) accuracies that chance gives a calibrated model, lower end.
        band_high: (B,) upper end.
        ece_by_chance: (3,) calibration error of a calibrated model: ends and median.
        n: Rows.
        n_clipped: Rows whose label's probability was clipped for `nll`.
    """

    table: BinTable
    ece: float
    mce: float
    adaptive_ece: float
    brier: float
    nll: float
    accuracy: float
    mean_confidence: float
    overconfidence: float
    band_low: FloatArray
    band_high: FloatArray
    ece_by_chance: FloatArray
    n: int
    n_clipped: int

    def to_frame(self) -> Any:
        """Returns the bins with the band."""
        frame = self.table.to_frame()
        return frame.assign(band_low=self.band_low, band_high=self.band_high)


@dataclass(frozen=True, slots=True)
class CalibrationReport(AnalysisResult):
    """Every calibration measure of one set of predictions.

    Attributes:
        kind: "binary", "multiclass" or "multilabel".
        n: Rows used.
        n_invalid: Rows left out.
        diagram: Bins and the usual numbers.
        ece_l2: Root of the mean squared gap.
        average_error: Mean |gap| of the bins that are not empty.
        debiased_error: `ece_l2` less what chance puts into it.
        classwise: Each class against the rest; None for multilabel.
        decomposition: Parts of the Brier score.
    """

    kind: str
    n: int
    n_invalid: int
    diagram: ReliabilityDiagram
    ece_l2: float
    average_error: float
    debiased_error: float
    classwise: ClasswiseCalibration | None
    decomposition: BrierDecomposition

    def to_frame(self) -> Any:
        """Returns the bins with the band."""
        return self.diagram.to_frame()


def reliability_diagram(
    labels: Any,
    scores: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    band: float = 0.9,
    sample_weight: Any = None,
    kind: Kind = "auto",
    seed: Seed = 0,
) -> ReliabilityDiagram:
    """Bins the predictions and puts chance's band around the diagonal.

    Args:
        labels: As for `check_predictions`.
        scores: As for `check_predictions`.
        n_bins: From 1 to 1000.
        strategy: "uniform" or "quantile".
        band: Share of calibrated models inside the band.
        sample_weight: (n,) non-negative.
        kind: As for `check_predictions`.
        seed: Of the draws for the band.

    Source: DeGroot and Fienberg (1983), The Statistician 32; Guo et al. (2017).
    """
    _check_bins(n_bins, strategy)
    found = prepare(labels, scores, kind, sample_weight)
    return _diagram(found, found, n_bins, strategy, band, seed)


def calibration_report(
    labels: Any,
    scores: Any,
    *,
    logits: Any = None,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    band: float = 0.9,
    sample_weight: Any = None,
    kind: Kind = "auto",
    seed: Seed = 0,
) -> CalibrationReport:
    """Computes every measure of this module from one check of the predictions.

    Args:
        labels: As for `check_predictions`.
        scores: As for `check_predictions`; None where `logits` say it all.
        logits: Of the shape of `scores`; the likelihood is then exact.
        n_bins: From 1 to 1000.
        strategy: "uniform" or "quantile".
        band: Share of calibrated models inside the band.
        sample_weight: (n,) non-negative.
        kind: As for `check_predictions`.
        seed: Of the draws for the band.
    """
    _check_bins(n_bins, strategy)
    given = scores is not None or logits is not None
    check(given, "scores", "given unless `logits` are", scores)
    exact = None if logits is None else prepare(labels, logits, "logits", sample_weight)
    found = exact if scores is None else prepare(labels, scores, kind, sample_weight)
    assert found is not None  # noqa: S101  # one of them was given
    diagram = _diagram(found, exact or found, n_bins, strategy, band, seed)
    multilabel = found.kind == "multilabel"
    return CalibrationReport(
        kind=found.kind,
        n=len(found.labels),
        n_invalid=found.n_invalid,
        diagram=diagram,
        ece_l2=table_error(diagram.table, "l2"),
        average_error=average_gap(diagram.table),
        debiased_error=debiased_error(diagram.table),
        classwise=None if multilabel else classwise(found, n_bins, strategy),
        decomposition=brier_parts(found, n_bins, strategy),
        flags=found.flags,
    )


def _diagram(
    found: Prepared,
    exact: Prepared,
    n_bins: int,
    strategy: str,
    band: float,
    seed: Seed,
) -> ReliabilityDiagram:
    table = bins_of(found, n_bins, strategy)
    chance = consistency_band(table, level=band, seed=seed)
    top, right = top_view(found)
    weight = found.sample_weight
    accuracy, confidence = weighted_mean(right, weight), weighted_mean(top, weight)
    nll, n_clipped = log_loss_of(exact)
    return ReliabilityDiagram(
        table=table,
        ece=table_error(table),
        mce=table_error(table, "max"),
        adaptive_ece=table_error(bins_of(found, n_bins, "quantile")),
        brier=brier_of(found),
        nll=nll,
        accuracy=accuracy,
        mean_confidence=confidence,
        overconfidence=confidence - accuracy,
        band_low=chance.low,
        band_high=chance.high,
        ece_by_chance=chance.ece_quantiles,
        n=len(found.labels),
        n_clipped=n_clipped,
        flags=found.flags,
    )
