"""Which figures a result can become."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

Figure = Callable[..., go.Figure]
# Result type -> kinds in order; the first is drawn when none is named.
_DEFAULTS: dict[str, tuple[str, ...]] = {
    "ReliabilityDiagram": ("calibration.reliability",),
    "CalibrationReport": ("calibration.calibration_comparison",),
    "ClasswiseCalibration": ("calibration.classwise_calibration",),
    "BrierDecomposition": ("calibration.brier_decomposition",),
    "TemperatureFit": ("calibration.temperature",),
    "QuantileCalibration": ("calibration.quantile_calibration",),
    "ConfidenceStats": (
        "confidence.confidence_histogram",
        "confidence.entropy",
        "confidence.margin",
        "confidence.confidence_roc",
    ),
    "AccuracyCoverage": ("confidence.accuracy_coverage",),
    "AgreementMatrix": ("confidence.agreement",),
    "LayerSpectrum": ("spectra.esd", "spectra.ccdf"),
    "PowerLawFit": ("spectra.ks",),
    "SpectralReport": (
        "spectra.alpha_by_layer",
        "spectra.spectral_summary",
        "spectra.stable_rank",
        "spectra.spectral_norm",
        "spectra.alpha_histogram",
        "spectra.trap",
    ),
    "SmoothingReport": ("spectra.smoothing",),
    "ActivationReport": (
        "activations.activation_histograms",
        "activations.activation_stats",
    ),
    "ActivationStats": ("activations.dead_units",),
    "WeightStats": ("weights.weight_histograms",),
    "WeightReport": ("weights.weight_histograms",),
    "TernaryStats": ("weights.occupancy",),
    "FingerprintPCA": ("representations.fingerprint",),
    "DirectionStats": ("weights.unit_cosine",),
    "CKAMatrix": ("representations.cka",),
    "PCAProjection": ("representations.pca_scatter",),
    "InformationFlow": ("representations.information_flow",),
    "ClassSeparation": ("representations.class_separation",),
    "GradientFlow": ("representations.gradient_flow",),
    "TrainingDynamics": ("training.dynamics",),
    "History": (
        "training.training_curves",
        "training.learning_rate",
        "training.overfitting",
    ),
    "ParetoFront": ("comparison.pareto",),
    "ClassificationReport": ("comparison.per_class", "comparison.confusion"),
    "DataFrame": ("comparison.comparison_bar", "comparison.ranking_table"),
    "DecisionGrid": ("data.decision_boundary",),
    "LayerGraph": ("architecture.architecture",),
    "DepthMaps": ("pictures.depth_maps",),
    "MixtureCurve": ("pictures.mixture_curve",),
    "PairSimilarity": ("pictures.pair_similarity",),
    "Reconstructions": ("pictures.reconstructions",),
}
_ADDED: dict[str, dict[str, Figure]] = {}


def figure_for(result_type: type | str, kind: str) -> Callable[[Figure], Figure]:
    """Registers the decorated function for a result type, in all managers."""

    def register(function: Figure) -> Figure:
        add(_ADDED, result_type, kind, function)
        return function

    return register


def add(
    table: dict[str, dict[str, Figure]],
    result_type: type | str,
    kind: str,
    function: Figure,
) -> None:
    """Adds a figure of a result type to a table."""
    name = result_type if isinstance(result_type, str) else result_type.__name__
    table.setdefault(name, {})[kind] = function


def known(own: Mapping[str, Mapping[str, Figure]]) -> dict[str, tuple[str, ...]]:
    """Returns the kinds of every result type."""
    names = dict.fromkeys([*_DEFAULTS, *_ADDED, *own])
    return {name: tuple(_kinds(name, own)) for name in names}


def _kinds(
    name: str, own: Mapping[str, Mapping[str, Figure]]
) -> dict[str, Figure | str]:
    defaults = {d.split(".")[1]: d for d in _DEFAULTS.get(name, ())}
    return {**defaults, **_ADDED.get(name, {}), **own.get(name, {})}


def types_of(result: Any) -> tuple[str, ...]:
    """Returns the names under which a result may be registered."""
    if isinstance(result, Mapping) and "type" in result:
        return (str(result["type"]),)
    if isinstance(result, Mapping):
        first = next(iter(result.values()), None)
        if first is None or _is_series(first):
            return ("History",)
        return types_of(first)
    bases = tuple(c.__name__ for c in type(result).__mro__[:-1])
    return (*bases, "History") if hasattr(result, "history") else bases


def several(result: Any) -> bool:
    """Tells whether these are results by model name."""
    if not isinstance(result, Mapping) or "type" in result:
        return False
    return not any(v is None or _is_series(v) for v in result.values())


def _is_series(value: Any) -> bool:
    plain = isinstance(value, Sequence) and not isinstance(value, str)
    return plain or type(value).__name__ == "ndarray"


def find(
    result: Any, kind: str | None, own: Mapping[str, Mapping[str, Figure]]
) -> tuple[str, Figure]:
    """Returns the kind and function that draw a result.

    Raises:
        KeyError: If the kind is not known for it.
        TypeError: If nothing is registered for its type.
    """
    kinds: dict[str, Figure | str] = {}
    for name in types_of(result):
        kinds = {**_kinds(name, own), **kinds}
    if not kinds:
        types = ", ".join(sorted(known(own)))
        raise TypeError(f"expected one of {types}, got {type(result).__name__}")
    chosen = kind or next(iter(kinds))
    if chosen not in kinds:
        raise KeyError(f"no kind {chosen!r}; known: {', '.join(kinds)}")
    found = kinds[chosen]
    if isinstance(found, str):
        room, name = found.split(".")
        module = importlib.import_module(f"dl_techniques.visualization.{room}")
        found = getattr(module, f"{name}_figure")
    return chosen, found
