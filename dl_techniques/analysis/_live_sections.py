"""The sections of a live snapshot: arrays in, thin records out.

One file: a section is a few lines, and `alerts` reads the names that they all write.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from dl_techniques.analysis._arrays import FloatArray
from dl_techniques.analysis._power_law_fit import PowerLawFit
from dl_techniques.analysis._spectral_run import SpectralOptions, analyze_matrix
from dl_techniques.analysis._weight_matrix import WeightMatrix
from dl_techniques.analysis.activations import activation_statistics
from dl_techniques.analysis.calibration import reliability_diagram
from dl_techniques.analysis.weights import update_ratio, weight_statistics

Array = np.ndarray[Any, Any]
_WEIGHTS = (
    *("mean", "std", "rms", "max_abs", "l2", "zero_fraction", "near_zero_fraction"),
    *("outlier_fraction", "nonfinite_fraction"),
)
_ACTIVATIONS = (
    *("mean", "std", "min", "max", "zero_fraction", "positive_fraction", "sparsity"),
    *("hoyer_sparsity", "nonfinite_fraction", "dead_fraction", "constant_fraction"),
)
_FIT = (
    *("alpha", "reported_alpha", "xmin", "xmax", "D", "K", "z", "sigma"),
    *("num_pl_spikes", "verdict", "quality"),
)
_METRICS = ("stable_rank", "log_norm", "spectral_norm", "alpha_weighted", "entropy")
_VALUES, _FEWEST_ROWS = 65_536, 256  # of one layer
MOST_RECORDS = 48
SPECTRAL = SpectralOptions(mp_fit="trace", min_evals=8, max_evals=1024)


class Held(NamedTuple):
    """The held-out batch of a classifier or regressor.

    `task` is "classification", "regression", "matching" (of images with texts) or ""
    (none can be told); `mixture` has components and targets where outputs are those of
    a mixture head.
    """

    task: str
    labels: Array
    logits: bool
    mixture: tuple[int, int] | None = None


def probabilities(outputs: Array, *, logits: bool) -> Array:
    """Returns class probabilities of a model's outputs."""
    if outputs.shape[-1] == 1 or outputs.ndim == 1:
        p = outputs.reshape(len(outputs)).astype(np.float64)
        return 1 / (1 + np.exp(-np.clip(p, -500, 500))) if logits else p
    if not logits:
        return outputs
    z = outputs.astype(np.float64)
    z = np.exp(z - z.max(-1, keepdims=True))
    return np.asarray(z / z.sum(-1, keepdims=True))


def calibration(held: Held, p: Array, n_bins: int) -> dict[str, Any]:
    """Returns the reliability diagram; a small band is drawn by chance."""
    kind: Literal["binary", "multiclass"]
    kind = "binary" if p.ndim == 1 else "multiclass"
    found = reliability_diagram(held.labels, p, n_bins=n_bins, kind=kind)
    return found.to_dict()


def confidence(held: Held, p: Array) -> dict[str, Any]:
    """Returns counts of confidence over 20 bins, right and wrong, and the confusion."""
    full = np.stack([1 - p, p], -1) if p.ndim == 1 else p
    top = full.max(-1)
    guess = full.argmax(-1)
    right = guess == held.labels
    edges = np.linspace(0, 1, 21)
    return {
        "type": "ConfidenceHistogram",
        "edges": edges,
        "right": np.histogram(top[right], edges)[0],
        "wrong": np.histogram(top[~right], edges)[0],
        "mean_confidence": float(top.mean()) if len(top) else np.nan,
    }


def confusion(held: Held, p: Array) -> dict[str, Any]:
    """Returns the confusion matrix, rows true and columns predicted."""
    guess = (p > 0.5).astype(int) if p.ndim == 1 else p.argmax(-1)
    k = 2 if p.ndim == 1 else p.shape[-1]
    flat = held.labels.astype(int) * k + guess
    matrix = np.bincount(flat, minlength=k * k)[: k * k].reshape(k, k)
    return {"type": "ConfusionMatrix", "matrix": matrix}


def boundary(x: Array, y: Array, p: Array) -> dict[str, Any]:
    """Returns the likeliest class and its probability over a grid of the plane."""
    full = np.stack([1 - p, p], -1) if p.ndim == 1 else p
    shape = (len(y), len(x))
    return {
        "type": "DecisionGrid",
        "x": x,
        "y": y,
        "classes": full.argmax(-1).reshape(shape),
        "top": np.round(full.max(-1), 2).reshape(shape),
    }


