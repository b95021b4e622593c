"""Recipe -> a script or notebook that a researcher can take home.

It spells the layers out and needs nothing of the recipe. With the same versions and
device it gives the numbers of the run: same seeds, same order of steps.
"""

from typing import Any

import nbformat

from dl_techniques.recipes import datasets_room
from dl_techniques.recipes.build import (
    jit_setting,
    precision,
    raise_problems,
    stack_gives_logits,
)
from dl_techniques.recipes.builder import StackBuilder
from dl_techniques.recipes.calls import Call, Expression
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.code_text import Raw, Writer
from dl_techniques.recipes.graph import build_graph
from dl_techniques.recipes.objectives import loss_call, metric_calls, optimizer_call
from dl_techniques.recipes.problem import RecipeError
from dl_techniques.recipes.schema import DatasetSpec, Recipe
from dl_techniques.recipes.script_model import ModelWriter
from dl_techniques.recipes.sizing import weightless
from dl_techniques.recipes.zoo import own_loss, zoo_call

_SPEC = DatasetSpec()
_KNOBS = ("train_size", "max_samples", "label_noise", "imbalance", "standardise")


def to_script(recipe: Recipe, info: Info | None = None) -> str:
    """Returns a runnable Python script; its last line of output is JSON.

    Args:
        recipe: The recipe.
        info: The data set's description; looked up where it is not given.

    Raises:
        RecipeError: The recipe cannot be built; `StackError` names the layer.
    """
    title, blocks = _blocks(recipe, info)
    parts = [f'"""{title}"""', blocks[0][1]]
    parts += [f"# {heading}\n{code}" for heading, code in blocks[1:]]
    return "\n\n".join(parts) + "\n"


def to_notebook(recipe: Recipe, info: Info | None = None) -> str:
    """Returns the script as a notebook (JSON), a heading before each cell."""
    title, blocks = _blocks(recipe, info)
    cells = [nbformat.v4.new_markdown_cell(f"# {title}")]
    for heading, code in blocks:
        cells.append(nbformat.v4.new_markdown_cell(f"## {heading}"))
        cells.append(nbformat.v4.new_code_cell(code))
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"  # nbformat's own ids are random
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return str(nbformat.writes(book)) + "\n"


def _blocks(recipe: Recipe, info: Info | None) -> tuple[str, list[tuple[str, str]]]:
    if info is None:
        problems = tuple(datasets_room.problems(recipe.dataset))
        if problems:
            raise RecipeError(problems)
        info = datasets_room.info_of(recipe)
    raise_problems(recipe)
    writer = Writer()
    data = _data(recipe, writer)
    model = _model(recipe, info, writer)
    compiling = _compile(recipe, info, writer)
    fitting = _fit(recipe, info, writer)
    setup = _setup(recipe, writer, math="total_steps" in compiling)
    title = " ".join(recipe.name.replace("\\", " ").replace('"', "'").split())
    return f"{title}: written by dl_techniques from a recipe.", [
        ("Setup", setup),
        ("Data", data),
        ("Model", model),
        ("Loss and optimizer", compiling),
        ("Training", fitting),
    ]


def _setup(recipe: Recipe, writer: Writer, *, math: bool) -> str:
    training = recipe.training
    backend = training.backend
    standard = ["import json"] + (["import math"] if math else [])
    lines = []
    if backend != "tensorflow":
        lines += ["import os", "", f'os.environ["KERAS_BACKEND"] = "{backend}"', ""]
    lines += [*standard, "", "import keras"]
    modules = sorted(writer.imports.items())
    lines += [f"from {m} import {', '.join(sorted(names))}" for m, names in modules]
    if writer.uses_layers:
        lines.append("from keras import layers")
    lines += [
        "",
        f"SEED = {training.seed}",
        f"EPOCHS = {training.epochs}",
        f"BATCH_SIZE = {training.batch_size}",
    ]
    if training.precision != "float32":
        lines += ["", f'keras.config.set_dtype_policy("{training.precision}")']
    return "\n".join(lines)


def _data(recipe: Recipe, writer: Writer) -> str:
    spec = recipe.dataset
    args: dict[str, Any] = {"": spec.name}
    if spec.options:
        args["options"] = spec.options
    for name in _KNOBS:
        if getattr(spec, name) != getattr(_SPEC, name):
            args[name] = getattr(spec, name)
    args["seed"] = spec.seed
    call = Call("dl_techniques.datasets.load_dataset", args)
    return writer.call(call, before="data = ")


def _model(recipe: Recipe, info: Info, writer: Writer) -> str:
    seed = "keras.utils.set_random_seed(SEED)"
    if recipe.model.zoo:
        call = zoo_call(recipe, info)
        return f"{seed}\n{writer.call(call, before='model = ')}"
    with precision(recipe), weightless():
        _, _, steps = build_graph(recipe, info, StackBuilder())
    dtype = ', dtype="int32"' if info.kind == "tokens" else ""
    lines = [
        seed,
        f'x = inputs = keras.Input(data.input_shape, name="input"{dtype})',
        *ModelWriter(writer).lines(steps),
        'model = keras.Model(inputs, x, name="model")',
        "model.summary()",
    ]
    return "\n".join(lines)


def _compile(recipe: Recipe, info: Info, writer: Writer) -> str:
    training, spec = recipe.training, recipe.optimizer
    lines = []
    if spec.schedule or spec.warmup_fraction:
        steps = "math.ceil(len(data.x_train) / BATCH_SIZE)"
        lines.append(f"total_steps = EPOCHS * {steps}")
    if spec.warmup_fraction:
        lines.append(f"warmup_steps = round({spec.warmup_fraction!r} * total_steps)")
    own = own_loss(recipe)
    logits = (own and not recipe.metrics) or stack_gives_logits(recipe, info)
    args: dict[str, Any] = {
        "optimizer": optimizer_call(recipe, 1000),
        "loss": None if own else loss_call(recipe, info, logits),
        "metrics": metric_calls(recipe, info, logits),
        "jit_compile": jit_setting(recipe),
    }
    if isinstance(training.steps_per_execution, int):
        args["steps_per_execution"] = training.steps_per_execution
    lines.append(writer.call(Call("keras.compile", args)))
    return "\n".join(lines).replace("keras.compile(", "model.compile(")


def _fit(recipe: Recipe, info: Info, writer: Writer) -> str:
    held = "inputs" if info.kind == "pairs" else "x"
    feed = writer.name("dl_techniques.training.feed.ShuffledBatches")
    callbacks: list[Any] = [Raw("feed")]
    stop = recipe.training.early_stopping
    if stop:
        args = {
            "monitor": stop.monitor,
            "patience": stop.patience,
            "min_delta": stop.min_delta,
            "restore_best_weights": stop.restore_best,
        }
        callbacks.append(Call("keras.callbacks.EarlyStopping", args))
    args = {
        "": Raw("feed.dataset"),
        "epochs": Expression("EPOCHS", 0),
        "validation_data": Raw(f"(data.{held}_test, data.y_test)"),
        "validation_batch_size": Expression("BATCH_SIZE", 0),
        "callbacks": callbacks,
        "shuffle": False,
        "verbose": 2,
    }
    fit = writer.call(Call("keras.fit", args), before="history = ")
    last = "{name: values[-1] for name, values in history.history.items()}"
    return "\n".join(
        (
            f"feed = {feed}(data.{held}_train, data.y_train, BATCH_SIZE, SEED)",
            fit.replace("keras.fit(", "model.fit("),
            f"print(json.dumps({last}))",
        )
    )
