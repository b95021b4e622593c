"""What loading a checkpoint did."""

from dataclasses import dataclass
from pathlib import Path

Shape = tuple[int, ...]
Named = tuple[tuple[str, Shape], ...]


@dataclass(frozen=True)
class LoadReport:
    """The outcome of one load.

    Attributes:
        loaded: Variables that were assigned.
        parameters: Numbers in them.
        missing: Variables without a tensor, with their shapes.
        unexpected: Tensors without a variable.
        shape_mismatch: (tensor, its shape in our layout, variable, its shape).
        ignored: Tensors that no model needs.
        skipped: Tensors left out on purpose, as the classifier's.
        path: The file.
        source: What was asked for.
        revision: Version on the hub, if given.
        sha256: Of the file.
        licence: Of the weights, where known.
        seconds: Time of the whole load.
    """

    loaded: int = 0
    parameters: int = 0
    missing: Named = ()
    unexpected: Named = ()
    shape_mismatch: tuple[tuple[str, Shape, str, Shape], ...] = ()
    ignored: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    path: Path | None = None
    source: str = ""
    revision: str | None = None
    sha256: str | None = None
    licence: str | None = None
    seconds: float = 0.0

    @property
    def fits(self) -> bool:
        """Whether every variable has its tensor and every tensor its variable."""
        return not (self.missing or self.unexpected or self.shape_mismatch)

    def __str__(self) -> str:
        rows = (
            ("source", self.source),
            ("file", "" if self.path is None else str(self.path)),
            ("licence", self.licence or "unknown"),
            ("loaded", f"{self.loaded} variables, {self.parameters:,} numbers"),
            ("missing", str(len(self.missing))),
            ("unexpected", str(len(self.unexpected))),
            ("misshapen", str(len(self.shape_mismatch))),
            ("skipped", str(len(self.skipped))),
            ("ignored", str(len(self.ignored))),
            ("seconds", f"{self.seconds:.2f}"),
        )
        return "\n".join(f"{name:<10} {value}" for name, value in rows)

    def problems(self) -> str:
        """Returns what does not fit, at most 20 lines a kind."""
        parts = []
        for title, found in (
            ("missing in the file", [f"{n} {s}" for n, s in self.missing]),
            ("unexpected in the file", [f"{n} {s}" for n, s in self.unexpected]),
            ("of another shape", [_mismatch(*m) for m in self.shape_mismatch]),
        ):
            if found:
                more = [f"... and {len(found) - 20} more"] if len(found) > 20 else []
                lines = "\n  ".join([*found[:20], *more])
                parts.append(f"{len(found)} {title}:\n  {lines}")
        return "\n".join(parts)


def _mismatch(tensor: str, given: Shape, variable: str, wanted: Shape) -> str:
    line = f"{tensor} gives {given}, {variable} is {wanted}"
    if variable.split("/")[0] == "head" and given[-1:] != wanted[-1:] and given:
        line += (
            f" (its classifier has {given[-1]} classes: pass classes={given[-1]} "
            "or include_top=False)"
        )
    return line
