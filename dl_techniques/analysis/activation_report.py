"""What every layer of a model puts out, as a table of results; NumPy only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dl_techniques.analysis._dimensions import EffectiveDimension
from dl_techniques.analysis.activations import ActivationStats
from dl_techniques.analysis.results import AnalysisResult

_COLUMNS = (
    *("mean", "std", "min", "max", "zero_fraction", "sparsity", "positive_fraction"),
    *("hoyer_sparsity", "skewness", "kurtosis", "nonfinite_fraction"),
    *("dead_fraction", "constant_fraction"),
)


@dataclass(frozen=True, slots=True)
class LayerActivations(AnalysisResult):
    """One layer's output.

    Attributes:
        path: The layer, unique in the model; "#1" marks its second call.
        layer_type: Class of the layer.
        shape: Of one sample's output, units last.
        bound: Largest |output| of its activation function, None without one.
        saturated_fraction: Share of values beyond 0.99 of the bound, NaN without one.
        stats: Of all values and of every unit.
        dimension: Of the samples, positions averaged; None where it was not asked for.
    """

    path: str
    layer_type: str
    shape: tuple[int, ...]
    bound: float | None
    saturated_fraction: float
    stats: ActivationStats
    dimension: EffectiveDimension | None


@dataclass(frozen=True, slots=True)
class ActivationReport(AnalysisResult):
    """The layers of a model in the order in which they worked.

    Attributes:
        layers: One record an output of a layer.
        n: Samples.
        skipped: Layer -> why it is missing.
    """

    layers: tuple[LayerActivations, ...]
    n: int
    skipped: dict[str, str]

    def __iter__(self) -> Iterator[LayerActivations]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, path: str) -> LayerActivations:
        for layer in self.layers:
            if layer.path == path:
                return layer
        known = ", ".join(layer.path for layer in self.layers)
        raise KeyError(f"no layer {path!r}; known: {known}")

    def to_frame(self) -> Any:
        """Returns a row a layer."""
        import pandas as pd

        return pd.DataFrame([_row(layer) for layer in self.layers])


CaptureReport = ActivationReport


def _row(layer: LayerActivations) -> dict[str, Any]:
    row: dict[str, Any] = {"layer": layer.path, "type": layer.layer_type}
    row |= {"units": layer.shape[-1] if layer.shape else 1}
    row |= {name: getattr(layer.stats, name) for name in _COLUMNS}
    row["saturated_fraction"] = layer.saturated_fraction
    if layer.dimension is not None:
        for name in ("effective_rank", "participation_ratio", "ceiling"):
            row[name] = getattr(layer.dimension, name)
    row["flags"] = " ".join(layer.stats.flags)
    return row
