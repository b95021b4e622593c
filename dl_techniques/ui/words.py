"""Text and numbers as pages show them."""

_MARKUP = r"\`*_{}[]<>()#+-.!|$:~"


def plain(text: str, *, code: bool = False) -> str:
    """Keeps signs from being read as markup.

    Args:
        text: What to show as it is.
        code: Whether `words in backticks` stay code.
    """
    parts = text.split("`") if code else [text]
    if len(parts) % 2 == 0:  # a backtick without its partner
        parts = [text]
    return "`".join(_escaped(p) if i % 2 == 0 else p for i, p in enumerate(parts))


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in _MARKUP else c for c in text)


def amount(number: int) -> str:
    """Returns a large number with its letter, ready for a unit."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number} "
