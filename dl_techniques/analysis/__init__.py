"""What a model looks like from inside: arrays in, frozen results out.

Names load their module when they are first used, so that the pure ones need neither
Keras nor SciPy.
"""

import importlib
from typing import Any

_HOMES: dict[str, tuple[str, ...]] = {
    "results": ("AnalysisResult",),
    "calibration": (
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
    ),
    "confidence": (
        "AccuracyCoverage",
        "AgreementMatrix",
        "ConfidenceStats",
        "McNemar",
        "accuracy_coverage_curve",
        "agreement_matrix",
        "confidence_auroc",
        "confidence_statistics",
        "distribution_distances",
        "mcnemar",
        "threshold_table",
    ),
    "weights": (
        "DirectionStats",
        "FingerprintPCA",
        "Histogram",
        "TernaryStats",
        "WeightStats",
        "direction_statistics",
        "model_fingerprint_pca",
        "ternary_statistics",
        "update_ratio",
        "weight_statistics",
    ),
    "activations": (
        "ActivationStats",
        "EffectiveDimension",
        "StreamingStats",
        "activation_statistics",
        "effective_dimension",
        "effective_rank",
        "participation_ratio",
        "pca_dimension",
        "twonn_dimension",
    ),
    "activation_report": ("ActivationReport", "CaptureReport", "LayerActivations"),
    "capture": (
        "ActivationDistributionAnalyzer",
        "CapturedActivations",
        "capture_activations",
        "gradient_flow",
    ),
    "gradients": ("GradientFlow",),
    "analysis_config": ("AnalysisConfig",),
    "performance": (
        "HeldOutTemperature",
        "LayerWeights",
        "ModelCost",
        "Performance",
        "Predictions",
        "WeightReport",
    ),
    "comparison": ("PairedDifference", "paired_differences", "paired_errors"),
    "run_outputs": (
        "RunComparison",
        "RunOutputs",
        "common_rows",
        "compare_runs",
        "layer_similarity",
        "sample_keys",
    ),
    "report": ("AnalysisReport",),
    "model_analyzer": ("ModelAnalyzer",),
    "pareto": ("ParetoFront", "pareto_front", "pareto_mask"),
    "classification": (
        "ClassificationReport",
        "DecisionGrid",
        "classification_report",
        "confusion_matrix",
        "decision_grid",
        "grid_points",
    ),
    "dynamics": ("TrainingDynamics", "smooth", "training_dynamics"),
    "regression_calibration": (
        "QuantileCalibration",
        "RegressionReport",
        "crps_gaussian",
        "crps_mixture",
        "crps_samples",
        "gaussian_nll",
        "interval_coverage",
        "mixture_nll",
        "pit_values",
        "quantile_calibration",
        "regression_report",
        "sharpness",
    ),
    "representations": (
        "CKAMatrix",
        "ClassSeparation",
        "InformationFlow",
        "PCAProjection",
        "cka_matrix",
        "class_separation",
        "information_flow",
        "linear_cka",
        "linear_probe_accuracy",
        "pca_projection",
        "procrustes_distance",
        "rsa",
    ),
    "matrices": (
        "WeightMatrix",
        "kernel_stack",
        "kernel_variables",
        "layer_matrices",
        "model_layers",
        "unsupported_variables",
    ),
    "spectra": (
        "ClippedFit",
        "Comparison",
        "CorrelationTraps",
        "DetX",
        "LayerSpectrum",
        "MPFit",
        "PowerLawFit",
        "RandomizedSpectrum",
        "SmoothedLayer",
        "SmoothingReport",
        "SpectralAnalyzer",
        "SpectralMetrics",
        "SpectralOptions",
        "SpectralReport",
        "Spectrum",
        "VectorLocalization",
        "WeightMatrix",
        "WeightWatcher",
        "analyze_matrices",
        "clip_fingers",
        "compare_distributions",
        "correlation_traps",
        "detx_tail",
        "eigenvalues",
        "fit_marchenko_pastur",
        "fit_power_law",
        "randomized_spectrum",
        "smooth_matrix",
        "smooth_model",
        "spectral_metrics",
        "vector_localization",
    ),
    "callbacks": (
        "JsonlSink",
        "LiveAnalysisCallback",
        "LiveSnapshot",
        "read_snapshots",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["flags", *_HOME]  # noqa: PLE0604, RUF100  # the names are in _HOMES


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        if name == "flags":
            return importlib.import_module(f"{__name__}.flags")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
