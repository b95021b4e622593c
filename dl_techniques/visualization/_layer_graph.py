"""A model as plain data: layers and the connections between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class GraphLayer:
    """One layer.

    Attributes:
        name: Unique in the graph.
        kind: Class of the layer.
        shape: Of the output, in words.
        parameters: Number of weights.
    """

    name: str
    kind: str = ""
    shape: str = ""
    parameters: int = 0


@dataclass(frozen=True, slots=True)
class LayerGraph:
    """Layers in the order in which they work.

    Attributes:
        name: Of the model.
        layers: From the input down.
        edges: (from, to) names of layers.
    """

    name: str = "model"
    layers: tuple[GraphLayer, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()

    @classmethod
    def chain(cls, layers: Iterable[GraphLayer], name: str = "model") -> "LayerGraph":
        """Returns the graph of layers that follow one another."""
        found = tuple(layers)
        pairs = tuple((a.name, b.name) for a, b in pairwise(found))
        return cls(name, found, pairs)


def graph_of(model: Any) -> LayerGraph:
    """Returns the graph of a Keras model, which is only read.

    Raises:
        TypeError: If `model` is neither a graph nor has layers.
    """
    if isinstance(model, LayerGraph):
        return model
    layers = getattr(model, "layers", None)
    if not isinstance(layers, list | tuple):
        kind = type(model).__name__
        raise TypeError(f"expected a LayerGraph or a Keras model, got {kind}")
    found = tuple(_layer(v) for v in layers)
    edges = tuple(dict.fromkeys(_edges(layers)))
    if not edges:
        return LayerGraph.chain(found, str(getattr(model, "name", "model")))
    return LayerGraph(str(getattr(model, "name", "model")), found, edges)


def _layer(layer: Any) -> GraphLayer:
    parameters = int(layer.count_params()) if getattr(layer, "built", False) else 0
    return GraphLayer(layer.name, type(layer).__name__, _shape(layer), parameters)


def _shape(layer: Any) -> str:
    try:
        output = layer.output
    except (AttributeError, ValueError):  # called never, or as part of a subclass
        return ""
    first = output[0] if isinstance(output, list | tuple) and output else output
    shape = getattr(first, "shape", None)
    if shape is None:
        return ""
    return " x ".join("n" if s is None else str(s) for s in tuple(shape)[1:])


def _edges(layers: Iterable[Any]) -> Iterable[tuple[str, str]]:
    known = {id(v): v.name for v in layers}
    for layer in layers:
        for node in getattr(layer, "_inbound_nodes", ()):
            for tensor in getattr(node, "input_tensors", ()):
                history = getattr(tensor, "_keras_history", None)
                start = known.get(id(getattr(history, "operation", None)))
                if start is not None and start != layer.name:
                    yield start, layer.name
