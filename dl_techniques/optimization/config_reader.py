"""Reads the small dictionaries that the builders take."""

from collections.abc import Iterable, Mapping
from typing import Any

from dl_techniques.utils.validation import check


def type_of(
    kind: str, config: Any, known: Iterable[str], default: str | None = None
) -> str:
    """Returns which of `known` the "type" of a builder's dictionary names.

    Upper case, spaces, "_" and "-" do not matter.

    Raises:
        ValueError: It is no dictionary, or the type is missing or unknown.
    """
    check(isinstance(config, Mapping), "config", "a dictionary", config)
    given = config.get("type", default)
    names = {_plain(name): name for name in known}
    if not isinstance(given, str) or _plain(given) not in names:
        rule = f"the name of a {kind}: {', '.join(names.values())}"
        check(False, "type", rule, given)
    return names[_plain(str(given))]


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c not in " _-")


def arguments_of(
    kind: str,
    given: Any,
    defaults: Mapping[str, Any],
    required: Iterable[str] = (),
) -> dict[str, Any]:
    """Returns `defaults` with `given` on top.

    Raises:
        ValueError: `given` holds a name that is not in `defaults` or `required`, or
            lacks a required one; the error names it.
    """
    check(isinstance(given, Mapping), "config", "a dictionary", given)
    required = tuple(required)
    known = [*required, *defaults]
    for name in given:
        if name not in known:
            listed = ", ".join(known)
            raise ValueError(f"`{name}` is not a parameter of {kind}. Known: {listed}")
    for name in required:
        if name not in given:
            listed = ", ".join(f"`{n}`" for n in required)
            raise ValueError(f"`{name}` is missing: {kind} needs {listed}")
    return {**defaults, **given}
