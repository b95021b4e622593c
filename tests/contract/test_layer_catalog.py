"""The catalog says of every layer what is true of the real one."""

import inspect
from typing import Any

import keras
import pytest

from dl_techniques import catalog, layers
from dl_techniques.utils.arguments import Argument
from tests.contract.case import CASES, ONLY

LISTED = {case.cls.__name__ for case in CASES}
ENTRIES = [
    entry
    for entry in catalog.entries("layer")
    if entry.target.startswith("dl_techniques.") and (not ONLY or entry.name in LISTED)
]
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)


def parameters_of(cls: type) -> dict[str, inspect.Parameter]:
    """Collects the constructor's parameters, those that `**kwargs` passes up too."""
    found: dict[str, inspect.Parameter] = {}
    for base in reversed(cls.__mro__):
        found |= inspect.signature(base.__init__).parameters
    return found


def illegal(argument: Argument) -> list[Any]:
    """Makes values outside the declared range."""
    if argument.kind in ("choice", "choices"):
        return ["no such choice"]
    if argument.kind not in ("int", "float"):
        return []
    values: list[Any] = [1.5] if argument.kind == "int" else []
    step = 1 if argument.kind == "int" else 0.5
    if argument.low is not None:
        whole = int if argument.kind == "int" else float
        values.append(whole(argument.low) - (0 if argument.low_open else step))
    if argument.high is not None:
        values.append(argument.high + (0 if argument.high_open else step))
    if argument.kind == "float" and values:
        values.append(float("nan"))
    return [v for v in values if argument.problem(v)]


def test_every_public_layer_has_an_entry():
    targets = {getattr(layers, e.target.rpartition(".")[2], None) for e in ENTRIES}
    assert [cls.__name__ for cls in {c.cls for c in CASES} - targets] == []


@every_entry
def test_entry_fits_the_class(entry):
    cls = getattr(layers, entry.name)
    parameters = parameters_of(cls)
    for argument in entry.arguments:
        real = parameters[argument.name]
        if argument.required:
            assert real.default in (inspect.Parameter.empty, None), argument.name
        else:
            default = real.default
            default = list(default) if isinstance(default, tuple) else default
            told = argument.default
            assert (list(told) if isinstance(told, tuple) else told) == default
            assert argument.problem(default) is None
        assert argument.help, argument.name
    assert entry.problems(entry.example) == []
    assert entry.summary
    assert entry.accepts
    assert entry.look_at
    assert isinstance(cls(**entry.example), keras.layers.Layer)


@every_entry
def test_illegal_values_are_named(entry):
    cls = getattr(layers, entry.name)
    for argument in entry.arguments:
        for value in illegal(argument):
            line = f"`{argument.name}` must be .* Received: {argument.name}="
            with pytest.raises(ValueError, match=line):
                cls(**{**entry.example, argument.name: value})
