"""Widgets of the simple arguments; each shows the recipe's value and writes it back."""

import json
from typing import Any

import streamlit as st

from dl_techniques.catalog import Argument
from dl_techniques.ui.build_state import set_field, unset

NONE = "none"


def label_of(name: str) -> str:
    """Returns an argument's name as a label."""
    return name.replace("_", " ")


def show(key: str, value: Any) -> None:
    """Gives a widget its value before it is drawn."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _write(argument: Argument, place: str, key: str) -> None:
    """Callback: puts the widget's value into the recipe; a default is left out."""
    value = st.session_state[key]
    if argument.kind == "float" and value is not None:
        value = float(value)
    store(argument, place, value)


def store(argument: Argument, place: str, value: Any) -> None:
    """Puts a value into the recipe; a default is left out."""
    if not argument.required and value == argument.default:
        unset(place)
    elif value is not None or argument.optional:
        set_field(place, value)


def common(argument: Argument, place: str, key: str) -> dict[str, Any]:
    """Returns what every widget is given."""
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
        **common(argument, place, key),
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
            **common(argument, place, key),
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
        **common(argument, place, key),
    )


def _step_of(value: float | None) -> float:
    if not value:
        return 0.01
    return float(10.0 ** (len(str(int(abs(value)))) - 2)) if abs(value) >= 1 else 0.01


def _switch(argument: Argument, value: Any, place: str, key: str) -> None:
    show(key, bool(value))
    st.checkbox(label_of(argument.name), **common(argument, place, key))


def _choice(argument: Argument, value: Any, place: str, key: str) -> None:
    options = [*([None] if argument.optional else []), *argument.choices]
    show(key, value)
    st.selectbox(
        label_of(argument.name),
        options,
        index=None,
        format_func=lambda v: NONE if v is None else str(v),
        **common(argument, place, key),
    )


def _text(argument: Argument, value: Any, place: str, key: str) -> None:
    show(key, value or "")
    st.text_input(label_of(argument.name), **common(argument, place, key))


def _many(argument: Argument, value: Any, place: str, key: str) -> None:
    many = isinstance(value, list | tuple)
    text = ", ".join(map(str, value)) if many else "" if value is None else str(value)
    show(key, text)
    options = common(argument, place, key) | {"on_change": _write_many}
    st.text_input(label_of(argument.name), placeholder="3 or 3, 3", **options)


def _write_many(argument: Argument, place: str, key: str) -> None:
    text = str(st.session_state[key]).strip().strip("[]()")
    if not text:
        store(argument, place, None)
        return
    make = int if argument.kind == "ints" else float
    try:
        values = [make(part) for part in text.split(",") if part.strip()]
    except ValueError:
        set_field(place, text)  # the check then says at the layer what is wrong
        return
    store(argument, place, values[0] if "," not in text else values)


def raw(argument: Argument, value: Any, place: str, key: str) -> None:
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
    store(argument, place, value)


DRAW = {
    "int": _integer,
    "float": _number,
    "bool": _switch,
    "choice": _choice,
    "text": _text,
    "ints": _many,
    "floats": _many,
}