def weight_records(
    kernels: Mapping[str, Array], before: Mapping[str, Array]
) -> list[dict[str, Any]]:
    """Returns statistics, histogram and update ratio of each kernel."""
    found = []
    for path, kernel in list(kernels.items())[:MOST_RECORDS]:
        stats = weight_statistics(kernel, n_bins=48, with_spectral_norm=False)
        record: dict[str, Any] = {"type": "WeightStats", "path": path}
        record["shape"] = list(kernel.shape)
        record |= {name: getattr(stats, name) for name in _WEIGHTS}
        record["histogram"] = _histogram(stats.histogram)
        if path in before:
            record["update_ratio"] = float(update_ratio(before[path], kernel))
        found.append(record)
    return found


def activation_records(
    activations: Mapping[str, Array], bounds: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Returns statistics and histogram of each layer's output."""
    found = []
    for name, array in list(activations.items())[:MOST_RECORDS]:
        bound = bounds.get(name)
        stats = activation_statistics(_thinned(array), bound=bound, n_bins=48)
        record = {"type": "ActivationStats", "path": name, "units": array.shape[-1]}
        record |= {key: getattr(stats, key) for key in _ACTIVATIONS}
        if stats.unit_saturated_fraction is not None:
            record["saturated_fraction"] = float(stats.unit_saturated_fraction.mean())
        record["histogram"] = _histogram(stats.histogram)
        found.append(record)
    return found


def _thinned(array: Array) -> Array:
    """Keeps every unit and as many positions of samples as time allows."""
    flat = array.reshape(-1, array.shape[-1])
    step = -(-len(flat) // max(_FEWEST_ROWS, _VALUES // flat.shape[1]))
    return flat[::step] if step > 1 else flat


def _histogram(found: Any) -> dict[str, Any]:
    return {
        "type": "Histogram",
        "edges": found.edges,
        "counts": found.counts,
        "below": found.below,
        "above": found.above,
    }


def spectrum_record(matrix: WeightMatrix) -> dict[str, Any]:
    """Returns power law, verdict, ranks and a histogram of one weight's spectrum."""
    layer = analyze_matrix(matrix, SPECTRAL)
    values = layer.spectrum.values
    record: dict[str, Any] = {
        "type": "LayerSpectrum",
        "path": layer.path,
        "name": layer.name,
        "n_parameters": layer.n_parameters,
        "n_eigenvalues": len(values),
        "fit": {"type": "PowerLawFit"} | _fit(layer.fit),
        "metrics": {"type": "SpectralMetrics"}
        | {name: getattr(layer.metrics, name) for name in _METRICS},
        "histogram": _eigenvalue_histogram(values),
    }
    if layer.mp is not None:
        names = ("bulk_min", "bulk_max", "num_spikes", "mp_softrank")
        bulk = {name: getattr(layer.mp, name) for name in names}
        record["mp"] = {"type": "MPFit"} | bulk
    return record


def _fit(fit: PowerLawFit) -> dict[str, Any]:
    return {name: getattr(fit, name) for name in _FIT}


def _eigenvalue_histogram(values: FloatArray) -> dict[str, Any]:
    positive = values[values > max(values[-1] * 1e-12, 0)] if len(values) else values
    if not len(positive):
        return {"type": "Histogram", "edges": [], "counts": []}
    low, high = positive[0] * (1 - 1e-9), positive[-1] * (1 + 1e-9)
    edges = np.geomspace(low, high, 33)
    return {
        "type": "Histogram",
        "edges": edges,
        "counts": np.histogram(positive, edges)[0],
    }


def alerts(
    activations: Sequence[Mapping[str, Any]],
    weights: Sequence[Mapping[str, Any]],
    spectra: Sequence[Mapping[str, Any]],
) -> list[str]:
    """Says in words what a person should look at."""
    found = []
    for record in activations:
        name = record["path"]
        for key, word in (
            ("dead_fraction", "dead"),
            ("saturated_fraction", "saturated"),
        ):
            share = record.get(key, 0.0)
            if share is not None and share > 0.25:
                found.append(f"{name}: {share:.0%} {word} units")
        if record["nonfinite_fraction"] > 0:
            found.append(f"{name}: outputs that are not finite")
    for record in weights:
        ratio = record.get("update_ratio")
        if record["nonfinite_fraction"] > 0:
            found.append(f"{record['path']}: weights that are not finite")
        elif ratio is not None and ratio > 0.5:
            found.append(f"{record['path']}: moved by {ratio:.0%} since the last look")
    for record in spectra:
        if record["fit"]["quality"] == "over-trained":
            alpha = record["fit"]["reported_alpha"]
            found.append(
                f"{record['path']}: alpha {alpha:.1f} is below 2, over-trained"
            )
    return found[:20]
