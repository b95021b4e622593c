"""What the Inspect page asks of a compute process; imports no streamlit."""

from pathlib import Path
from typing import Any

import numpy as np

from dl_techniques.recipes import DatasetSpec, Recipe, datasets_room


def analyse(folder: str, spec: DatasetSpec, name: str) -> bool:
    """Opens `model.keras` in safe mode and stores what a finished run would.

    Raises:
        ValueError: The file is no safe Keras model, or does not fit the data.
    """
    from dl_techniques.training import outcome
    from dl_techniques.training.analyze import load_model

    place = Path(folder)
    model, data = load_model(place / "model.keras"), datasets_room.load(spec)
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


def pictures(spec: DatasetSpec, rows: list[int]) -> np.ndarray | None:
    """Returns held-out images in 0..1, None when the data are no images."""
    data = datasets_room.load(spec)
    if data.kind != "image":
        return None
    shown = data.x_test[rows] * data.x_scale + data.x_mean
    return np.asarray(np.clip(shown, 0, 1), np.float32)


def feature_maps(
    folder: str, spec: DatasetSpec, row: int, layer: str, most: int = 16
) -> np.ndarray:
    """Returns (h, w, channels) of what a layer gives for one held-out sample."""
    from dl_techniques.analysis._samples import taken
    from dl_techniques.analysis.capture import capture_activations
    from dl_techniques.training.analyze import load_model

    model, data = load_model(Path(folder) / "model.keras"), datasets_room.load(spec)
    one = taken(data.inputs_test, slice(row, row + 1))
    found: Any = capture_activations(model, one, layers=[layer])
    return np.asarray(next(iter(found.values()))[0][..., :most], np.float32)
