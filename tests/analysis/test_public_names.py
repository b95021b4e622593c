"""Every public name of the analysis, where it lives, and its arguments' defaults."""

import dataclasses
import importlib
import inspect
import subprocess
import sys

import pytest

import dl_techniques.analysis as analysis
from dl_techniques.analysis import AnalysisResult, flags

NAMES = {
    "results": "AnalysisResult",
    "calibration": """check_predictions bin_predictions expected_calibration_error
        maximum_calibration_error adaptive_calibration_error average_calibration_error
        classwise_calibration_error debiased_calibration_error consistency_band
        bootstrap_interval brier_score brier_decomposition negative_log_likelihood
        reliability_diagram calibration_report fit_temperature logits_from_probabilities
        apply_temperature BinTable CheckedPredictions ClasswiseCalibration
        BrierDecomposition ReliabilityDiagram CalibrationReport TemperatureFit""",
    "confidence": """confidence_statistics ConfidenceStats confidence_auroc
        accuracy_coverage_curve threshold_table agreement_matrix distribution_distances
        mcnemar""",
    "regression_calibration": """pit_values quantile_calibration QuantileCalibration
        interval_coverage sharpness crps_gaussian crps_mixture crps_samples gaussian_nll
        mixture_nll regression_report""",
    "matrices": "layer_matrices WeightMatrix",
    "spectra": """eigenvalues Spectrum fit_power_law PowerLawFit clip_fingers
        compare_distributions spectral_metrics SpectralMetrics fit_marchenko_pastur
        MPFit randomized_spectrum RandomizedSpectrum correlation_traps detx_tail DetX
        smooth_matrix smooth_model SmoothingReport SpectralAnalyzer WeightWatcher
        SpectralReport LayerSpectrum""",
    "weights": """weight_statistics WeightStats direction_statistics ternary_statistics
        model_fingerprint_pca update_ratio""",
    "activations": """activation_statistics ActivationStats StreamingStats
        effective_rank participation_ratio pca_dimension twonn_dimension""",
    "capture": """capture_activations CaptureReport ActivationDistributionAnalyzer
        gradient_flow GradientFlow""",
    "activation_report": "ActivationReport",
    "representations": """linear_cka cka_matrix rsa procrustes_distance pca_projection
        PCAProjection class_separation information_flow InformationFlow""",
    "dynamics": "training_dynamics TrainingDynamics smooth",
    "pareto": "pareto_mask ParetoFront",
    "model_analyzer": "ModelAnalyzer AnalysisConfig AnalysisReport",
    "callbacks": "LiveAnalysisCallback LiveSnapshot JsonlSink read_snapshots",
}
PAIRS = [(home, name) for home, names in NAMES.items() for name in names.split()]

