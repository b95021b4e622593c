"""What the Inspect page asks of a compute process; imports no streamlit."""

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from dl_techniques.datasets import Dataset, load_dataset
from dl_techniques.recipes import DatasetSpec, Recipe

_ROOMS = ("layers", "losses", "metrics", "models", "regularizers", "initializers")


def analyse(folder: str, spec: DatasetSpec, name: str) -> bool:
    """Opens `model.keras` in safe mode and stores what a finished run would.

    Raises:
        ValueError: The file is no safe Keras model, or does not fit the data.
    """
    from dl_techniques.training import outcome

    place = Path(folder)
    model, data = open_model(folder), _data(spec)
    expected = (None, *data.input_shape)
    shape = tuple(getattr(model, "input_shape", ()) or ())
    if len(shape) != len(expected) or any(
        a not in (None, b) for a, b in zip(shape[1:], expected[1:], strict=True)
    ):
        raise ValueError(
            f"the model takes {shape[1:]}, the data have the shape {expected[1:]}"
        )
    outcome.keep_predictions(place, model, data)
    outcome.keep_representation(place, model, data)
    outcome.keep_analysis(place, model, data, Recipe(name=name[:120], dataset=spec))
    return True


def open_model(folder: str) -> Any:
    """Returns the model of a folder, opened in safe mode."""
    import keras

    for room in _ROOMS:
        importlib.import_module(f"dl_techniques.{room}")
    try:
        path = Path(folder) / "model.keras"
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # noqa: BLE001  # a foreign file may raise anything
        line = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise ValueError(f"Keras cannot open it: {line[:300]}") from None


def pictures(spec: DatasetSpec, rows: list[int]) -> np.ndarray | None:
    """Returns held-out images in 0..1, None when the data are no images."""
    data = _data(spec)
    if data.kind != "image":
        return None
    shown = data.x_test[rows] * data.x_scale + data.x_mean
    return np.asarray(np.clip(shown, 0, 1), np.float32)


def feature_maps(
    folder: str, spec: DatasetSpec, row: int, layer: str, most: int = 16
) -> np.ndarray:
    """Returns (h, w, channels) of what a layer gives for one held-out sample."""
    from dl_techniques.analysis.capture import capture_activations

    model, data = open_model(folder), _data(spec)
    found: Any = capture_activations(model, data.x_test[row : row + 1], layers=[layer])
    return np.asarray(next(iter(found.values()))[0][..., :most], np.float32)


def _data(spec: DatasetSpec) -> Dataset:
    return load_dataset(spec.name, **spec.model_dump(exclude={"name"}))
