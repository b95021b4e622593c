"""Checks a recipe against the catalog and the data set, without Keras."""

from collections.abc import Iterator
from typing import Any

from dl_techniques import catalog
from dl_techniques.catalog import EntryKind
from dl_techniques.recipes import datasets_room
from dl_techniques.recipes.components import named_problems
from dl_techniques.recipes.info import Info as Info  # other modules take it from here
from dl_techniques.recipes.info import target_map
from dl_techniques.recipes.objective_check import fit_problems
from dl_techniques.recipes.problem import Problem
from dl_techniques.recipes.repairs import remove, set_value
from dl_techniques.recipes.schema import Component, Recipe
from dl_techniques.recipes.stack_check import stack_problems

CLIPPING = ("clipnorm", "global_clipnorm", "clipvalue")


def check(recipe: Recipe, info: Info | None = None) -> tuple[Problem, ...]:
    """Returns what keeps the recipe from running, in the order of its fields.

    Args:
        recipe: The recipe.
        info: The data set's description; looked up where it is not given.
    """
    found = list(_dataset(recipe)) if info is None else []
    if info is None and not found:
        info = datasets_room.info_of(recipe)
    found += _model(recipe, info)
    found += _components(recipe, info)
    return tuple(found)


def _dataset(recipe: Recipe) -> Iterator[Problem]:
    yield from datasets_room.problems(recipe.dataset)


def _model(recipe: Recipe, info: Info | None) -> Iterator[Problem]:
    model = recipe.model
    if model.zoo is not None:
        if model.stack:
            yield Problem(
                "model.stack",
                "must be empty when `zoo` names a model",
                set_value("model.zoo", None),
            )
        yield from named_problems(
            "model", model.zoo, model.args, "model.zoo", "model.args"
        )
        yield from _taken(model.zoo, info)
        return
    if info and info.kind == "pairs":
        fitting = [e.name for e in catalog.entries("model") if "pairs" in e.accepts]
        yield Problem(
            "model.stack",
            "gets images with texts, and a stack has one input; take a model of the "
            f"gallery: {' or '.join(fitting)}",
            set_value("model", {"zoo": fitting[0]}),
        )
        return
    if model.args:
        yield Problem("model.args", "belong to a zoo model; name one in `model.zoo`")
    yield from stack_problems(model.stack, info.kind if info else None)


def _taken(zoo: str, info: Info | None) -> Iterator[Problem]:
    entry = catalog.find("model", zoo)
    reason = model_refusal(entry, info) if entry and info else None
    if reason:
        yield Problem("model.zoo", reason, set_value("model.zoo", None))


def model_refusal(entry: catalog.Entry, info: Info) -> str | None:
    """Returns why a named model does not fit the data, None where it does."""
    if not {info.kind, "any"} & set(entry.accepts):
        wanted = " or ".join(entry.accepts)
        return f"{entry.name} takes {wanted} data; the data set's kind is {info.kind}"
    maps = "maps" in entry.tasks
    if target_map(info) and not maps:
        return (
            f"{entry.name} gives one answer an image; the data set asks for a number "
            "at every place"
        )
    if maps and not target_map(info):
        return (
            f"{entry.name} gives a number at every place of an image; the data set "
            "has no such targets"
        )
    return None


def _components(recipe: Recipe, info: Info | None) -> Iterator[Problem]:
    if recipe.loss:
        yield from _objective("loss", recipe.loss, recipe, info, "loss")
    for i, metric in enumerate(recipe.metrics):
        yield from _objective("metric", metric, recipe, info, f"metrics.{i}")
    optimizer = recipe.optimizer
    places = "optimizer.name", "optimizer.args"
    yield from named_problems("optimizer", optimizer.name, optimizer.args, *places)
    yield from _clipping(optimizer.args)
    if optimizer.schedule:
        schedule = optimizer.schedule
        places = "optimizer.schedule.name", "optimizer.schedule.args"
        yield from named_problems("schedule", schedule.name, schedule.args, *places)
        yield from _pieces(schedule)


def _clipping(args: dict[str, Any]) -> Iterator[Problem]:
    given = [n for n in CLIPPING if args.get(n) is not None]
    for name in given[1:]:
        where = f"optimizer.args.{name}"
        message = f"gradients are clipped by {given[0]} already; keep one of the two"
        yield Problem(where, message, remove(where))


def _pieces(schedule: Component) -> Iterator[Problem]:
    if schedule.name != "PiecewiseConstantDecay":
        return
    cuts, factors = (
        schedule.args.get(key) for key in ("boundary_fractions", "factors")
    )
    if not isinstance(cuts, list | tuple) or not isinstance(factors, list | tuple):
        return
    where = "optimizer.schedule.args"
    if len(factors) != len(cuts) + 1:
        message = f"must have {len(cuts) + 1} entries, one more than boundary_fractions"
        yield Problem(f"{where}.factors", f"{message}. Received: {list(factors)}")
    if list(cuts) != sorted(set(cuts)):
        message = f"must rise. Received: {list(cuts)}"
        yield Problem(f"{where}.boundary_fractions", message)


def _objective(
    kind: EntryKind,
    component: Component,
    recipe: Recipe,
    info: Info | None,
    where: str,
) -> Iterator[Problem]:
    places = f"{where}.name", f"{where}.args"
    yield from named_problems(kind, component.name, component.args, *places)
    yield from fit_problems(kind, component, recipe, info, where)
