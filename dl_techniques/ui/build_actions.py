"""The buttons of one node of the stack."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from dl_techniques.recipes import Recipe, grouping
from dl_techniques.recipes import stack as edits
from dl_techniques.ui import build_state

Edit = Callable[[Recipe, str], tuple[Recipe, str | None]]


def draw(path: str, node: Any) -> None:
    """Draws the buttons that make sense for the node at `path`."""
    recipe = build_state.builder().recipe
    with st.container(horizontal=True, gap="xxsmall", key=f"actions-{_key(path)}"):
        for name, (icon, text, _) in _ACTIONS.items():
            if _offered(name, recipe, path, node):
                st.button(
                    "",
                    icon=icon,
                    key=f"{name}:{path}",
                    help=text,
                    on_click=act,
                    args=(name, path),
                )


def act(name: str, path: str) -> None:
    """Callback: edits the node at `path`; the open node stays open where it goes."""
    state = build_state.builder()
    where: list[str | None] = [None]

    def change() -> Recipe:
        edited, where[0] = _ACTIONS[name][2](state.recipe, path)
        return edited

    build_state.attempt(change)
    state.selected = where[0] if where[0] else state.selected


def _offered(name: str, recipe: Recipe, path: str, node: Any) -> bool:
    if name == "into":
        return grouping.group_beside(recipe, path) is not None
    if name == "out":
        return "." in path
    return name != "unwrap" or edits.group_key(node) is not None


def _moved(by: int) -> Edit:
    def change(recipe: Recipe, path: str) -> tuple[Recipe, str | None]:
        parent, place = edits.split(path)
        nodes = recipe.model.stack
        if parent:
            nodes = edits.children(edits.get(recipe, edits.owner_of(parent)))
        there = min(max(place + by, 0), len(nodes) - 1)
        return edits.move(recipe, path, by), _beside(parent, there)

    return change


def _copied(recipe: Recipe, path: str) -> tuple[Recipe, str | None]:
    parent, place = edits.split(path)
    return edits.duplicate(recipe, path), _beside(parent, place + 1)


def _beside(parent: str, place: int) -> str:
    return f"{parent}.{place}" if parent else str(place)


def _key(path: str) -> str:
    return path.replace(".", "-")


_ACTIONS: dict[str, tuple[str, str, Edit]] = {
    "up": (":material/arrow_upward:", "Move up", _moved(-1)),
    "down": (":material/arrow_downward:", "Move down", _moved(1)),
    "into": (
        ":material/format_indent_increase:",
        "Move into the group beside it",
        grouping.move_into,
    ),
    "out": (
        ":material/format_indent_decrease:",
        "Move out of its group",
        grouping.move_out,
    ),
    "copy": (":material/content_copy:", "Duplicate", _copied),
    "mute": (
        ":material/visibility_off:",
        "Mute or unmute",
        lambda recipe, path: (edits.mute(recipe, path), path),
    ),
    "wrap": (
        ":material/account_tree:",
        "Put into a residual",
        lambda recipe, path: (grouping.wrap(recipe, path, "residual"), path),
    ),
    "repeat": (
        ":material/repeat:",
        "Put into a repeat",
        lambda recipe, path: (grouping.wrap(recipe, path, "repeat"), path),
    ),
    "unwrap": (
        ":material/unfold_more:",
        "Take the group away, keep what is inside",
        lambda recipe, path: (grouping.unwrap(recipe, path), None),
    ),
    "delete": (
        ":material/delete:",
        "Delete",
        lambda recipe, path: (edits.delete(recipe, path), None),
    ),
}
