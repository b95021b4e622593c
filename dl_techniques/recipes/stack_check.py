"""Checks a stack of layers: names, arguments, groups and size."""

from collections import Counter
from collections.abc import Iterator

from dl_techniques.recipes.components import named_problems
from dl_techniques.recipes.flow import Flow, first_kind
from dl_techniques.recipes.problem import Problem, where_of
from dl_techniques.recipes.repairs import remove
from dl_techniques.recipes.schema import LayerSpec, Node, RepeatSpec
from dl_techniques.recipes.stack import children, walk

MAX_LAYERS = 512
MAX_DEPTH = 16
RESERVED = ("input", "embedding", "head", "head_pool")


def stack_problems(stack: tuple[Node, ...], kind: str | None) -> Iterator[Problem]:
    """Yields what is wrong with a stack that gets data of this kind."""
    sizes = list(too_large(stack))
    yield from sizes or node_problems(stack)
    if not sizes:
        flow = Flow(first_kind(stack, kind) if kind else None)
        yield from flow.problems(stack)


def node_problems(stack: tuple[Node, ...]) -> Iterator[Problem]:
    """Yields unknown layers, wrong arguments, empty groups and names given twice."""
    for path, node in walk(stack):
        where = where_of(path)
        if isinstance(node, LayerSpec):
            places = f"{where}.layer", f"{where}.args"
            yield from named_problems("layer", node.layer, node.args, *places)
        elif not node.muted and all(child.muted for child in children(node)):
            message = "a group needs a layer that is not muted"
            yield Problem(where, message, remove(where))
    yield from _names(stack)


def too_large(stack: tuple[Node, ...]) -> Iterator[Problem]:
    """Yields a problem when groups nest too deep or write out too many layers."""
    depth = max((p.count(".") // 2 for p, _ in walk(stack)), default=0)
    if depth > MAX_DEPTH:
        yield Problem("model.stack", f"groups nest {depth} deep; at most {MAX_DEPTH}")
    total = _count(stack)
    if total > MAX_LAYERS:
        yield Problem(
            "model.stack",
            f"has {total} layers when repeats are written out; at most {MAX_LAYERS}",
        )


def _count(nodes: tuple[Node, ...]) -> int:
    return sum(
        0
        if node.muted
        else 1
        if isinstance(node, LayerSpec)
        else _count(children(node))
        * (node.times if isinstance(node, RepeatSpec) else 1)
        for node in nodes
    )


def _names(stack: tuple[Node, ...]) -> Iterator[Problem]:
    named = [(path, node.name) for path, node in walk(stack) if node.name]
    counts = Counter(name for _, name in named)
    for path, name in named:
        where = f"{where_of(path)}.name"
        if name in RESERVED:
            yield Problem(
                where, f"{name!r} is the name of a built-in part", remove(where)
            )
        elif counts[name] > 1:
            yield Problem(
                where, f"{counts[name]} nodes are called {name!r}", remove(where)
            )
