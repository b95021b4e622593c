"""Python text of values and calls, laid out as ruff formats it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dl_techniques.recipes.calls import Call, Expression, parts_of

WIDTH = 88


@dataclass(frozen=True)
class Raw:
    """Text that is code already."""

    text: str


class Writer:
    """Writes calls and remembers what they import."""

    def __init__(self) -> None:
        self.imports: dict[str, set[str]] = {}
        self.uses_layers = False

    def call(
        self, call: Call, *, indent: int = 0, before: str = "", after: str = ""
    ) -> str:
        """Returns `before` + the call + `after`, broken where it is too long.

        Args:
            call: What is called.
            indent: Spaces before the line.
            before: Text in front of the call, for example "x = ".
            after: Text behind it, for example "(x)".
        """
        pairs = [(name, value) for name, value in call.args.items()]
        name = self.name(call.target)
        return self._laid_out(f"{before}{name}(", pairs, f"){after}", indent)

    def name(self, target: str) -> str:
        """Returns how the script names `target`, importing it where needed."""
        module, *names = parts_of(target)
        name = ".".join(names)
        if module == "keras.layers":
            self.uses_layers = True
            return f"layers.{name}"
        if target.startswith("keras."):
            return target
        self.imports.setdefault(module, set()).add(names[0])
        return name

    def value(self, value: Any) -> str:
        """Returns a value on one line."""
        if isinstance(value, Raw | Expression):
            return value.text
        if isinstance(value, Call):
            inner = ", ".join(f"{k}={self.value(v)}" for k, v in value.args.items())
            return f"{self.name(value.target)}({inner})"
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)
        if isinstance(value, Mapping):
            items = (f"{self.value(k)}: {self.value(v)}" for k, v in value.items())
            return "{" + ", ".join(items) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self.value, value)) + "]"
        if isinstance(value, tuple):
            inner = ", ".join(map(self.value, value))
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        return repr(value)

    def block(self, name: str, value: Any, indent: int, end: str) -> str:
        """Returns `name` + value + `end`, broken where it is too long."""
        line = f"{' ' * indent}{name}{self.value(value)}{end}"
        if len(line) <= WIDTH:
            return line
        if isinstance(value, Call):
            pairs = list(value.args.items())
            return self._laid_out(
                f"{name}{self.name(value.target)}(", pairs, ")" + end, indent
            )
        if isinstance(value, Mapping) and value:
            keyed = ((f"{self.value(k)}: ", v) for k, v in value.items())
            return self._lines(f"{name}{{", keyed, "}" + end, indent)
        if isinstance(value, list | tuple) and value:
            left, right = ("[", "]") if isinstance(value, list) else ("(", ")")
            return self._lines(
                name + left, (("", v) for v in value), right + end, indent
            )
        return line

    def _laid_out(
        self, head: str, pairs: list[tuple[str, Any]], tail: str, indent: int
    ) -> str:
        named = [(f"{k}=" if k else "", v) for k, v in pairs]
        flat = ", ".join(f"{k}{self.value(v)}" for k, v in named)
        line = f"{' ' * indent}{head}{flat}{tail}"
        if len(line) <= WIDTH or not pairs:
            return line
        return self._lines(head, named, tail, indent)

    def _lines(
        self, head: str, items: Iterable[tuple[str, Any]], tail: str, indent: int
    ) -> str:
        pad = " " * indent
        inside = [self.block(name, v, indent + 4, ",") for name, v in items]
        return "\n".join((pad + head, *inside, pad + tail))
