"""What is kept of a finished run: model, predictions, representation, analysis."""

import importlib.metadata
import importlib.util
import json
import os
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dl_techniques import recipes
from dl_techniques.datasets import Dataset
from dl_techniques.recipes.schema import Recipe
from dl_techniques.training.devices import label, machine
from dl_techniques.utils.files import write_atomic

MAX_PREDICTIONS = 10_000
MAX_REPRESENTATION = 512
ANALYSIS_SECONDS = 20.0
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
    """Writes predictions.npz: rows, y_true, outputs and, for classes, y_prob."""
    rows = _sample(len(data.x_test), MAX_PREDICTIONS)
    outputs = np.asarray(model.predict(data.x_test[rows], verbose=0), np.float32)
    arrays = {"rows": rows, "y_true": data.y_test[rows], "outputs": outputs}
    if data.task == "classification" and outputs.ndim == 2:
        arrays["y_prob"] = _probabilities(outputs, model)
    _save(folder / "predictions.npz", arrays)


def keep_representation(folder: Path, model: Any, data: Dataset) -> None:
    """Writes representation.npz: what the last layer gets for some samples."""
    try:
        last = model.layers[-1].input
        body = keras.Model(model.inputs, last)
    except (AttributeError, ValueError, IndexError):  # not a graph of layers
        return
    rows = _sample(len(data.x_test), MAX_REPRESENTATION)
    features = np.asarray(body.predict(data.x_test[rows], verbose=0), np.float32)
    features = features.reshape(len(rows), -1)
    arrays = {"rows": rows, "features": features, "y_true": data.y_test[rows]}
    _save(folder / "representation.npz", arrays)


def keep_analysis(folder: Path, model: Any, data: Dataset, recipe: Recipe) -> None:
    """Writes the full analysis into the folder "analysis"."""
    name = "dl_techniques.analysis.model_analyzer"
    if importlib.util.find_spec(name) is None:
        return
    module = importlib.import_module(name)
    analyzer = module.ModelAnalyzer(
        {recipe.name: model}, class_names=data.class_names or None
    )
    report = analyzer.analyze(data.x_test, data.y_test, time_budget=ANALYSIS_SECONDS)
    report.save(folder / "analysis")


def _probabilities(outputs: np.ndarray, model: Any) -> np.ndarray:
    from dl_techniques.recipes.build import gives_logits

    if not gives_logits(model):
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
