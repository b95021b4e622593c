"""Did you mean: the nearest known name and its repair."""

import difflib
from collections.abc import Iterable

from dl_techniques.recipes.problem import Problem
from dl_techniques.recipes.repairs import set_value


def nearest(name: str, known: Iterable[str], noun: str, where: str) -> Problem:
    """Returns the problem "there is no such `noun`", with the closest name."""
    names = {k.lower(): k for k in known}
    close = [
        names[c] for c in difflib.get_close_matches(name.lower(), names, 3, cutoff=0.5)
    ]
    message = f"there is no {noun} called {name!r}."
    if not close:
        return Problem(where, message)
    message += f" Did you mean {', '.join(close)}?"
    return Problem(where, message, set_value(where, close[0]))
