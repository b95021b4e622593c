"""What inspecting a stack found; loads no backend."""

from dataclasses import dataclass

from dl_techniques.recipes.problem import Problem
from dl_techniques.recipes.repairs import Repair


@dataclass(frozen=True)
class NodeRow:
    """One node of the stack.

    Attributes:
        path: Its path; "embedding", "head_pool", "head" and "zoo" are added parts,
            "zoo.0", "zoo.1", ... the layers of a named model.
        label: Its name, or what it is in a few words.
        layer: The layer's name, "residual" or "repeat".
        output_shape: Without the batch; None behind an error or when muted.
        parameters: Weights, summed over the rounds of a repeat.
        flops: Operations for one sample (see `recipes.flops`), summed likewise.
        error: What is wrong at this node, or None.
        repair: An edit for `apply_repair`, or None.
        muted: Whether it is left out.
    """

    path: str
    label: str
    layer: str
    output_shape: tuple[int | None, ...] | None = None
    parameters: int = 0
    flops: int = 0
    error: str | None = None
    repair: Repair | None = None
    muted: bool = False


@dataclass(frozen=True)
class StackReport:
    """The whole stack.

    Attributes:
        rows: A row a node, groups before what is inside them, then the added parts.
        total_parameters: Weights of the model.
        total_flops: Operations for one sample.
        ok: Whether the model can be built.
        problems: What is wrong, also where no node can be named.
    """

    rows: tuple[NodeRow, ...]
    total_parameters: int
    total_flops: int
    ok: bool
    problems: tuple[Problem, ...] = ()
