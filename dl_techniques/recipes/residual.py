"""How the input of a residual branch is made to fit its output."""

from dl_techniques.recipes.calls import Call
from dl_techniques.recipes.problem import Problem, StackError, where_of
from dl_techniques.recipes.repairs import Repair, set_value
from dl_techniques.recipes.schema import LayerSpec, ResidualSpec
from dl_techniques.recipes.stack import children, walk
from dl_techniques.recipes.steps import Shape
from dl_techniques.recipes.words import shape_text


def projection(
    node: ResidualSpec, path: str, before: Shape, after: Shape
) -> Call | None:
    """Returns the layer that brings the input to the branch's shape, if one is needed.

    Only the last axis differs: a Dense on it. Smaller in time or space: a convolution
    of size 1 with strides.

    Raises:
        StackError: No such layer exists.
    """
    if before == after:
        return None
    units = after[-1]
    if len(before) == len(after) and units is not None:
        if before[1:-1] == after[1:-1]:
            return Call("keras.layers.Dense", {"units": units})
        strides = _strides(before[1:-1], after[1:-1])
        if strides and len(strides) in (1, 2):
            args = {"filters": units, "kernel_size": 1, "strides": strides}
            target = f"keras.layers.Conv{len(strides)}D"
            return Call(target, {**args, "padding": "same"})
    message = (
        f"the residual branch at {path} turns {shape_text(before)} into "
        f"{shape_text(after)}, which cannot be added to its input"
    )
    raise StackError([Problem(where_of(path), message, _padding(node, path))])


def _strides(before: Shape, after: Shape) -> tuple[int, ...] | None:
    found = []
    for size, target in zip(before, after, strict=True):
        if not size or not target or target > size:
            return None
        step = -(-size // target)
        if -(-size // step) != target:
            return None
        found.append(step)
    return tuple(found)


def _padding(node: ResidualSpec, path: str) -> Repair | None:
    """Offers `padding="same"` for the first layer of the branch that shrinks."""
    for inner, part in walk(children(node), f"{path}.residual."):
        if not isinstance(part, LayerSpec) or part.muted:
            continue
        padding = part.args.get("padding", "valid")
        if "kernel_size" in part.args and padding == "valid":
            return set_value(f"{where_of(inner)}.args.padding", "same")
    return None
