"""What is legal but probably not meant."""

import math
from collections.abc import Iterator

from dl_techniques import catalog
from dl_techniques.recipes import datasets_room
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.problem import Problem, where_of
from dl_techniques.recipes.repairs import insert, set_value
from dl_techniques.recipes.schema import LayerSpec, Recipe
from dl_techniques.recipes.stack import walk

METRIC_LOSSES = ("any loss",)
FEW = 8  # expected samples of a class from which on a batch metric is steady


def advise(recipe: Recipe, info: Info | None = None) -> tuple[Problem, ...]:
    """Returns hints on a recipe that may well run: none of them is an error.

    Args:
        recipe: The recipe.
        info: The data set's description; looked up where it is not given.
    """
    if info is None and not tuple(datasets_room.problems(recipe.dataset)):
        info = datasets_room.info_of(recipe)
    found = list(_lonely(recipe))
    if info and info.kind == "image":
        found += _pixelwise(recipe)
        found += _beyond_the_pixels(recipe)
    if info and info.num_classes:
        found += _few_of_a_class(recipe, info.num_classes)
    return tuple(found)


def _few_of_a_class(recipe: Recipe, classes: int) -> Iterator[Problem]:
    """Yields a hint when a loss that is a metric of the batch sees few of a class."""
    entry = catalog.find("loss", recipe.loss.name) if recipe.loss else None
    size = recipe.training.batch_size
    # The rarest class, when the classes between it and the commonest thin out.
    ratio = recipe.dataset.imbalance
    shares = [ratio ** (i / (classes - 1)) for i in range(classes)]
    share = ratio / sum(shares)
    if entry is None or entry.family not in METRIC_LOSSES or size * share >= FEW:
        return
    needed = min(65_536, math.ceil(FEW / share))
    message = (
        f"{entry.name} is a metric of each batch, and a batch of {size} holds about "
        f"{size * share:.1f} samples of the rarest class; below {FEW} its value jumps"
    )
    place = "training.batch_size"
    yield Problem(place, message, set_value(place, needed))


def _beyond_the_pixels(recipe: Recipe) -> Iterator[Problem]:
    """Yields a hint where a decoder is to draw images of mean 0 and deviation 1."""
    if recipe.model.args.get("reconstruction") and recipe.dataset.standardise:
        message = (
            "the decoder draws pixels in [0, 1], and standardised images leave that "
            "range; images that are not standardised can be drawn"
        )
        place = "dataset.standardise"
        yield Problem(place, message, set_value(place, False))


def _lonely(recipe: Recipe) -> Iterator[Problem]:
    for path, node in walk(recipe.model.stack):
        if node.muted or not isinstance(node, LayerSpec):
            continue
        entry = catalog.find("layer", node.layer)
        if entry and entry.needs_residual and "residual" not in path:
            message = f"{node.layer} only makes sense inside a residual branch"
            yield Problem(where_of(path), message)


def _pixelwise(recipe: Recipe) -> Iterator[Problem]:
    for i, node in enumerate(recipe.model.stack):
        if node.muted:
            continue
        if isinstance(node, LayerSpec) and node.layer == "Dense":
            path = str(i)
            message = (
                "Dense on an image looks at each pixel alone; "
                "Flatten before it lets it see the whole image"
            )
            yield Problem(where_of(path), message, insert(path, "Flatten"))
        return
