"""What can be combined, as plain data; loads no backend.

Every module in `catalog/entries/` holds one family as `ENTRIES`; a new family joins
by adding its file.
"""

import difflib
import importlib
import pkgutil
from functools import cache

from dl_techniques.catalog import entries as _entries
from dl_techniques.catalog.entry import Entry, EntryKind
from dl_techniques.utils.arguments import Argument

__all__ = ["Argument", "Entry", "EntryKind", "entries", "find", "get"]


@cache
def _all() -> dict[tuple[str, str], Entry]:
    found: dict[tuple[str, str], Entry] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(_entries.__path__)):
        for entry in importlib.import_module(f"{_entries.__name__}.{module}").ENTRIES:
            key = (entry.kind, entry.name)
            if key in found:
                raise ValueError(f"the catalog names {entry.kind} {entry.name} twice")
            found[key] = entry
    return found


def entries(kind: EntryKind | None = None) -> tuple[Entry, ...]:
    """Returns every entry, or those of one kind, family by family."""
    return tuple(e for e in _all().values() if kind in (None, e.kind))


def find(kind: EntryKind, name: str) -> Entry | None:
    """Returns the entry called `name` (or known under that alias), or None."""
    exact = _all().get((kind, name))
    if exact:
        return exact
    return next((e for e in entries(kind) if name in e.aliases), None)


def get(kind: EntryKind, name: str) -> Entry:
    """Returns the entry called `name`; unknown names raise `ValueError`."""
    entry = find(kind, name)
    if entry:
        return entry
    names = [e.name for e in entries(kind)]
    close = difflib.get_close_matches(name, names, 3)
    hint = f" Did you mean {', '.join(close)}?" if close else ""
    raise ValueError(f"There is no {kind} called {name!r}.{hint}")
