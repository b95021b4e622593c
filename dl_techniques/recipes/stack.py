"""Editing a stack: every function returns a new recipe.

A path names a node: "0", "2.residual.1", "3.repeat.0".
"""

from collections.abc import Callable, Iterator
from typing import Any

from dl_techniques.recipes.schema import (
    LayerSpec,
    Node,
    Recipe,
    RepeatSpec,
    ResidualSpec,
)

Nodes = tuple[Node, ...]


def children(node: Node) -> Nodes:
    """Returns the nodes inside a group; none for a layer."""
    if isinstance(node, ResidualSpec):
        return node.residual
    return node.repeat if isinstance(node, RepeatSpec) else ()


def group_key(node: Node) -> str | None:
    """Returns "residual" or "repeat" for a group, None for a layer."""
    if isinstance(node, ResidualSpec):
        return "residual"
    return "repeat" if isinstance(node, RepeatSpec) else None


def walk(nodes: Nodes, prefix: str = "") -> Iterator[tuple[str, Node]]:
    """Yields every node with its path, a group before what is inside."""
    for i, node in enumerate(nodes):
        path = f"{prefix}{i}"
        yield path, node
        key = group_key(node)
        if key:
            yield from walk(children(node), f"{path}.{key}.")


def get(recipe: Recipe, path: str) -> Node:
    """Returns the node at `path`; an unknown path raises `ValueError`."""
    for known, node in walk(recipe.model.stack):
        if known == path:
            return node
    raise ValueError(f"`path` must name a node of the stack. Received: path={path!r}")


def add(recipe: Recipe, node: Node | dict[str, Any], path: str | None = None) -> Recipe:
    """Inserts `node` so that it gets `path`; None appends to the stack."""
    new = as_node(node)
    if path is None:
        return _with(recipe, (*recipe.model.stack, new))
    parent, index = split(path)
    return edit_nodes(recipe, parent, lambda ns: _inserted(ns, index, new, path))


def delete(recipe: Recipe, path: str) -> Recipe:
    """Removes the node; the last node of a group takes the group with it."""
    get(recipe, path)
    parent, index = split(path)
    if parent and len(children(get(recipe, owner_of(parent)))) == 1:
        return delete(recipe, owner_of(parent))
    return edit_nodes(recipe, parent, lambda ns: ns[:index] + ns[index + 1 :])


def replace(recipe: Recipe, path: str, node: Node | dict[str, Any]) -> Recipe:
    """Puts `node` in the place of the one at `path`."""
    get(recipe, path)
    new = as_node(node)
    parent, index = split(path)
    return edit_nodes(recipe, parent, lambda ns: (*ns[:index], new, *ns[index + 1 :]))


def duplicate(recipe: Recipe, path: str) -> Recipe:
    """Puts a copy behind the node, without its name (names are unique)."""
    node = _nameless(get(recipe, path))
    parent, index = split(path)
    return edit_nodes(recipe, parent, lambda ns: _inserted(ns, index + 1, node, path))


def move(recipe: Recipe, path: str, by: int) -> Recipe:
    """Moves the node up (negative) or down among its neighbours, up to the ends."""
    node = get(recipe, path)
    parent, index = split(path)

    def moved(nodes: Nodes) -> Nodes:
        rest = nodes[:index] + nodes[index + 1 :]
        to = min(max(index + by, 0), len(rest))
        return (*rest[:to], node, *rest[to:])

    return edit_nodes(recipe, parent, moved)


def mute(recipe: Recipe, path: str, muted: bool | None = None) -> Recipe:
    """Mutes or unmutes the node; None turns its state over."""
    node = get(recipe, path)
    state = not node.muted if muted is None else muted
    return replace(recipe, path, node.model_copy(update={"muted": state}))


def set_argument(recipe: Recipe, path: str, name: str, value: Any) -> Recipe:
    """Sets one argument of the layer at `path`."""
    node = get(recipe, path)
    if not isinstance(node, LayerSpec):
        raise ValueError(f"`path` must name a layer. Received: path={path!r}")
    args = {**node.args, name: value}
    return replace(recipe, path, node.model_copy(update={"args": args}))


def as_node(value: Node | dict[str, Any]) -> Node:
    """Returns a node made from plain data."""
    if isinstance(value, LayerSpec | ResidualSpec | RepeatSpec):
        return value
    for key, part in _PARTS.items():
        if key in value:
            return part.model_validate(value)
    raise ValueError(
        f"`node` must have one of layer, residual, repeat. Received: node={value!r}"
    )


_PARTS: dict[str, type[LayerSpec] | type[ResidualSpec] | type[RepeatSpec]] = {
    "layer": LayerSpec,
    "residual": ResidualSpec,
    "repeat": RepeatSpec,
}


def split(path: str) -> tuple[str, int]:
    """Cuts "2.residual.1" into ("2.residual", 1); "2" into ("", 2)."""
    parent, _, last = path.rpartition(".")
    if not last.isdigit():
        raise ValueError(f"`path` must end in a number. Received: path={path!r}")
    return parent, int(last)


def owner_of(parent: str) -> str:
    """Returns the path of the group whose list of nodes is `parent`."""
    return parent.rpartition(".")[0]


def _inserted(nodes: Nodes, index: int, node: Node, path: str) -> Nodes:
    if index > len(nodes):
        raise ValueError(f"`path` must lie in the stack. Received: path={path!r}")
    return (*nodes[:index], node, *nodes[index:])


def edit_nodes(recipe: Recipe, parent: str, change: Callable[[Nodes], Nodes]) -> Recipe:
    """Changes the list of nodes at `parent` ("" is the stack itself)."""
    if not parent:
        return _with(recipe, change(recipe.model.stack))
    owner, key = owner_of(parent), parent.rpartition(".")[2]
    node = get(recipe, owner)
    if key != group_key(node):
        raise ValueError(f"`path` must exist in the stack. Received: path={parent!r}")
    nodes = change(children(node))
    return replace(recipe, owner, node.model_copy(update={key: nodes}))


def _with(recipe: Recipe, nodes: Nodes) -> Recipe:
    model = recipe.model.model_copy(update={"stack": nodes})
    return recipe.model_copy(update={"model": model})


def _nameless(node: Node) -> Node:
    update: dict[str, Any] = {"name": None}
    key = group_key(node)
    if key:
        update[key] = tuple(_nameless(child) for child in children(node))
    return node.model_copy(update=update)
