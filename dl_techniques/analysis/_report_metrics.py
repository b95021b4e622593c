"""The numbers of a report by which models are put in order."""

import math
from typing import Any

DIRECTIONS: dict[str, str] = {
    "accuracy": "max",
    "top_5": "max",
    "balanced_accuracy": "max",
    "macro_f1": "max",
    "nll": "min",
    "brier": "min",
    "ece": "min",
    "adaptive_ece": "min",
    "mce": "min",
    "overconfidence": "",
    "mean_confidence": "",
    "confidence_auroc": "max",
    "temperature": "",
    "r2": "max",
    "rmse": "min",
    "mae": "min",
    "quantile_error": "min",
    "parameters": "min",
    "trainable": "min",
    "macs": "min",
    "ms_single": "min",
    "ms_batch": "min",
    "file_bytes": "min",
    "epochs": "min",
    "seconds": "min",
    "alpha": "",
    "alpha_weighted": "",
    "stable_rank": "",
    "dead_fraction": "min",
    "effective_rank": "max",
    "probe_accuracy": "max",
    "nc1": "min",
    "best_epoch": "min",
    "overfitting_index": "min",
    "stability": "min",
}

_PERFORMANCE = (
    *("accuracy", "top_5", "balanced_accuracy", "macro_f1", "nll"),
    *("r2", "rmse", "mae"),
)
_CALIBRATION = (
    *("ece", "adaptive_ece", "mce", "brier", "overconfidence", "mean_confidence"),
)
_COST = (
    *("parameters", "trainable", "macs", "ms_single", "ms_batch"),
    *("file_bytes", "epochs", "seconds"),
)


def metric_values(report: Any, model: str) -> dict[str, float]:
    """Returns the numbers of one model; those that are not defined are left out."""
    found: dict[str, Any] = {}
    performance = report.performance.get(model)
    if performance is not None:
        found |= {n: getattr(performance, n) for n in _PERFORMANCE}
        found |= {f"evaluate/{k}": v for k, v in performance.evaluated.items()}
        if performance.quantiles is not None:
            found["quantile_error"] = performance.quantiles.error
    calibration = report.calibration.get(model)
    if calibration is not None:
        found |= {n: getattr(calibration.diagram, n) for n in _CALIBRATION}
    found |= _confidence(report, model)
    cost = report.cost.get(model)
    if cost is not None:
        found |= {n: getattr(cost, n) for n in _COST}
    found |= _inside(report, model)
    return {k: float(v) for k, v in found.items() if v is not None and math.isfinite(v)}


def _confidence(report: Any, model: str) -> dict[str, Any]:
    found = {}
    stats = report.confidence.get(model)
    if stats is not None and stats.correct is not None:
        from dl_techniques.analysis._selection import confidence_auroc

        found["confidence_auroc"] = confidence_auroc(
            stats.max_probability, stats.correct
        )
    temperature = report.temperature.get(model)
    if temperature is not None:
        found["temperature"] = temperature.fit.temperature
    return found


def _inside(report: Any, model: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    spectra = report.spectra.get(model)
    if spectra is not None:
        summary = spectra.summary()
        names = ("alpha", "alpha_weighted", "stable_rank")
        found |= {n: summary.get(n) for n in names}
    activations = report.activations.get(model)
    if activations is not None and len(activations):
        shares = [layer.stats.dead_fraction for layer in activations]
        shares = [s for s in shares if math.isfinite(s)]
        found["dead_fraction"] = sum(shares) / len(shares) if shares else None
    flow = report.flow.get(model)
    if flow is not None and flow.layers:
        found["effective_rank"] = flow.effective_rank[-1]
        found["probe_accuracy"] = flow.probe_accuracy[-1]
    separation = report.separation.get(model)
    if separation is not None:
        found["nc1"] = separation.nc1
    dynamics = report.dynamics.get(model)
    if dynamics is not None:
        names = ("best_epoch", "overfitting_index", "stability")
        found |= {n: getattr(dynamics, n) for n in names}
    return found
