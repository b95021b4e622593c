"""Recipe -> Keras model, built and compiled."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from dl_techniques.recipes.builder import StackBuilder
from dl_techniques.recipes.calls import Call
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.graph import build_graph
from dl_techniques.recipes.objectives import (
    loss_call,
    metric_calls,
    optimizer_call,
)
from dl_techniques.recipes.problem import StackError
from dl_techniques.recipes.schema import LayerSpec, Recipe
from dl_techniques.recipes.sizing import SizeGuard, weightless
from dl_techniques.recipes.stack import walk
from dl_techniques.recipes.stack_check import node_problems, too_large
from dl_techniques.recipes.zoo import guard_zoo, make_zoo, own_loss


def build_model(recipe: Recipe, info: Info, *, steps: int | None = None) -> Any:
    """Returns the recipe's model; the seed is set right before it is built.

    Args:
        recipe: The recipe.
        info: Description of the data set.
        steps: Training steps of the whole run; given, the model is compiled too.

    Raises:
        StackError: A layer does not fit; the problem names its path.
    """
    raise_problems(recipe)
    with precision(recipe):
        guard_zoo(recipe, info)
    guard_size(recipe, info)
    keras.utils.set_random_seed(recipe.training.seed)
    with precision(recipe):
        model = model_of(recipe, info)
    if steps is not None:
        compile_model(model, recipe, info, steps)
    return model


def compile_model(model: Any, recipe: Recipe, info: Info, total_steps: int) -> None:
    """Compiles with the recipe's loss, optimizer, schedule and metrics."""
    training = recipe.training
    per_execution = training.steps_per_execution
    logits = gives_logits(model)
    metrics = metric_calls(recipe, info, logits)
    model.compile(
        optimizer=optimizer_call(recipe, total_steps).make(),
        loss=None if own_loss(recipe) else loss_call(recipe, info, logits).make(),
        metrics=[m.make() if isinstance(m, Call) else m for m in metrics],
        jit_compile=jit_setting(recipe),
        steps_per_execution=1 if per_execution == "auto" else per_execution,
    )


def model_of(recipe: Recipe, info: Info) -> Any:
    """Builds without checking or seeding first."""
    if recipe.model.zoo:
        return make_zoo(recipe, info)
    inputs, outputs, _ = build_graph(recipe, info, StackBuilder())
    return keras.Model(inputs, outputs, name="model")


def raise_problems(recipe: Recipe) -> None:
    """Raises what can be told without building: names, arguments, size."""
    stack = recipe.model.stack
    problems = tuple(too_large(stack)) or tuple(node_problems(stack))
    if problems:
        raise StackError(problems)


def guard_size(recipe: Recipe, info: Info) -> None:
    """Raises `StackError` for a stack whose weights would not fit into memory.

    Only stacks with large numbers in them are built a first time without weights.
    """
    nodes = [n for _, n in walk(recipe.model.stack) if isinstance(n, LayerSpec)]
    sizes = (v for n in nodes for v in n.args.values() if isinstance(v, int))
    if max(sizes, default=0) < 1024 and math.prod(info.input_shape) < 2**15:
        return
    with precision(recipe), weightless():
        try:
            build_graph(recipe, info, StackBuilder(SizeGuard()))
        except StackError as error:
            if "weights" in str(error):
                raise
        except Exception:  # noqa: S110, BLE001  # told better by the real build
            pass


@contextmanager
def precision(recipe: Recipe) -> Iterator[None]:
    """Makes layers with the recipe's dtype policy; the old one comes back after."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(recipe.training.precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def jit_setting(recipe: Recipe) -> bool | str:
    """Returns `jit_compile`: XLA on a CPU costs small models more than it saves."""
    jit = recipe.training.jit
    if jit != "auto":
        return jit == "on"
    if keras.backend.backend() != "tensorflow":
        return "auto"
    return "auto" if keras.distribution.list_devices("gpu") else False


def gives_logits(model: Any) -> bool:
    """Tells whether the model's last layer leaves its outputs as logits."""
    last = model.layers[-1] if model.layers else None
    name = getattr(getattr(last, "activation", None), "__name__", "linear")
    return name not in ("softmax", "sigmoid") and type(last).__name__ != "Softmax"


def stack_gives_logits(recipe: Recipe, info: Info) -> bool:
    """Tells the same of the model that the recipe would give."""
    if not recipe.model.zoo and recipe.model.head == "auto":
        return True
    with precision(recipe), weightless():
        return gives_logits(model_of(recipe, info))


def total_steps(recipe: Recipe, n_train: int) -> int:
    """Returns the number of training steps of the run."""
    training = recipe.training
    return training.epochs * max(1, math.ceil(n_train / training.batch_size))
