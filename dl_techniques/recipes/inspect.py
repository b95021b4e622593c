"""What a stack would be: shapes, weights and operations, node by node."""

from dataclasses import replace
from typing import Any

import keras

from dl_techniques.analysis._output_kind import answer_of
from dl_techniques.recipes import datasets_room, sizing
from dl_techniques.recipes.build import precision, raise_problems
from dl_techniques.recipes.builder import StackBuilder
from dl_techniques.recipes.check import Info
from dl_techniques.recipes.flops import layer_flops, model_flops, parameters
from dl_techniques.recipes.flow import Flow, first_kind
from dl_techniques.recipes.graph import build_graph
from dl_techniques.recipes.problem import Problem, RecipeError
from dl_techniques.recipes.report import NodeRow, StackReport
from dl_techniques.recipes.schema import LayerSpec, Node, Recipe, RepeatSpec
from dl_techniques.recipes.stack import group_key, walk
from dl_techniques.recipes.steps import LayerStep
from dl_techniques.recipes.words import first_line
from dl_techniques.recipes.zoo import make_zoo


def inspect_stack(recipe: Recipe, info: Info | None = None) -> StackReport:
    """Builds the stack without making its weights; never raises for a bad recipe.

    Args:
        recipe: The recipe.
        info: The data set's description; looked up where it is not given.
    """
    if info is None:
        problems = tuple(datasets_room.problems(recipe.dataset))
        if problems:
            return _report(recipe, _Recorder(), problems)
        info = datasets_room.info_of(recipe)
    if recipe.model.zoo:
        return _inspect_zoo(recipe, info)
    recorder = _Recorder()
    problems = _build(recipe, info, recorder, weightless=True)
    too_large = recorder.guard.total > recorder.guard.limit
    if problems and not too_large:
        # Some layers need values while they are built; only a second try tells.
        recorder = _Recorder()
        problems = _build(recipe, info, recorder, weightless=False)
        problems = _with_known_repairs(recipe, info, problems)
    return _report(recipe, recorder, problems)


class _Recorder:
    """Adds up what each node brings."""

    def __init__(self) -> None:
        self.guard = sizing.SizeGuard()
        self.found: dict[str, NodeRow] = {}

    def __call__(self, step: LayerStep) -> None:
        count = parameters(step.layer)
        flops = layer_flops(step.layer, step.input_shape, step.output_shape)
        path = step.path
        while path:
            row = self.found.get(path) or NodeRow(path, path, path)
            self.found[path] = replace(
                row,
                output_shape=step.output_shape[1:],
                parameters=row.parameters + count,
                flops=row.flops + flops,
            )
            path = path.rpartition(".")[0].rpartition(".")[0]
        self.guard(step)


def _build(
    recipe: Recipe, info: Info, recorder: _Recorder, *, weightless: bool
) -> tuple[Problem, ...]:
    try:
        raise_problems(recipe)
        with precision(recipe):
            if weightless:
                with sizing.weightless():
                    build_graph(recipe, info, StackBuilder(recorder))
            else:
                build_graph(recipe, info, StackBuilder(recorder))
    except RecipeError as error:
        return error.problems
    # A head or an added part that Keras refuses; the classes of its errors vary.
    except Exception as error:  # noqa: BLE001
        return (Problem("model.stack", f"cannot be built: {first_line(error)}"),)
    return ()


def _with_known_repairs(
    recipe: Recipe, info: Info, problems: tuple[Problem, ...]
) -> tuple[Problem, ...]:
    """Prefers taking a layer out where the Keras-free check knows that one."""
    flow = Flow(first_kind(recipe.model.stack, info.kind))
    known = {p.where: p.repair for p in flow.problems(recipe.model.stack)}
    return tuple(
        replace(p, repair=known[p.where])
        if (known.get(p.where) or {}).get("op") == "remove"
        else p
        for p in problems
    )


def _report(
    recipe: Recipe, recorder: _Recorder, problems: tuple[Problem, ...]
) -> StackReport:
    found = recorder.found
    wrong: dict[str, Problem] = {}
    for problem in problems:
        wrong.setdefault(problem.path or "", problem)
    rows = []
    for path, node in walk(recipe.model.stack):
        row = found.pop(path, NodeRow(path, path, path))
        row = replace(row, label=_label(node), layer=_layer(node), muted=node.muted)
        if path in wrong:
            row = replace(row, error=wrong[path].message, repair=wrong[path].repair)
        rows.append(row)
    rows += found.values()
    tops = [r for r in rows if "." not in r.path]
    return StackReport(
        tuple(rows),
        sum(r.parameters for r in tops),
        sum(r.flops for r in tops),
        not problems,
        problems,
    )


def _inspect_zoo(recipe: Recipe, info: Info) -> StackReport:
    name = str(recipe.model.zoo)
    try:
        with precision(recipe), sizing.weightless():
            model: Any = make_zoo(recipe, info)
        row = NodeRow(
            "zoo",
            name,
            name,
            tuple(answer_of(model, getattr(model, "output", model.outputs)).shape[1:]),
            parameters(model),
            model_flops(model),
        )
    except RecipeError as error:
        return StackReport((), 0, 0, False, error.problems)
    # A model's own checks and Keras' raise errors of many classes.
    except Exception as error:  # noqa: BLE001
        problem = Problem("model.zoo", f"{name} cannot be built: {first_line(error)}")
        return StackReport((), 0, 0, False, (problem,))
    rows = (row, *_blocks(model))
    return StackReport(rows, row.parameters, row.flops, True)


def _blocks(model: Any) -> tuple[NodeRow, ...]:
    """Returns a row for each layer with weights, "zoo.0" first."""
    layers = [part for part in getattr(model, "layers", ()) if part.weights]
    rows = []
    for i, part in enumerate(layers):
        before, after = (
            tuple(keras.tree.flatten(t)[0].shape) for t in (part.input, part.output)
        )
        kind = getattr(part, "kind", None)
        rows.append(
            NodeRow(
                f"zoo.{i}",
                part.name,
                kind if isinstance(kind, str) else type(part).__name__,
                after[1:],
                parameters(part),
                layer_flops(part, before, after),
            )
        )
    return tuple(rows)


def _layer(node: Node) -> str:
    return node.layer if isinstance(node, LayerSpec) else str(group_key(node))


def _label(node: Node) -> str:
    if node.name:
        return node.name
    if isinstance(node, RepeatSpec):
        return f"repeat {node.times} times"
    if not isinstance(node, LayerSpec):
        return "residual"
    size = next((v for v in node.args.values() if not isinstance(v, dict)), None)
    return node.layer if size is None else f"{node.layer} {size}"
