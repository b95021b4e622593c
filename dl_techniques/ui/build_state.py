"""The recipe being built: one frozen value with undo, in this browser tab.

Every widget of the Build page shows a field of that recipe and writes it back through
`edit`; widgets hold no state of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dl_techniques.recipes import (
    Recipe,
    RecipeError,
    apply_repair,
    examples,
    from_link,
    loads_with_warnings,
    to_link,
)
from dl_techniques.recipes.io import from_data, to_data
from dl_techniques.recipes.stack import walk
from dl_techniques.ui import services

KEY = "build"
DEFAULT = "digits-mlp"
MAX_UNDO = 100


@dataclass
class Builder:
    """What the Build page keeps for one browser tab.

    Attributes:
        recipe: The recipe on the page.
        past: Earlier recipes, the last one newest.
        future: Recipes that undo took back.
        selected: Path of the open node, or None.
        revision: Counts changes.
        link: What the address said last.
        notes: Lines to show once.
    """

    recipe: Recipe
    past: list[Recipe] = field(default_factory=list)
    future: list[Recipe] = field(default_factory=list)
    selected: str | None = None
    revision: int = 0
    link: str = ""
    notes: list[str] = field(default_factory=list)


def builder() -> Builder:
    """Returns this tab's builder, made at first use."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Builder(_first())
    found: Builder = st.session_state[KEY]
    return found


def _first() -> Recipe:
    known = {e.slug: e.recipe for e in examples()}
    return known.get(DEFAULT) or Recipe()


def edit(recipe: Recipe, select: str | None = None) -> None:
    """Makes `recipe` the current one; the old one can be had back by undo."""
    state = builder()
    if select is not None:
        state.selected = select
    if recipe != state.recipe:
        state.past = [*state.past[-MAX_UNDO:], state.recipe]
        state.future = []
        state.recipe = recipe
    _changed(state)


def attempt(change: Callable[[], Recipe], select: str | None = None) -> None:
    """Makes an edit; one that is not possible leaves a note and changes nothing."""
    try:
        edit(change(), select)
    except RecipeError as error:
        builder().notes += [str(p) for p in error.problems[:3]]
    except ValueError as error:
        builder().notes.append(str(error))


def set_field(where: str, value: Any) -> None:
    """Sets one field, named as in `Problem.where`."""
    attempt(
        lambda: _with_field(where, lambda fields, last: fields.update({last: value}))
    )


def unset(where: str) -> None:
    """Takes one field out, so that its default holds again."""
    attempt(lambda: _with_field(where, lambda fields, last: fields.pop(last, None)))


def _with_field(where: str, change: Callable[[dict[str, Any], str], Any]) -> Recipe:
    """Changes one field of the plain data; a component's name opens into a mapping."""
    data = to_data(builder().recipe)
    *parents, last = where.split(".")
    inside: Any = data
    for step in parents:
        key: Any = int(step) if isinstance(inside, list) else step
        if isinstance(inside, dict) and inside.get(step) is None:
            inside[step] = {}
        elif isinstance(inside[key], str):
            inside[key] = {"name": inside[key], "args": {}}
        inside = inside[key]
    change(inside, last)
    return from_data(data)[0]


def repair(action: dict[str, Any]) -> None:
    """Makes a one-click repair."""
    attempt(lambda: apply_repair(builder().recipe, action))


def select(path: str | None) -> None:
    """Opens a node, or closes it when it is open."""
    state = builder()
    state.selected = None if path == state.selected else path


def undo() -> None:
    """Takes the last edit back."""
    state = builder()
    if state.past:
        state.future.append(state.recipe)
        state.recipe = state.past.pop()
        _changed(state)


def redo() -> None:
    """Makes the edit again that was taken back."""
    state = builder()
    if state.future:
        state.past.append(state.recipe)
        state.recipe = state.future.pop()
        _changed(state)


def _changed(state: Builder) -> None:
    state.revision += 1
    paths = {path for path, _ in walk(state.recipe.model.stack)}
    if state.selected not in paths:
        state.selected = None


def import_text(text: str) -> list[str]:
    """Opens a recipe from YAML or JSON; returns what is wrong, else nothing."""
    try:
        recipe, warnings = loads_with_warnings(text)
    except RecipeError as error:
        return [str(p) for p in error.problems]
    edit(recipe)
    builder().notes += warnings
    return []


def open_address() -> None:
    """Opens what the address names: a recipe (`?m=`) or a run to edit (`?run=`)."""
    state = builder()
    link = st.query_params.get("m", "")
    run_id = st.query_params.get("run", "")
    if run_id:
        del st.query_params["run"]
        try:
            edit(services.store().recipe(run_id))
        except Exception as error:  # noqa: BLE001  # whatever a store's server answers
            state.notes.append(f"The run of this address cannot be opened: {error}")
    elif link and link != state.link:
        try:
            edit(from_link(link))
        except RecipeError as error:
            state.notes.append(f"The address cannot be opened: {error}")


def write_address() -> None:
    """Writes the recipe into the address, so that it can be sent and reloaded."""
    state = builder()
    state.link = to_link(state.recipe)
    if st.query_params.get("m") != state.link:
        st.query_params["m"] = state.link
