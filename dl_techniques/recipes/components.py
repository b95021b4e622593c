"""Components that stand in arguments: a name or `{"name": ..., "args": {...}}`."""

from typing import Any, get_args

from dl_techniques import catalog
from dl_techniques.catalog import Argument, Entry, EntryKind
from dl_techniques.catalog.parts import ACTIVATIONS
from dl_techniques.recipes.hints import nearest
from dl_techniques.recipes.problem import Problem
from dl_techniques.recipes.repairs import remove, set_value


def split(value: Any) -> tuple[str, dict[str, Any]]:
    """Returns name and arguments of a component value.

    Raises:
        ValueError: It is neither a name nor a mapping with `name` and `args`.
    """
    if isinstance(value, str):
        return value, {}
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        args = value.get("args") or {}
        if isinstance(args, dict) and set(value) <= {"name", "args"}:
            return value["name"], args
    raise ValueError(
        'a component is a name or {"name": ..., "args": {...}}. '
        f"Received: {str(value)[:60]}"
    )


def kind_of(argument: Argument) -> EntryKind | None:
    """Returns the catalog kind that a component argument takes; None: activation."""
    kinds = [c for c in argument.choices if c in get_args(EntryKind)]
    return kinds[0] if kinds else None


def offered(argument: Argument) -> list[Entry]:
    """Returns the entries that a component argument may name."""
    kind = kind_of(argument)
    families = [c for c in argument.choices if c not in get_args(EntryKind)]
    return [e for e in catalog.entries(kind) if not families or e.family in families]


def named_problems(
    kind: EntryKind, name: str, args: dict[str, Any], where: str, args_where: str
) -> list[Problem]:
    """Returns what is wrong with a component: its name, or else its arguments."""
    entry = catalog.find(kind, name)
    if entry is None:
        return [nearest(name, [e.name for e in catalog.entries(kind)], kind, where)]
    return argument_problems(entry, args, args_where)


def argument_problems(entry: Entry, args: dict[str, Any], where: str) -> list[Problem]:
    """Returns what is wrong with the arguments of `entry`, components included."""
    known = [a.name for a in entry.arguments]
    found = [_unknown(entry, n, f"{where}.{n}", known) for n in args if n not in known]
    for argument in entry.arguments:
        place = f"{where}.{argument.name}"
        if argument.name not in args:
            if argument.required:
                message = f"{entry.name} needs `{argument.name}`: {argument.rule()}"
                value = entry.example.get(argument.name)
                repair = None if value is None else set_value(place, value)
                found.append(Problem(place, message, repair))
            continue
        value = args[argument.name]
        line = argument.problem(value)
        if line:
            found.append(Problem(place, line, _nearest_legal(argument, value, place)))
        elif argument.kind == "component" and value != argument.default:
            found += component_problems(argument, value, place)
    return found


def component_problems(argument: Argument, value: Any, where: str) -> list[Problem]:
    """Returns what is wrong with a component given as an argument."""
    if value is None:
        return []
    try:
        name, args = split(value)
    except ValueError as error:
        return [Problem(where, str(error))]
    kind = kind_of(argument)
    if kind is None:
        return _activation_problems(name, args, where)
    entry = catalog.find(kind, name)
    if entry is None:
        known = [e.name for e in offered(argument)]
        return [nearest(name, known, kind, where)]
    if entry not in offered(argument):
        names = ", ".join(e.name for e in offered(argument))
        message = f"`{argument.name}` must be one of {names}. Received: {name}"
        return [Problem(where, message)]
    return argument_problems(entry, args, f"{where}.args")


def _activation_problems(name: str, args: dict[str, Any], where: str) -> list[Problem]:
    if name not in ACTIVATIONS:
        return [nearest(name, ACTIVATIONS, "activation", where)]
    if args:
        return [Problem(where, f"the activation {name} takes no arguments")]
    return []


def _unknown(entry: Entry, name: str, where: str, known: list[str]) -> Problem:
    listed = f"Known: {', '.join(known)}" if known else "It takes none"
    message = f"`{name}` is not an argument of {entry.name}. {listed}"
    return Problem(where, message, remove(where))


def _nearest_legal(argument: Argument, value: Any, where: str) -> dict[str, Any] | None:
    if argument.kind not in ("int", "float") or isinstance(value, bool):
        return None
    if not isinstance(value, int | float):
        return None
    for legal in (argument.low, argument.high, argument.ui_low, argument.ui_high):
        if legal is None:
            continue
        outside = (value <= legal) if legal == argument.low else (value >= legal)
        number = int(legal) if argument.kind == "int" else float(legal)
        if outside and argument.problem(number) is None:
            return set_value(where, number)
    return None
