"""Names and numbers as a figure shows them."""

import html
import math
import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

DIGITS = 5
LONGEST_NAME = 28


def numbers(values: Any, digits: int = DIGITS) -> list[float | None]:
    """Returns rounded numbers; what is not finite becomes a gap."""
    array = np.asarray([math.nan if v is None else v for v in values], dtype=np.float64)
    return [
        float(f"{v:.{digits}g}") if math.isfinite(v) else None for v in array.tolist()
    ]


def number(value: Any) -> float:
    """Returns a number; None is NaN."""
    return math.nan if value is None else float(value)


def shown(value: Any, digits: int = 4) -> str:
    """Returns a number in words: significant digits, "undefined" for NaN."""
    found = number(value)
    return f"{found:.{digits}g}" if math.isfinite(found) else "undefined"


def compact(value: float) -> str:
    """Returns a number in few characters: 28600 is 28.6k."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (abs(value) >= size and size > 1e3):
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def escape(text: Any) -> str:
    """Makes text safe where plotly reads HTML."""
    return html.escape(str(text), quote=False)


def shorten(name: Any, longest: int = LONGEST_NAME) -> str:
    """Cuts the middle out of a long name and escapes it."""
    name = str(name)
    if len(name) > longest:
        left = (longest - 1) // 2
        name = f"{name[:left]}…{name[len(name) - (longest - 1 - left) :]}"
    return escape(name)


def uid(*parts: Any) -> str:
    """Returns a stable identifier that can stand in a CSS selector, as plotly needs."""
    text = "-".join(str(p) for p in parts)
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", text)
    if plain == text and text[:1].isalpha():
        return text
    return f"t{zlib.crc32(text.encode()):08x}-{plain[:40]}"


def wrap(text: str, width: int) -> list[str]:
    """Breaks text into lines of at most `width` visible characters, at spaces."""
    lines: list[str] = []
    for part in text.split("<br>"):
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if line and len(html.unescape(longer)) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def distinct(names: Sequence[Any], longest: int = LONGEST_NAME) -> list[str]:
    """Returns names without the folders they all share, when they are long."""
    full = [str(n) for n in names]
    if len(full) < 2 or max(map(len, full)) <= longest:
        return full
    parts = [n.split("/") for n in full]
    start = _shared(parts)
    end = _shared([p[start:][::-1] for p in parts])
    cut = ["/".join(p[start : len(p) - end]) for p in parts]
    return cut if all(cut) and len(set(cut)) == len(set(full)) else full


def _shared(parts: Sequence[Sequence[str]]) -> int:
    shortest = min(map(len, parts))
    same = (len({p[i] for p in parts}) == 1 for i in range(shortest))
    return next((i for i, s in enumerate(same) if not s), shortest)


def class_name(names: Sequence[str] | None, k: int) -> str:
    """Returns the name of class k, or "class k"."""
    return str(names[k]) if names and k < len(names) else f"class {k}"
