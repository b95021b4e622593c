"""One widget for one argument; it shows the recipe's value and writes it back."""

import json
from typing import Any

import streamlit as st

from dl_techniques import catalog
from dl_techniques.catalog import Argument
from dl_techniques.catalog.parts import ACTIVATIONS
from dl_techniques.recipes.components import kind_of, offered, split
from dl_techniques.ui.build_state import set_field, unset

NONE = "none"


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
        _component(argument, value, place, key, nested=nested)
    elif argument.kind in _DRAW and (value is None or argument.problem(value) is None):
        _DRAW[argument.kind](argument, value, place, key)
    else:
        _raw(argument, value, place, key)


def label_of(name: str) -> str:
    """Returns an argument's name as a label."""
    return name.replace("_", " ")


def amount(number: int) -> str:
    """Returns a large number with its letter, ready for a unit."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number} "


def show(key: str, value: Any) -> None:
    """Gives a widget its value before it is drawn."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _write(argument: Argument, place: str, key: str) -> None:
    """Callback: puts the widget's value into the recipe; a default is left out."""
    value = st.session_state[key]
    if argument.kind == "float" and value is not None:
        value = float(value)
    _store(argument, place, value)


def _store(argument: Argument, place: str, value: Any) -> None:
    if not argument.required and value == argument.default:
        unset(place)
    elif value is not None or argument.optional:
        set_field(place, value)


def _common(argument: Argument, place: str, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "help": f"{argument.help} ({argument.rule()})",
        "on_change": _write,
        "args": (argument, place, key),
    }


def _integer(argument: Argument, value: Any, place: str, key: str) -> None:
    show(key, value)
    st.number_input(
        label_of(argument.name),
        min_value=None if argument.low is None else int(argument.low),
        max_value=None if argument.high is None else int(argument.high),
        value=None,
        step=1,
        placeholder="none" if argument.optional else "required",
        **_common(argument, place, key),
    )


def _number(argument: Argument, value: Any, place: str, key: str) -> None:
    value = None if value is None else float(value)
    low, high, step = argument.ui_low, argument.ui_high, argument.step
    show(key, value)
    if (
        value is not None
        and low is not None
        and high is not None
        and step
        and not argument.log
        and low <= value <= high
        and (high - low) / step <= 100
    ):
        st.slider(
            label_of(argument.name),
            float(low),
            float(high),
            step=float(step),
            **_common(argument, place, key),
        )
        return
    st.number_input(
        label_of(argument.name),
        min_value=None if argument.low is None else float(argument.low),
        max_value=None if argument.high is None else float(argument.high),
        value=None,
        step=float(step) if step else _step_of(value),
        format="%.6g",
        placeholder="none" if argument.optional else "required",
        **_common(argument, place, key),
    )


def _step_of(value: float | None) -> float:
    if not value:
        return 0.01
    return float(10.0 ** (len(str(int(abs(value)))) - 2)) if abs(value) >= 1 else 0.01


def _switch(argument: Argument, value: Any, place: str, key: str) -> None:
    show(key, bool(value))
    st.checkbox(label_of(argument.name), **_common(argument, place, key))


def _choice(argument: Argument, value: Any, place: str, key: str) -> None:
    options = [*([None] if argument.optional else []), *argument.choices]
    show(key, value)
    st.selectbox(
        label_of(argument.name),
        options,
        index=None,
        format_func=lambda v: NONE if v is None else str(v),
        **_common(argument, place, key),
    )


def _text(argument: Argument, value: Any, place: str, key: str) -> None:
    show(key, value or "")
    st.text_input(label_of(argument.name), **_common(argument, place, key))


def _many(argument: Argument, value: Any, place: str, key: str) -> None:
    many = isinstance(value, list | tuple)
    text = ", ".join(map(str, value)) if many else "" if value is None else str(value)
    show(key, text)
    common = _common(argument, place, key) | {"on_change": _write_many}
    st.text_input(label_of(argument.name), placeholder="3 or 3, 3", **common)


def _write_many(argument: Argument, place: str, key: str) -> None:
    text = str(st.session_state[key]).strip().strip("[]()")
    if not text:
        _store(argument, place, None)
        return
    make = int if argument.kind == "ints" else float
    try:
        values = [make(part) for part in text.split(",") if part.strip()]
    except ValueError:
        set_field(place, text)  # the check then says at the layer what is wrong
        return
    _store(argument, place, values[0] if "," not in text else values)


def _component(
    argument: Argument, value: Any, place: str, key: str, *, nested: bool
) -> None:
    """Draws a picker and, where the component has arguments, a form of its own."""
    kind = kind_of(argument)
    name, args = split(value) if value is not None else (None, {})
    entry = catalog.find(kind, name) if kind and name else None
    names = [e.name for e in offered(argument)] if kind else list(ACTIVATIONS)
    show(key, entry.name if entry else name)
    common = _common(argument, place, key) | {"on_change": _write_component}
    common["help"] = argument.help + (
        f" {entry.name}: {entry.summary}" if entry else ""
    )
    st.selectbox(
        label_of(argument.name),
        [*([None] if argument.optional else []), *names],
        index=None,
        format_func=lambda v: NONE if v is None else str(v),
        **common,
    )
    if entry and entry.arguments:
        title = f"{entry.name} settings"
        with (
            st.container(border=True)  # a popover cannot stand in another
            if nested
            else st.popover(title, width="stretch", key=f"{key}:more")
        ):
            for inner in entry.arguments:
                field(inner, args, f"{place}.args", entry.name, nested=True)


def _write_component(argument: Argument, place: str, key: str) -> None:
    name = st.session_state[key]
    kind = kind_of(argument)
    entry = catalog.find(kind, name) if kind and name else None
    default = argument.default
    if name is None or entry is None:
        _store(argument, place, name)
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


def _raw(argument: Argument, value: Any, place: str, key: str) -> None:
    """Draws a value that no other widget can show, as JSON."""
    show(f"{key}:raw", json.dumps(value))
    st.text_input(
        label_of(argument.name),
        key=f"{key}:raw",
        help=f"{argument.help} ({argument.rule()}) Written as JSON.",
        on_change=_write_raw,
        args=(argument, place, f"{key}:raw"),
    )


def _write_raw(argument: Argument, place: str, key: str) -> None:
    text = st.session_state[key]
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    _store(argument, place, value)


_DRAW = {
    "int": _integer,
    "float": _number,
    "bool": _switch,
    "choice": _choice,
    "text": _text,
    "ints": _many,
    "floats": _many,
}
