"""One line of the layer contract: a class, its arguments, input shapes."""

import importlib
import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, Shape], np.ndarray]


def normal(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rng.normal(size=shape).astype("float32")


def positive(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return rng.uniform(0.1, 1.0, size=shape).astype("float32")


def tokens(below: int) -> Draw:
    return lambda rng, shape: rng.integers(0, below, shape).astype("int32")


# CONTRACT_FAMILIES=norms,ffn runs these files of `cases/` alone
ONLY = [n for n in os.environ.get("CONTRACT_FAMILIES", "").split(",") if n]


@dataclass(frozen=True)
class Case:
    """What the contract needs to know of one layer.

    Attributes:
        shape: Input shape with a batch axis, or a tuple of them for several inputs.
        kwargs: Constructor arguments.
        label: Tells apart two cases of one class.
        draw: Makes an input from a generator and a shape; one for all inputs or one
            each. `tokens(50)` gives integers.
        packed: Whether several inputs go in as one list instead of one by one.
        call: Further arguments of the call, for example a flag.
        still: Weights that one optimizer step may leave alone: ends of their paths.
        excused: Check that cannot hold -> why. It must then fail.
    """

    cls: type[keras.layers.Layer]
    shape: Shape | tuple[Shape, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    draw: Draw | tuple[Draw, ...] = normal
    packed: bool = False
    call: dict[str, Any] = field(default_factory=dict)
    still: frozenset[str] = frozenset()
    excused: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.cls.__name__}-{self.label}" if self.label else self.cls.__name__

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return self.shape if isinstance(self.shape[0], tuple) else (self.shape,)

    @property
    def draws(self) -> tuple[Draw, ...]:
        many = isinstance(self.draw, tuple)
        return self.draw if many else (self.draw,) * len(self.shapes)

    @property
    def is_float(self) -> bool:
        rng = np.random.default_rng(0)
        return all(d(rng, (1,)).dtype.kind == "f" for d in self.draws)

    @property
    def is_sequence(self) -> bool:
        """Whether the input is (batch, time, features) or (batch, time) tokens."""
        return len(self.shapes[0]) == (3 if self.is_float else 2)

    def layer(self, **extra: Any) -> keras.layers.Layer:
        return self.cls(**{**self.kwargs, **extra})

    def batch(self, size: int = 3, length: int | None = None) -> list[np.ndarray]:
        """Draws the inputs; `length` replaces the size of axis 1."""
        rng = np.random.default_rng(0)
        rest = [s[1:] if length is None else (length, *s[2:]) for s in self.shapes]
        return [d(rng, (size, *r)) for d, r in zip(self.draws, rest, strict=True)]

    def pack(self, inputs: list[Any]) -> list[Any]:
        """Returns the positional arguments that carry `inputs`."""
        return [list(inputs)] if self.packed else list(inputs)

    def build(self, layer: keras.layers.Layer) -> None:
        layer.build(*self.pack(list(self.shapes)))

    def tensors(
        self, layer: keras.layers.Layer, batch: list[np.ndarray], **call: Any
    ) -> list[Any]:
        """Calls `layer` and returns its outputs as a flat list."""
        if isinstance(layer, keras.Model):  # takes one structure, returns outputs
            return keras.tree.flatten(layer(self.whole(batch), **call))
        return keras.tree.flatten(layer(*self.pack(batch), **self.call, **call))

    def whole(self, batch: list[Any]) -> Any:
        """Returns the inputs as a functional model takes them."""
        return batch[0] if len(batch) == 1 else batch

    def answer(
        self, layer: keras.layers.Layer, batch: list[np.ndarray], **call: Any
    ) -> list[np.ndarray]:
        return [ops.convert_to_numpy(y) for y in self.tensors(layer, batch, **call)]

    def model(self, *, unknown_length: bool = False) -> keras.Model:
        """Returns a functional model of the layer alone, outputs flat."""
        inputs = [
            keras.Input((None, *s[2:]) if unknown_length else s[1:], dtype=str(x.dtype))
            for s, x in zip(self.shapes, self.batch(), strict=True)
        ]
        return keras.Model(self.whole(inputs), self.tensors(self.layer(), inputs))


def all_cases() -> list[Case]:
    """Collects `CASES` of every file in `cases/`, or of those `ONLY` names."""
    folder = Path(__file__).parent / "cases"
    modules = ONLY or sorted(m.name for m in pkgutil.iter_modules([str(folder)]))
    return [
        case
        for name in modules
        for case in importlib.import_module(f"tests.contract.cases.{name}").CASES
    ]


CASES = all_cases()
every_layer = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)


def assert_close(
    got: list[np.ndarray], expected: list[np.ndarray], **tolerance: float
) -> None:
    """Compares two flat lists of outputs."""
    assert len(got) == len(expected)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(
            a.astype("float64"), b.astype("float64"), **tolerance
        )
