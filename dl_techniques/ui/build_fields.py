"""One widget for one argument; it shows the recipe's value and writes it back."""

from typing import Any

import streamlit as st

from dl_techniques import catalog
from dl_techniques.catalog import Argument
from dl_techniques.catalog.parts import ACTIVATIONS
from dl_techniques.recipes.components import kind_of, offered, split
from dl_techniques.ui import build_curves
from dl_techniques.ui.build_state import set_field, unset
from dl_techniques.ui.build_widgets import DRAW, NONE, common, label_of, raw, store
from dl_techniques.ui.build_widgets import show as show  # panels show values too


def field(
    argument: Argument,
    args: dict[str, Any],
    where: str,
    owner: str,
    *,
    nested: bool = False,
) -> None:
    """Draws the widget of one argument.

    Args:
        argument: What may be given.
        args: The values that the recipe gives; a missing one is the default.
        where: Field of `args` in the recipe, for example "model.stack.0.args".
        owner: Name of the component, so that keys differ between components.
        nested: Whether it is drawn inside a popover or another component's form.
    """
    value = args.get(argument.name, argument.default)
    place = f"{where}.{argument.name}"
    key = f"field:{owner}:{place}"
    if argument.kind == "component" and _known_component(argument, value):
        _component(argument, value, place, key, None if nested else args)
    elif argument.kind in DRAW and (value is None or argument.problem(value) is None):
        DRAW[argument.kind](argument, value, place, key)
    else:
        raw(argument, value, place, key)


def _component(
    argument: Argument, value: Any, place: str, key: str, layer: dict[str, Any] | None
) -> None:
    """Draws a picker and, where the component has arguments, a form of its own.

    `layer` are the arguments around it, None inside another component: neither form
    nor curve can then open in a popover.
    """
    kind = kind_of(argument)
    name, args = split(value) if value is not None else (None, {})
    entry = catalog.find(kind, name) if kind and name else None
    names = [e.name for e in offered(argument)] if kind else list(ACTIVATIONS)
    show(key, entry.name if entry else name)
    options = common(argument, place, key) | {"on_change": _write_component}
    options["help"] = argument.help + (
        f" {entry.name}: {entry.summary}" if entry else ""
    )
    st.selectbox(
        label_of(argument.name),
        [*([None] if argument.optional else []), *names],
        index=None,
        format_func=lambda v: NONE if v is None else str(v),
        **options,
    )
    if entry is None:
        return
    if layer is None:
        if entry.arguments:
            with st.container(border=True):
                _inner(entry, args, place)
        return
    with st.container(horizontal=True, gap="small"):
        if entry.arguments:
            title = f"{entry.name} settings"
            with st.popover(title, width="stretch", key=f"{key}:more"):
                _inner(entry, args, place)
        if build_curves.shown_for(entry, argument.name):
            build_curves.component(entry, args, layer, key)


def _inner(entry: catalog.Entry, args: dict[str, Any], place: str) -> None:
    for argument in entry.arguments:
        field(argument, args, f"{place}.args", entry.name, nested=True)


def _write_component(argument: Argument, place: str, key: str) -> None:
    name = st.session_state[key]
    kind = kind_of(argument)
    entry = catalog.find(kind, name) if kind and name else None
    default = argument.default
    if name is None or entry is None:
        store(argument, place, name)
    elif isinstance(default, str) and kind and catalog.find(kind, default) == entry:
        unset(place)
    else:
        set_field(place, {"name": name, "args": entry.required_args()})


def _known_component(argument: Argument, value: Any) -> bool:
    if value is None:
        return True
    try:
        name, _ = split(value)
    except ValueError:
        return False
    kind = kind_of(argument)
    return name in ACTIVATIONS if kind is None else catalog.find(kind, name) is not None
