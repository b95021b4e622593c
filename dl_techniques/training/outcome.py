"""What is kept of a finished run: model, predictions, representation, analysis."""

import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dl_techniques import recipes
from dl_techniques.analysis._output_kind import answer_of, last_layer
from dl_techniques.analysis.analysis_config import AnalysisConfig
from dl_techniques.analysis.capture import capture_activations
from dl_techniques.analysis.run_outputs import sample_keys
from dl_techniques.datasets import Dataset
from dl_techniques.recipes.schema import Recipe
from dl_techniques.training.analyze import analyze_data
from dl_techniques.training.devices import label, machine
from dl_techniques.utils.files import write_atomic

MAX_PREDICTIONS = 10_000
MAX_TARGETS = 2_000_000
MAX_PAIRS = 512
MAX_REPRESENTATION = 512
MAX_FEATURES = 4096
MAX_LAYERS = 16
MAX_UNITS = 256  # of a layer that is not the last
MAX_ANALYSED = 1000
ANALYSIS_SECONDS = 20.0
_LOGITS = "logits:"  # of pairs: a comparison with all samples, no layer's view of one
_PACKAGES = ("dl_techniques", "keras", "tensorflow", "jax", "torch", "numpy")


def keep_recipe(folder: Path, recipe: Recipe) -> None:
    """Writes recipe.yaml and environment.json."""
    write_atomic(folder / "recipe.yaml", recipes.dumps(recipe))
    text = json.dumps(environment(recipe.training.device), indent=1)
    write_atomic(folder / "environment.json", text)


def environment(device: str = "auto") -> dict[str, Any]:
    """Returns versions and machine."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "backend": keras.backend.backend(),
        "device": label(device),
        "machine": str(machine()),
        "versions": versions,
        "threads": os.environ.get("OMP_NUM_THREADS", ""),
    }


def keep_model(folder: Path, model: Any) -> None:
    """Writes model.keras by way of a temporary file."""
    temporary = folder / "saving.keras"
    model.save(temporary)
    temporary.replace(folder / "model.keras")


def keep_predictions(folder: Path, model: Any, data: Dataset) -> None:
    """Writes predictions.npz: rows, keys, y_true, outputs and, for classes, y_prob.

    Of pairs, y_true are captions and outputs the logits of each image with each.
    """
    if data.kind == "pairs":
        _keep_matching(folder, model, data)
        return
    targets = data.y_test[0].size  # many for a map
    rows = _sample(len(data.x_test), min(MAX_PREDICTIONS, MAX_TARGETS // targets))
    x = data.x_test[rows]
    outputs = np.asarray(answer_of(model, model.predict(x, verbose=0)), np.float32)
    y = data.y_test[rows]
    if data.info.target_shape:
        outputs = outputs.reshape(y.shape)
    arrays = {"rows": rows, "y_true": y, "outputs": outputs}
    arrays["keys"] = sample_keys(x)
    if data.task == "classification" and outputs.ndim == 2:
        arrays["y_prob"] = _probabilities(outputs, model)
    _save(folder / "predictions.npz", arrays)


def _keep_matching(folder: Path, model: Any, data: Dataset) -> None:
    rows = _sample(len(data.x_test), MAX_PAIRS)
    x, y = data.x_test[rows], data.y_test[rows]
    outputs = model.predict(data.inputs(x, y), verbose=0)
    logits = np.asarray(answer_of(model, outputs), np.float32)
    arrays = {"rows": rows, "y_true": y, "outputs": logits, "keys": sample_keys(x)}
    _save(folder / "predictions.npz", arrays)


def keep_representation(folder: Path, model: Any, data: Dataset) -> None:
    """Writes representation.npz: how layers see some held-out samples.

    "features" is what the layer before the head gives; "layers" names up to 16 layers
    whose outputs, positions averaged, are "layer_0", "layer_1", ...
    """
    rows = _sample(len(data.x_test), MAX_REPRESENTATION)
    x, y = data.x_test[rows], data.y_test[rows]
    pairs = data.kind == "pairs"
    found: Any = capture_activations(
        model, data.inputs(x, y), max_samples=len(rows), reduce="mean"
    )
    names = [n for n, v in found.items() if v.ndim > 1 and not n.startswith(_LOGITS)]
    arrays = {"rows": rows, "keys": sample_keys(x), "y_true": y[:, 0] if pairs else y}
    if names:
        last = last_layer(model)
        hidden = [n for n in names if not _is_output(n, last)] or names
        at = np.linspace(0, len(hidden) - 1, min(len(hidden), MAX_LAYERS))
        chosen = [hidden[i] for i in dict.fromkeys(at.round().astype(int).tolist())]
        arrays["layers"] = np.array(chosen)
        for i, name in enumerate(chosen):
            most = MAX_FEATURES if name == hidden[-1] else MAX_UNITS
            arrays[f"layer_{i}"] = _few_units(found[name], most)
        arrays["features"] = arrays[f"layer_{len(chosen) - 1}"]
    _save(folder / "representation.npz", arrays)


def _is_output(name: str, last: Any) -> bool:
    return name.partition("#")[0].rpartition("/")[2] == last.name


def _few_units(features: np.ndarray, most: int) -> np.ndarray:
    features = np.asarray(features, np.float32)
    features = features.reshape(len(features), -1)
    return features[:, _sample(features.shape[1], most)]


def keep_analysis(
    folder: Path,
    model: Any,
    data: Dataset,
    recipe: Recipe,
    history: dict[str, list[float]] | None = None,
) -> None:
    """Writes the full analysis into the folder "analysis"."""
    report = analyze_data(
        {recipe.name: model},
        data,
        config=AnalysisConfig(max_samples=MAX_ANALYSED, time_budget=ANALYSIS_SECONDS),
        histories={recipe.name: history} if history else None,
    )
    report.save(folder / "analysis")


def _probabilities(outputs: np.ndarray, model: Any) -> np.ndarray:
    from dl_techniques.recipes.build import gives_logits

    logits = gives_logits(model)
    if outputs.shape[-1] == 1:
        p = 1 / (1 + np.exp(-outputs.astype(np.float64))) if logits else outputs
        return np.concatenate([1 - p, p], axis=-1).astype(np.float32)
    if not logits:
        return outputs
    shifted = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), np.float32)


def _sample(count: int, limit: int) -> np.ndarray:
    if count <= limit:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, limit, replace=False))


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    temporary = path.with_name(f".{path.name}")
    with temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # the stub's flag
    temporary.replace(path)
