"""How well a model answers and what it costs: the results; NumPy only."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from dl_techniques.analysis._arrays import FloatArray, IntArray
from dl_techniques.analysis._temperature import TemperatureFit
from dl_techniques.analysis._unit_directions import DirectionStats
from dl_techniques.analysis.classification import ClassificationReport
from dl_techniques.analysis.regression_calibration import (
    QuantileCalibration,
    RegressionReport,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.analysis.weights import WeightStats


@dataclass(frozen=True, slots=True)
class ModelCost(AnalysisResult):
    """What a model takes.

    Attributes:
        parameters: All weights.
        trainable: Those that training changes.
        macs: Multiplications with weights for one sample; NaN where a layer has no
            formula.
        macs_missing: Those layers.
        ms_single: Milliseconds for one sample alone, median of 5.
        ms_batch: Milliseconds a sample in batches of 64.
        file_bytes: Size of the saved model; NaN when it cannot be saved.
        epochs: Epochs trained, NaN without a history.
        seconds: Time trained, NaN without one.
    """

    parameters: int
    trainable: int
    macs: float
    macs_missing: tuple[str, ...]
    ms_single: float
    ms_batch: float
    file_bytes: float
    epochs: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Performance(AnalysisResult):
    """How well a model answers on the samples; NaN where a measure does not apply.

    Attributes:
        kind: "multiclass", "binary", "multilabel", "regression" or "mdn".
        n: Samples.
        evaluated: What `model.evaluate` says of a compiled model.
        accuracy, top_5, balanced_accuracy, macro_f1, nll: Of classes (nll also of a
            mixture).
        mae, rmse, r2: Of numbers.
        classification: Class by class; None for numbers.
        regression: Errors; None for classes.
        quantiles: Calibration of a mixture's distribution; None otherwise.
    """

    kind: str
    n: int
    evaluated: dict[str, float]
    accuracy: float
    top_5: float
    balanced_accuracy: float
    macro_f1: float
    nll: float
    mae: float
    rmse: float
    r2: float
    classification: ClassificationReport | None
    regression: RegressionReport | None
    quantiles: QuantileCalibration | None


@dataclass(frozen=True, slots=True)
class HeldOutTemperature(AnalysisResult):
    """A temperature fitted on one half of the samples and judged on the other.

    Attributes:
        fit: On the first half.
        n_fit: Its rows.
        n_test: Rows of the other half.
        nll_before, nll_after: On the other half.
        ece_before, ece_after: On the other half.
    """

    fit: TemperatureFit
    n_fit: int
    n_test: int
    nll_before: float
    nll_after: float
    ece_before: float
    ece_after: float


@dataclass(frozen=True, slots=True)
class LayerWeights(AnalysisResult):
    """One weight.

    Attributes:
        path: Where it is in the model.
        trainable: Whether training changes it.
        stats: Of its values.
        directions: Of its output vectors; None below two axes.
    """

    path: str
    trainable: bool
    stats: WeightStats
    directions: DirectionStats | None


@dataclass(frozen=True, slots=True)
class WeightReport(AnalysisResult):
    """Every weight of a model in order.

    Attributes:
        layers: One record a weight.
    """

    layers: tuple[LayerWeights, ...]

    def to_frame(self) -> Any:
        """Returns a row a weight."""
        import pandas as pd

        names = ("mean", "std", "min", "max", "rms", "l2", "spectral_norm", "skewness",
                 "kurtosis", "zero_fraction", "near_zero_fraction",
                 "outlier_fraction", "nonfinite_fraction")  # fmt: skip
        rows = [
            {"path": w.path, "shape": str(tuple(w.stats.shape)), "size": w.stats.count}
            | {name: getattr(w.stats, name) for name in names}
            for w in self.layers
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True)
class Predictions(AnalysisResult):
    """What a model said about every sample that was looked at.

    Attributes:
        kind: As in `Performance`.
        scores: (n, K) probabilities, (n,) of class 1, or (n, d) numbers.
        labels: (n,) classes, or targets of the shape of `scores`.
        rows: (n,) places of the samples in the data given.
    """

    kind: str
    scores: FloatArray
    labels: NDArray[Any]
    rows: IntArray
