"""Fits the tensors of a file to the variables of a model, before anything changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dl_techniques.pretrained.report import LoadReport
from dl_techniques.pretrained.rules import Rule, Table
from dl_techniques.pretrained.transforms import shape_after

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Pair:
    """A variable, the tensor that fills it and how.

    Attributes:
        variable: Path of the variable.
        tensor: Name of the tensor.
        transform: A name of `transforms.TRANSFORMS`.
    """

    variable: str
    tensor: str
    transform: str


def match(
    variables: Mapping[str, Shape],
    tensors: Mapping[str, Shape],
    table: Table,
    *,
    skip: Collection[str] = (),
    headless: bool = False,
) -> tuple[tuple[Pair, ...], LoadReport]:
    """Returns the pairs and what does not fit.

    Args:
        variables: Shapes by path.
        tensors: Shapes by name.
        table: The family's rules.
        skip: Layers that keep their values; their tensors may be absent.
        headless: Whether the model has no classifier, so that the tensors of "head"
            and what else it lacks of that name are left out.
    """
    pairs: list[Pair] = []
    missing, wrong, used = [], [], set()
    for path, shape in variables.items():
        if path.split("/")[0] in skip:
            continue
        found = table.rule_of(path)
        if found is None or found[1] not in tensors:
            missing.append((path, shape))
            continue
        rule, name = found
        used.add(name)
        given = shape_after(rule.transform, tensors[name], shape)
        if given != shape:
            wrong.append((name, given, path, shape))
        pairs.append(Pair(path, name, rule.transform))
    left = [n for n in tensors if n not in used]
    ignored = [n for n in left if table.ignores(n)]
    out = {r.source for r in table.rules if _left_out(r, variables, skip, headless)}
    skipped = [n for n in left if n in out]
    rest = set(left) - set(ignored) - set(skipped)
    return tuple(pairs), LoadReport(
        missing=tuple(missing),
        unexpected=tuple((n, tensors[n]) for n in left if n in rest),
        shape_mismatch=tuple(wrong),
        ignored=tuple(ignored),
        skipped=tuple(skipped),
    )


def _left_out(
    rule: Rule, variables: Mapping[str, Any], skip: Collection[str], headless: bool
) -> bool:
    layer = rule.target.split("/")[0]
    head = layer.split("_")[0] == "head" and rule.target not in variables
    return layer in skip or (headless and head)
