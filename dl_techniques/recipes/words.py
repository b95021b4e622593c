"""Says in words what Keras could not build, and offers a repair."""

import math
import re
from typing import Any

from dl_techniques import catalog
from dl_techniques.catalog import Entry
from dl_techniques.recipes.flow import bridge, misfit
from dl_techniques.recipes.problem import Problem, StackError, where_of
from dl_techniques.recipes.repairs import Repair, insert, set_value
from dl_techniques.recipes.schema import LayerSpec
from dl_techniques.recipes.steps import Shape

_KINDS = {1: "vector", 2: "sequence", 3: "image"}
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_NOISE = re.compile(r"^(Exception encountered when calling|Arguments received by)")


def shape_text(shape: Shape) -> str:
    """Writes a shape without its batch: (8, 8, 1)."""
    inner = ", ".join("?" if n is None else str(n) for n in shape[1:])
    return f"({inner},)" if len(shape) == 2 else f"({inner})"


def layer_error(
    node: LayerSpec, path: str, shape: Shape | None, error: Exception
) -> StackError:
    """Returns the error for a layer that cannot be made or cannot take its input."""
    reason = first_line(error)
    entry = catalog.find("layer", node.layer)
    repair = None
    if shape is None:
        message = f"{node.layer} at {path} cannot be made: {reason}"
    elif entry and (kind := _wrong_kind(entry, shape)):
        reason = f"{misfit(entry, kind)} of shape {shape_text(shape)}"
        message = f"{node.layer} at {path} {reason}"
        repair = reshape(entry, kind, path, shape)
    else:
        taken = f"{node.layer} at {path} cannot take an input of shape"
        message = f"{taken} {shape_text(shape)}: {reason}"
    if entry and repair is None:
        repair = _repair(entry, node, path, shape, reason)
    return StackError([Problem(where_of(path), message, repair)])


def _wrong_kind(entry: Entry, shape: Shape) -> str | None:
    kind = _KINDS.get(len(shape) - 1)
    accepted = not entry.accepts or {kind, "any"} & set(entry.accepts)
    return None if kind is None or accepted else kind


def reshape(entry: Entry, kind: str, path: str, shape: Shape) -> Repair | None:
    """Returns the layer that turns this shape into one that `entry` takes."""
    sizes = [n for n in shape[1:] if n is not None]
    if len(sizes) == len(shape) - 1:
        if kind == "image" and "sequence" in entry.accepts:
            return insert(path, "Reshape", target_shape=[sizes[0], -1])
        side = math.isqrt(sizes[0])
        if kind == "vector" and "image" in entry.accepts and side**2 == sizes[0]:
            return insert(path, "Reshape", target_shape=[side, side, 1])
        if kind == "sequence" and "image" in entry.accepts:
            return insert(path, "Reshape", target_shape=[*sizes, 1])
    return bridge(entry, kind, path)


def first_line(error: Exception) -> str:
    """Returns the sentence of an error that says what is wrong."""
    text = _ANSI.sub("", str(error))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept = [line for line in lines if line and not _NOISE.match(line)]
    line = kept[0] if kept else type(error).__name__
    line = re.sub(
        r'^Input 0 of layer "[^"]*" is incompatible with the layer: ', "", line
    )
    return line if len(line) <= 300 else line[:297] + "..."


def _repair(
    entry: Entry, node: LayerSpec, path: str, shape: Shape | None, reason: str
) -> Repair | None:
    where = f"{where_of(path)}.args"
    padded = entry.argument("padding") and node.args.get("padding", "valid") == "valid"
    if padded and ("negative" in reason or "output size" in reason):
        return set_value(f"{where}.padding", "same")
    groups = entry.argument("groups")
    return _groups(groups, node.args, shape, where) if groups else None


def _groups(
    argument: Any, args: dict[str, Any], shape: Shape | None, where: str
) -> Repair | None:
    groups = args.get("groups", argument.default)
    counts = [
        n for n in (shape and shape[-1], args.get("filters")) if isinstance(n, int)
    ]
    if not isinstance(groups, int) or not counts:
        return None
    fitting = math.gcd(groups, *counts)
    return set_value(f"{where}.groups", fitting) if fitting != groups else None
