"""Groups of a stack: putting nodes in, taking them out; each returns a new recipe."""

from typing import Literal

from dl_techniques.recipes.schema import Recipe
from dl_techniques.recipes.stack import (
    add,
    as_node,
    children,
    delete,
    edit_nodes,
    get,
    group_key,
    owner_of,
    replace,
    split,
)


def wrap(recipe: Recipe, path: str, kind: Literal["residual", "repeat"]) -> Recipe:
    """Puts the node alone into a new group."""
    return replace(recipe, path, as_node({kind: (get(recipe, path),)}))


def unwrap(recipe: Recipe, path: str) -> Recipe:
    """Replaces the group by what is inside it, once."""
    inside = children(get(recipe, path))
    if not inside:
        raise ValueError(f"`path` must name a group. Received: path={path!r}")
    parent, index = split(path)
    return edit_nodes(
        recipe, parent, lambda ns: (*ns[:index], *inside, *ns[index + 1 :])
    )


def group_beside(recipe: Recipe, path: str) -> str | None:
    """Returns the path of the group right above the node, else right below, or None."""
    parent, index = split(path)
    nodes = (
        recipe.model.stack if not parent else children(get(recipe, owner_of(parent)))
    )
    head = f"{parent}." if parent else ""
    for beside in (index - 1, index + 1):
        if 0 <= beside < len(nodes) and group_key(nodes[beside]):
            return f"{head}{beside}"
    return None


def move_into(recipe: Recipe, path: str) -> tuple[Recipe, str]:
    """Moves the node into the group beside it; returns also its new path.

    It becomes the last of a group above it, or the first of one below.
    """
    node, group = get(recipe, path), group_beside(recipe, path)
    if group is None:
        raise ValueError(f"`path` must lie beside a group. Received: path={path!r}")
    key, size = group_key(get(recipe, group)), len(children(get(recipe, group)))
    parent, index = split(path)
    above = split(group)[1] < index
    place = f"{group}.{key}.{size if above else 0}"
    grown = add(recipe, node, place)
    if above:
        return delete(grown, path), place
    head = f"{parent}." if parent else ""
    return delete(grown, path), f"{head}{index}.{key}.0"


def move_out(recipe: Recipe, path: str) -> tuple[Recipe, str]:
    """Moves the node behind the group that holds it; returns also its new path.

    A group that would be left empty goes away.
    """
    parent, _ = split(path)
    if not parent:
        raise ValueError(f"`path` must lie in a group. Received: path={path!r}")
    node, group = get(recipe, path), owner_of(parent)
    above, index = split(group)
    head = f"{above}." if above else ""
    alone = len(children(get(recipe, group))) == 1
    grown = add(recipe, node, f"{head}{index + 1}")
    return delete(grown, path), f"{head}{index if alone else index + 1}"
