"""What is legal but probably not meant."""

from collections.abc import Iterator

from dl_techniques import catalog
from dl_techniques.recipes import datasets_room
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.problem import Problem, where_of
from dl_techniques.recipes.repairs import insert
from dl_techniques.recipes.schema import LayerSpec, Recipe
from dl_techniques.recipes.stack import walk


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
    return tuple(found)


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
