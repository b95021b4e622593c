"""Builds a stack with Keras, node by node, and records what it did."""

import inspect
import re
from collections.abc import Callable
from typing import Any

from dl_techniques.recipes.calls import Call, call_of
from dl_techniques.recipes.problem import StackError
from dl_techniques.recipes.residual import projection
from dl_techniques.recipes.schema import LayerSpec, Node, RepeatSpec, ResidualSpec
from dl_techniques.recipes.steps import (
    LayerStep,
    RepeatStep,
    ResidualStep,
    Shape,
    Step,
)
from dl_techniques.recipes.words import layer_error

Observer = Callable[[LayerStep], None]


class StackBuilder:
    """Applies nodes to tensors; `observer` sees each layer as it is built."""

    def __init__(self, observer: Observer | None = None) -> None:
        self.observer = observer

    def nodes(
        self, x: Any, nodes: tuple[Node, ...], prefix: str = "", suffix: str = ""
    ) -> tuple[Any, tuple[Step, ...]]:
        """Applies the nodes in order; returns the output and what was done."""
        steps: list[Step] = []
        for i, node in enumerate(nodes):
            if node.muted:
                continue
            path = f"{prefix}{i}"
            step: Step
            if isinstance(node, LayerSpec):
                x, step = self.layer(x, node, path, suffix)
            elif isinstance(node, ResidualSpec):
                x, step = self._residual(x, node, path, suffix)
            else:
                x, step = self._repeat(x, node, path, suffix)
            steps.append(step)
        return x, tuple(steps)

    def layer(
        self, x: Any, node: LayerSpec, path: str, suffix: str
    ) -> tuple[Any, LayerStep]:
        """Applies one layer; `StackError` names it when it does not fit."""
        name = node.name or f"{snake(node.layer)}_{path_name(path)}"
        call = call_of("layer", node.layer, node.args)
        shape: Shape | None = None
        try:
            layer = call.make(name=name + suffix)
            shape = tuple(x.shape)
            return self.apply(x, layer, call, path, name)
        except StackError:
            raise
        # Keras and its backends raise errors of many classes for a wrong shape.
        except Exception as error:
            raise layer_error(node, path, shape, error) from error

    def apply(
        self, x: Any, layer: Any, call: Call, path: str, name: str
    ) -> tuple[Any, LayerStep]:
        """Calls a layer that is already made."""
        twice = wants_value(layer)
        y = layer(x, x) if twice else layer(x)
        shape = getattr(y, "shape", None)
        if shape is None:
            raise ValueError("it gives several outputs; a stack needs one")
        if len(shape) < 2 or 0 in shape:
            raise ValueError(f"its output size would be zero: {tuple(shape)[1:]}")
        step = LayerStep(path, call, name, twice, layer, tuple(x.shape), tuple(shape))
        if self.observer:
            self.observer(step)
        return y, step

    def _residual(
        self, x: Any, node: ResidualSpec, path: str, suffix: str
    ) -> tuple[Any, ResidualStep]:
        name = node.name or f"residual_{path_name(path)}"
        y, body = self.nodes(x, node.residual, f"{path}.residual.", suffix)
        fit = projection(node, path, tuple(x.shape), tuple(y.shape))
        fitted = None
        if fit:
            layer = fit.make(name=f"{name}_projection{suffix}")
            x, fitted = self.apply(x, layer, fit, path, f"{name}_projection")
        total = Call("keras.layers.Add").make(name=name + suffix)([x, y])
        return total, ResidualStep(path, name, body, fitted)

    def _repeat(
        self, x: Any, node: RepeatSpec, path: str, suffix: str
    ) -> tuple[Any, RepeatStep]:
        rounds = []
        for i in range(node.times):
            inside = f"{path}.repeat."
            x, steps = self.nodes(x, node.repeat, inside, f"{suffix}_r{i}")
            rounds.append(steps)
        return x, RepeatStep(path, tuple(rounds))


def wants_value(layer: Any) -> bool:
    """Tells whether `call` needs a second tensor, as attention does."""
    parameters = list(inspect.signature(layer.call).parameters.values())
    needed = [
        p
        for p in parameters
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    return len(needed) == 2 and needed[1].name == "value"


def snake(name: str) -> str:
    """Turns a class name into snake case: LayerNormalization, Conv2D -> conv2d."""
    name = re.sub(r"([a-z])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def path_name(path: str) -> str:
    """Turns a path into a part of a name: "2.residual.1" -> "2_1"."""
    return "_".join(re.findall(r"\d+", path))