DEFAULTS = {
    "check_predictions": {"kind": "auto", "on_invalid": "drop", "sum_tol": 1e-3},
    "bin_predictions": {"n_bins": 15, "strategy": "uniform", "sample_weight": None},
    "expected_calibration_error": {"n_bins": 15, "strategy": "uniform", "kind": "auto"},
    "classwise_calibration_error": {"n_bins": 15, "strategy": "uniform"},
    "consistency_band": {"level": 0.9, "n_draws": 1000, "seed": 0},
    "bootstrap_interval": {"n_boot": 200, "level": 0.95, "seed": 0},
    "brier_decomposition": {"n_bins": 15, "strategy": "uniform"},
    "negative_log_likelihood": {"kind": "auto", "eps": None},
    "reliability_diagram": {"n_bins": 15, "strategy": "uniform", "band": 0.9},
    "calibration_report": {"logits": None, "n_bins": 15},
    "fit_temperature": {"bounds": (0.05, 20.0), "tol": 1e-8, "max_iter": 100},
    "threshold_table": {"thresholds": None},
    "layer_matrices": {"conv_mode": "slices"},
    "eigenvalues": {"method": "auto", "n_short_max": 8192, "time_budget": None},
    "fit_power_law": {
        **{"xmin": None, "threshold": "auto", "min_tail": 2, "small_n": 20},
        **{"n_bootstrap": 0, "seed": 0},
    },
    "clip_fingers": {"max_fingers": 10, "finger_thresh": 1.0},
    "fit_marchenko_pastur": {"method": "density"},
    "randomized_spectrum": {"n_replicas": None, "seed": 0},
    "smooth_model": {
        **{"method": "detx", "fraction": 0.8, "layers": None, "inplace": False},
    },
    "activation_statistics": {},
    "capture_activations": {
        **{"layers": None, "batch_size": 64, "max_samples": 512},
        **{"max_bytes": 512 * 2**20, "reduce": None, "seed": 0},
    },
    "ActivationDistributionAnalyzer": {
        **{"layer_names": None, "max_samples": 1000, "batch_size": 64, "seed": 0},
    },
    "linear_cka": {"unbiased": False},
    "cka_matrix": {
        **{"acts_b": None, "max_samples": 512, "minibatch": None, "unbiased": True},
    },
    "pca_projection": {"k": 2, "mean": None, "components": None},
    "information_flow": {"labels": None, "inputs": None},
    "gradient_flow": {"loss": None},
    "training_dynamics": {
        **{"metric": "auto", "mode": "auto", "convergence": 0.95, "window": 10},
        **{"final_fraction": 1 / 3},
    },
    "smooth": {"window": 5, "kind": "mean"},
    "ModelAnalyzer": {"config": None, "histories": None, "class_names": None},
    "LiveAnalysisCallback": {
        **{"sink": None, "every": 1, "on": "epoch", "max_samples": 256},
        **{"spectra_every": 5, "budget": 0.05, "budget_seconds": 2.0, "seed": 0},
        **{"keep": 200},
    },
}


@pytest.mark.parametrize(("home", "name"), PAIRS)
def test_name_is_in_its_module_and_at_the_root(home, name):
    module = importlib.import_module(f"dl_techniques.analysis.{home}")
    value = getattr(module, name)
    assert getattr(analysis, name) is value
    assert name in analysis.__all__
    assert name in dir(analysis)
    assert (value.__doc__ or "").strip()


@pytest.mark.parametrize("name", DEFAULTS)
def test_arguments_have_the_promised_defaults(name):
    given = inspect.signature(getattr(analysis, name)).parameters
    for argument, default in DEFAULTS[name].items():
        assert given[argument].default == default, argument


def test_results_are_frozen_and_of_one_kind():
    found = [getattr(analysis, name) for name in analysis.__all__]
    results = [c for c in found if isinstance(c, type) and c is not AnalysisResult]
    results = [c for c in results if issubclass(c, AnalysisResult)]
    assert len(results) > 40
    for result in results:
        assert result.__dataclass_params__.frozen, result
        names = {f.name for f in dataclasses.fields(result)}
        assert {"flags", "schema_version"} <= names
        for method in ("to_dict", "to_json", "from_dict", "to_frame", "save_npz"):
            assert callable(getattr(result, method))


def test_flags_are_constants_of_their_own_name():
    promised = """EMPTY CLASS_ABSENT NONFINITE_DROPPED NOT_NORMALISED TOO_FEW_VALUES
        DEGENERATE_SPECTRUM NOT_POWER_LAW WEAK_POWER_LAW RANK_DEFICIENT
        TRUNCATED_SPECTRUM CONSTANT DEAD_UNITS SATURATED OUT_OF_BUDGET SUBSAMPLED
        UNBOUNDED_TEMPERATURE SHAPE_UNSUPPORTED NO_WEIGHTS"""
    for name in promised.split():
        assert getattr(flags, name) == name


@pytest.mark.parametrize(
    "module",
    [
        "dl_techniques.analysis",
        *(f"dl_techniques.analysis.{h}" for h in ("calibration", "report", "spectra")),
        "dl_techniques.analysis.run_outputs",
    ],
)
def test_pure_modules_load_no_backend(module):
    code = (
        f"import sys, {module}\n"
        "heavy = {'keras', 'tensorflow', 'torch', 'jax', 'sklearn', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_calibration_loads_in_half_a_second_beyond_numpy_and_scipy():
    code = (
        "import numpy, scipy.special, time\n"
        "begin = time.process_time()\n"
        "import dl_techniques.analysis.calibration\n"
        "spent = time.process_time() - begin\n"
        "assert spent < 0.5, spent\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
