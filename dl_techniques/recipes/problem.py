"""What is wrong with a recipe, where, and how it can be repaired."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        where: The field, for example "training.epochs" or
            "model.stack.2.residual.1.args.units".
        message: One line: what was given and what is allowed.
        repair: An edit that `apply_repair` understands, with a `label` in words; None
            where a person must choose.
    """

    where: str
    message: str
    repair: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    @property
    def path(self) -> str | None:
        """Path of the node concerned, for example "2.residual.1", or None."""
        head, _, rest = self.where.partition("model.stack.")
        if head or not rest:
            return None
        parts = rest.split(".")
        end = next((i for i, p in enumerate(parts) if _leaves_node(parts, i)), None)
        return ".".join(parts[:end])


def _leaves_node(parts: list[str], i: int) -> bool:
    """Tells whether `parts[i]` names a field of a node instead of a node."""
    part = parts[i]
    inside = part in ("residual", "repeat") and parts[i + 1 : i + 2]
    return not part.isdigit() and not (inside and parts[i + 1].isdigit())


class RecipeError(ValueError):
    """A recipe cannot be read or used; `problems` holds one line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class StackError(RecipeError):
    """A layer of the stack does not fit what it gets."""


def where_of(path: str) -> str:
    """Returns the field of the node at `path`."""
    return f"model.stack.{path}"
