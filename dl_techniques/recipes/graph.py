"""Recipe -> input and output of its layers: embedding, stack and head."""

from typing import Any

import keras

from dl_techniques import catalog
from dl_techniques.recipes.builder import StackBuilder
from dl_techniques.recipes.calls import Call, Expression
from dl_techniques.recipes.flow import takes_tokens
from dl_techniques.recipes.info import Info, target_map
from dl_techniques.recipes.problem import Problem, StackError
from dl_techniques.recipes.repairs import set_value
from dl_techniques.recipes.schema import Recipe
from dl_techniques.recipes.steps import Step

EMBEDDING_DIM = 32


def build_graph(
    recipe: Recipe, info: Info, builder: StackBuilder
) -> tuple[Any, Any, tuple[Step, ...]]:
    """Builds input, stack and head; returns both ends and what was done."""
    stack = recipe.model.stack
    tokens = info.kind == "tokens"
    inputs = keras.Input(
        info.input_shape, name="input", dtype="int32" if tokens else None
    )
    x, before = inputs, []
    if tokens and not takes_tokens(stack):
        vocabulary = getattr(info, "vocabulary", None)
        if not vocabulary:
            message = "the first layer must be an Embedding: the vocabulary is unknown"
            raise StackError([Problem("model.stack", message)])
        size = Expression("data.info.vocabulary", vocabulary)
        args = {"input_dim": size, "output_dim": EMBEDDING_DIM}
        x, step = _apply(builder, x, "embedding", Call("keras.layers.Embedding", args))
        before.append(step)
    x, steps = builder.nodes(x, stack)
    outputs, head = _head(recipe, info, builder, x)
    return inputs, outputs, (*before, *steps, *head)


def _head(
    recipe: Recipe, info: Info, builder: StackBuilder, x: Any
) -> tuple[Any, tuple[Step, ...]]:
    wanted, alone = target_map(info), recipe.model.head == "none"
    if wanted:
        check_map(tuple(x.shape), wanted, exact=alone)
    if alone:
        return x, ()
    done: list[Step] = []
    if len(x.shape) > 2 and not wanted:
        x, step = _apply(builder, x, "head_pool", _pool(tuple(x.shape), info))
        done.append(step)
    # a dense layer acts on each place of a map alone
    args: dict[str, Any] = {"units": Expression("data.n_outputs", info.n_outputs)}
    if recipe.training.precision != "float32":
        args["dtype"] = "float32"  # logits in half precision lose small differences
    x, step = _apply(builder, x, "head", Call("keras.layers.Dense", args))
    return x, (*done, step)


def check_map(
    shape: tuple[int | None, ...], wanted: tuple[int, ...], *, exact: bool
) -> None:
    """Raises `StackError` unless a stack ends with a place for each target.

    Keras would stretch other shapes without a word.
    """
    fits = shape[1:] == wanted if exact else shape[1:-1] == wanted[:2]
    if not fits:
        size = " x ".join(map(str, wanted if exact else wanted[:2]))
        given = " x ".join(map(str, shape[1:]))
        message = (
            f"must end with a map of {size}, since the data set asks for a number at "
            f"every place; it ends with {given}. Keep height and width (no pooling, "
            "strides of 1, padding same) or bring them back with UpSampling2D"
        )
        fitting = [e.name for e in catalog.entries("model") if "maps" in e.tasks]
        repair = set_value("model", {"zoo": fitting[0]})
        raise StackError([Problem("model.stack", message, repair)])


def _pool(shape: tuple[int | None, ...], info: Info) -> Call:
    """Flattens what is still as large as the input, else averages over positions."""
    untouched = shape[1:] == tuple(info.input_shape)
    if (untouched or len(shape) > 4) and None not in shape[1:]:
        return Call("keras.layers.Flatten")
    return Call(f"keras.layers.GlobalAveragePooling{len(shape) - 2}D")


def _apply(builder: StackBuilder, x: Any, name: str, call: Call) -> tuple[Any, Step]:
    return builder.apply(x, call.make(name=name), call, name, name)
