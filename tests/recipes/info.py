"""A small stand-in for a data set's description."""

from dataclasses import dataclass

from dl_techniques.recipes import LayerSpec, ModelSpec, Recipe
from dl_techniques.recipes.stack import as_node


@dataclass(frozen=True)
class Info:
    kind: str = "image"
    input_shape: tuple[int, ...] = (8, 8, 1)
    n_outputs: int = 10
    task: str = "classification"
    vocabulary: int | None = None

    @property
    def num_classes(self):
        return self.n_outputs if self.task == "classification" else None


IMAGE = Info()
VECTOR = Info("vector", (6,), 3)
SEQUENCE = Info("sequence", (5, 4), 3)
TOKENS = Info("tokens", (9,), 4, vocabulary=17)
CURVE = Info("vector", (1,), 1, "regression")


def layer(name, **args):
    return LayerSpec(layer=name, args=args)


def recipe(*nodes, head="auto", **fields):
    stack = tuple(as_node(n) for n in nodes)
    return Recipe(model=ModelSpec(stack=stack, head=head), **fields)
