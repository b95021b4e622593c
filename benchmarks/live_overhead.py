"""Wall time of a run with live analysis against a plain `model.fit`, side by side."""

import statistics
import sys
import tempfile
import time
from typing import Any

import numpy as np

from dl_techniques.datasets import load_dataset
from dl_techniques.recipes import Recipe, build_model, compile_model
from dl_techniques.tracking import RunStore

REPEATS = 3
MLP = {
    "name": "digits MLP",
    "dataset": {"name": "digits"},
    "model": {
        "stack": [
            {"layer": "Flatten"},
            {"layer": "Dense", "args": {"units": 64, "activation": "relu"}},
            {"layer": "Dense", "args": {"units": 64, "activation": "relu"}},
        ]
    },
    "training": {"epochs": 20, "batch_size": 32},
}
CONVNET = {
    "name": "shapes ConvNet",
    "dataset": {"name": "shapes", "options": {"n": 6250}},
    "model": {
        "stack": [
            {
                "layer": "Conv2D",
                "args": {"filters": 16, "kernel_size": 3, "activation": "relu"},
            },
            {"layer": "MaxPooling2D"},
            {
                "layer": "Conv2D",
                "args": {"filters": 32, "kernel_size": 3, "activation": "relu"},
            },
            {"layer": "MaxPooling2D"},
        ]
    },
    "training": {"epochs": 5, "batch_size": 32},
}


def plain(recipe: Recipe) -> tuple[float, Any]:
    """Times Keras' own fit of the same model and batch size."""
    import keras

    spec = recipe.dataset
    data = load_dataset(spec.name, options=spec.options, seed=spec.seed)
    keras.utils.set_random_seed(recipe.training.seed)
    model = build_model(recipe, data)
    steps = -(-len(data.x_train) // recipe.training.batch_size)
    compile_model(model, recipe, data, steps * recipe.training.epochs)
    begin = time.perf_counter()
    model.fit(
        data.x_train,
        data.y_train,
        epochs=recipe.training.epochs,
        batch_size=recipe.training.batch_size,
        validation_data=(data.x_test, data.y_test),
        verbose=0,
    )
    return time.perf_counter() - begin, model


def run(recipe: Recipe, home: str, *, live: bool) -> tuple[float, list[Any]]:
    """Times the training of a whole run; returns its final weights too."""
    import keras

    from dl_techniques.training import train_here

    analysis = recipe.analysis.model_copy(update={"enabled": live})
    recipe = recipe.model_copy(update={"analysis": analysis})
    marks: list[float] = []
    begin = time.perf_counter()
    record = train_here(
        recipe, home=home, progress=lambda *_: marks.append(time.perf_counter())
    )
    if record.status != "finished":
        sys.exit(f"the run {record.status}: {record.reason}")
    path = RunStore(home).artifact_dir(record.id) / "model.keras"
    weights = keras.saving.load_model(path).get_weights()
    return marks[-1] - begin, weights


def main() -> None:
    """Prints a table: seconds, ratio, and whether weights agree bit by bit."""
    head = "plain fit   with live  ratio  bound  same"
    print(f"{'model':16}  {head}")
    for data, bound in ((MLP, 1.0), (CONVNET, 1.1)):
        recipe = Recipe.model_validate(data)
        fits, lives, same = [], [], True
        with tempfile.TemporaryDirectory() as home:
            run(recipe, home, live=True)
            for _ in range(REPEATS):
                fits.append(plain(recipe)[0])
                seconds, watched = run(recipe, home, live=True)
                lives.append(seconds)
            _, alone = run(recipe, home, live=False)
            same = all(
                np.array_equal(a, b) for a, b in zip(watched, alone, strict=True)
            )
        a, b = statistics.median(fits), statistics.median(lives)
        row = f"{recipe.name:16} {a:10.2f} {b:10.2f} {b / a:6.2f} {bound:6.2f}"
        print(f"{row}  {'yes' if same else 'NO'}")


if __name__ == "__main__":
    main()
