"""Whether a loss or metric fits the data set's targets and the model's last layer."""

from collections.abc import Iterator

from dl_techniques import catalog
from dl_techniques.catalog import Entry, EntryKind
from dl_techniques.recipes.info import Info, target_map
from dl_techniques.recipes.problem import Problem, where_of
from dl_techniques.recipes.repairs import Repair, remove, set_value
from dl_techniques.recipes.schema import Component, LayerSpec, Recipe

DEFAULT = {
    "classification": "SparseCategoricalCrossentropy",
    "regression": "MeanSquaredError",
    "matching": "CLIPContrastiveLoss",
}
_TARGETS = {
    "maps": "a number for every place",
    "features": "the features of another model",
    "masks": "a class for every pixel",
    "pairs": "images with their texts",
    "clusters": "the distance of every sample to every cluster",
}
_INSTEAD = {"clusters": "KMeansLayer adds it itself: set its `add_clustering_loss`"}


def fit_problems(
    kind: EntryKind,
    component: Component,
    recipe: Recipe,
    info: Info | None,
    where: str,
) -> Iterator[Problem]:
    """Yields why a known loss or metric does not fit."""
    entry = catalog.find(kind, component.name)
    if entry is None or info is None:
        return
    repair = remove(where)
    if kind == "loss":
        repair = set_value("loss", {"name": DEFAULT[info.task]})
    reason = _target_problem(entry, info)
    if reason:
        yield Problem(f"{where}.name", reason, repair)
    elif info.task == "matching" and entry.tasks != ("pairs",):
        message = f"{entry.name} does not compare images with texts"
        yield Problem(f"{where}.name", message, repair)
    elif entry.after and not recipe.model.zoo:
        yield from _last_layer(entry, component, recipe, info, where, repair)


def _target_problem(entry: Entry, info: Info) -> str | None:
    fits = {"maps"} if target_map(info) else {"regression", "density"}
    if info.task == "classification":
        fits = {"binary", "multiclass"} if info.num_classes == 2 else {"multiclass"}
    if info.task == "matching":
        fits = {"pairs"}
    if not entry.tasks or fits & set(entry.tasks) or "other" in entry.tasks:
        return None
    given = f"a {info.task} problem"
    given += f" of {info.num_classes} classes" if info.num_classes else ""
    if target_map(info):
        given += " of maps"
    needs = " and ".join(_TARGETS[t] for t in entry.tasks if t in _TARGETS)
    if needs:
        instead = "".join(f". {_INSTEAD[t]}" for t in entry.tasks if t in _INSTEAD)
        single = "one class" if info.task == "classification" else "one row of numbers"
        return (
            f"{entry.name} needs targets that give {needs}; the data set is {given}, "
            f"with {single} a sample{instead}"
        )
    return f"{entry.name} is for {' and '.join(entry.tasks)}; the data set is {given}"


def _last_layer(
    entry: Entry,
    component: Component,
    recipe: Recipe,
    info: Info,
    where: str,
    repair: Repair,
) -> Iterator[Problem]:
    named = " or ".join(entry.after)
    stack = recipe.model.stack
    i = max((i for i, node in enumerate(stack) if not node.muted), default=None)
    last = None if i is None else stack[i]
    if not isinstance(last, LayerSpec) or last.layer not in entry.after:
        message = f"{entry.name} reads the output of {named}; end the stack with it"
        yield Problem(f"{where}.name", f"{message} and choose no head", repair)
        return
    if recipe.model.head != "none":
        message = f"must be none: {entry.name} reads the output of {last.layer}"
        yield Problem("model.head", message, set_value("model.head", "none"))
    for name in (a.name for a in entry.arguments):
        mine, layers = component.args.get(name), last.args.get(name)
        if mine is not None and layers is not None and mine != layers:
            place = f"{where}.args.{name}"
            message = f"must be {layers!r}, as in {last.layer}. Received: {mine!r}"
            yield Problem(place, message, set_value(place, layers))
    wide = last.args.get("output_dimension")
    if wide is not None and wide != info.n_outputs:
        place = f"{where_of(str(i))}.args.output_dimension"
        message = f"must be {info.n_outputs}, the number of targets. Received: {wide!r}"
        yield Problem(place, message, set_value(place, info.n_outputs))
