"""Named models of the catalog in a recipe."""

import inspect
from typing import Any

from dl_techniques import catalog
from dl_techniques.recipes.calls import Call, Expression, call_of, resolve
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.flops import parameters
from dl_techniques.recipes.info import target_map
from dl_techniques.recipes.problem import Problem, RecipeError, StackError
from dl_techniques.recipes.schema import Recipe
from dl_techniques.recipes.sizing import MAX_PARAMETERS, weightless
from dl_techniques.recipes.words import first_line


def own_loss(recipe: Recipe) -> bool:
    """Tells whether the model's own loss is trained, not one of the catalog."""
    entry = catalog.find("model", recipe.model.zoo) if recipe.model.zoo else None
    return entry is not None and entry.own_loss and recipe.loss is None


def zoo_call(recipe: Recipe, info: Info) -> Call:
    """Returns the call of a named model, with what the data set decides filled in."""
    try:
        call = call_of("model", str(recipe.model.zoo), recipe.model.args)
    except ValueError as error:
        raise RecipeError([Problem("model.zoo", str(error))]) from None
    outputs = Expression("data.n_outputs", info.n_outputs)
    filled = {
        "input_shape": Expression("data.input_shape", tuple(info.input_shape)),
        "classes": outputs,
        "num_classes": outputs,
        "output_dimension": outputs,
        "classifier_activation": None,
    }
    if info.kind == "pairs":
        filled |= _of_pairs(info)
    known = parameters_of(resolve(call.target))
    return call.with_args(
        **{k: v for k, v in filled.items() if k in known and k not in call.args}
    )


def _of_pairs(info: Info) -> dict[str, Any]:
    """Returns what images with texts decide of a model."""
    vocabulary = getattr(info, "vocabulary", None)
    return {
        "image_size": Expression("data.input_shape[0]", info.input_shape[0]),
        "channels": Expression("data.input_shape[-1]", info.input_shape[-1]),
        "vocab_size": Expression("data.info.vocabulary", vocabulary),
        "context_length": Expression("data.n_outputs", info.n_outputs),
    }


def parameters_of(function: Any) -> set[str]:
    """Returns the arguments of a class, a function, or a class's own maker."""
    owner = function if inspect.isclass(function) else None
    found = set() if owner else set(inspect.signature(function).parameters)
    owner = owner or getattr(function, "__self__", None)
    return found | set(inspect.signature(owner.__init__).parameters if owner else ())


def make_zoo(recipe: Recipe, info: Info) -> Any:
    """Returns the named model.

    Raises:
        StackError: The model refuses its arguments or the data's shape.
    """
    call = zoo_call(recipe, info)
    try:
        model = call.make()
    # A model's own checks and Keras' raise errors of many classes.
    except Exception as error:
        message = f"{recipe.model.zoo} cannot be built: {first_line(error)}"
        raise StackError([Problem("model.zoo", message)]) from error
    wanted = target_map(info)
    if wanted:
        given = tuple(model.output_shape[1:])
        if given not in (wanted, wanted[:-1] if wanted[-1] == 1 else wanted):
            message = f"must give a map of {wanted}. It gives {given}"
            raise StackError([Problem("model.zoo", message)])
    return model


def guard_zoo(recipe: Recipe, info: Info) -> None:
    """Raises `StackError` for a named model that would not fit into memory."""
    if not recipe.model.zoo:
        return
    call = zoo_call(recipe, info)
    bare = Call(call.target, {k: v for k, v in call.args.items() if k != "weights"})
    with weightless():
        try:
            total = parameters(bare.make())
        except Exception:  # noqa: BLE001  # told better by the real build
            return
    if total > MAX_PARAMETERS:
        message = (
            f"{recipe.model.zoo} has {total:,} weights; at most {MAX_PARAMETERS:,}"
        )
        raise StackError([Problem("model.zoo", f"{message} are built")])
