"""Constructor calls as data: made into objects by the builder, into text by export."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dl_techniques import catalog
from dl_techniques.catalog import Argument, EntryKind
from dl_techniques.recipes.components import kind_of, split


@dataclass(frozen=True)
class Expression:
    """A number that a script computes: its text and its value."""

    text: str
    value: Any


@dataclass(frozen=True)
class Call:
    """`target(**args)`; arguments are plain values, calls or expressions."""

    target: str
    args: Mapping[str, Any] = field(default_factory=dict)

    def make(self, **extra: Any) -> Any:
        """Returns the object."""
        given = {k: made(v) for k, v in self.args.items()}
        return resolve(self.target)(**given, **extra)

    def with_args(self, **more: Any) -> "Call":
        """Returns the call with further arguments."""
        return Call(self.target, {**self.args, **more})


def resolve(target: str) -> Any:
    """Returns what a dotted name stands for, for example a method of a class."""
    module, *names = parts_of(target)
    found = importlib.import_module(module)
    for name in names:
        found = getattr(found, name)
    return found


def parts_of(target: str) -> tuple[str, ...]:
    """Splits a dotted name into its module and the names inside it."""
    module, _, name = target.rpartition(".")
    outer, _, owner = module.rpartition(".")
    return (outer, owner, name) if owner[:1].isupper() else (module, name)


def made(value: Any) -> Any:
    """Returns what an argument stands for."""
    if isinstance(value, Call):
        return value.make()
    if isinstance(value, list):
        return [made(v) for v in value]
    return value.value if isinstance(value, Expression) else value


def call_of(kind: EntryKind, name: str, args: Mapping[str, Any]) -> Call:
    """Returns the call of a catalog entry; components inside become calls.

    Raises:
        ValueError: The catalog has no such entry.
    """
    entry = catalog.get(kind, name)
    arguments = {a.name: a for a in entry.arguments}
    given = {k: _value(arguments.get(k), v) for k, v in args.items()}
    return Call(entry.target, given)


def _value(argument: Argument | None, value: Any) -> Any:
    if argument is None or value is None:
        return value
    if argument.kind == "ints" and isinstance(value, list):
        return tuple(value)
    if argument.kind != "component" or value == argument.default:
        return value
    name, args = split(value)
    kind = kind_of(argument)
    return name if kind is None else call_of(kind, name, args)
