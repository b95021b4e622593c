"""What was built, as a tree: the script exporter and the inspector read it."""

from dataclasses import dataclass
from typing import Any

from dl_techniques.recipes.calls import Call

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class LayerStep:
    """One layer applied to one tensor.

    Attributes:
        path: Path of its node; the head and its like have names instead.
        call: How the layer is made, without its name.
        name: Its name in the model, without the numbers of repeats.
        twice: Whether it is called as layer(x, x).
        layer: The Keras layer.
        input_shape: What it got, with the batch.
        output_shape: What it gave, with the batch.
    """

    path: str
    call: Call
    name: str
    twice: bool
    layer: Any
    input_shape: Shape
    output_shape: Shape


@dataclass(frozen=True)
class ResidualStep:
    """A branch added to its input."""

    path: str
    name: str
    body: tuple["Step", ...]
    projection: LayerStep | None


@dataclass(frozen=True)
class RepeatStep:
    """The same layers several times, with their own weights each time."""

    path: str
    rounds: tuple[tuple["Step", ...], ...]


Step = LayerStep | ResidualStep | RepeatStep
