"""One line of the contract of losses and metrics: a class and what it is fed."""

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

Pair = tuple[np.ndarray, np.ndarray]
Draw = Callable[[np.random.Generator, int], Pair]
ONLY = [n for n in os.environ.get("CONTRACT_FAMILIES", "").split(",") if n]


def logits(classes: int) -> Draw:
    """Class numbers (B,) and logits (B, classes); numbers 0 and 1 for one column."""

    def draw(rng: np.random.Generator, size: int) -> Pair:
        y = (np.arange(size) + rng.integers(0, 2, size)) % max(classes, 2)
        return y.astype("int32"), rng.normal(size=(size, classes)).astype("float32")

    return draw


def chances(classes: int) -> Draw:
    """Class numbers (B,) and probabilities (B, classes)."""

    def draw(rng: np.random.Generator, size: int) -> Pair:
        y, z = logits(classes)(rng, size)
        e = np.exp(z - z.max(-1, keepdims=True))
        return y, 1 / (1 + np.exp(-z)) if classes == 1 else e / e.sum(-1, keepdims=True)

    return draw


@dataclass(frozen=True)
class LossCase:
    """What the contract needs to know of one loss or metric.

    Attributes:
        cls: A subclass of `keras.losses.Loss` or `keras.metrics.Metric`.
        draw: Makes `y_true` and `y_pred` of a batch size. `logits(3)` and `chances(3)`
            give class numbers and answers.
        kwargs: Constructor arguments.
        label: Tells apart two cases of one class.
        head: Activation of the test model's last layer: what the predictions are.
            "linear" predictions are also tried at sizes of 1e4.
        classes: Columns of a classification loss, whose labels are then tried as
            (B,), (B, 1) and one-hot; 0 for everything else.
        batch: Whether a loss is one value of the whole batch ("whole"), one value a
            sample that knows the batch ("mixed"), or one value a sample ("sample").
        size: Smallest batch that makes sense.
        model: Builds the model to be compiled; by default one Dense layer.
        excused: Check that cannot hold -> why. It must then fail.
    """

    cls: type[Any]
    draw: Draw
    kwargs: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    head: str = "linear"
    classes: int = 0
    batch: str = "sample"
    size: int = 8
    model: Callable[[], keras.Model] | None = None
    excused: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.cls.__name__}-{self.label}" if self.label else self.cls.__name__

    @property
    def is_metric(self) -> bool:
        return issubclass(self.cls, keras.metrics.Metric)

    def make(self, **extra: Any) -> Any:
        return self.cls(**{**self.kwargs, **extra})

    def data(self, size: int | None = None, seed: int = 0) -> Pair:
        return self.draw(np.random.default_rng(seed), size or self.size)

    def value(self, y: Any, p: Any, weights: Any = None, **extra: Any) -> np.ndarray:
        """Returns a loss' value, or a metric's result after one update."""
        made = self.make(**extra)
        value = made(y, p, sample_weight=weights)
        return np.asarray(ops.convert_to_numpy(value))

    def compiled(
        self, *, jit: bool = True
    ) -> tuple[keras.Model, np.ndarray, np.ndarray]:
        """Returns a compiled model, its input and its targets."""
        y, p = self.data()
        if self.model is not None:
            model = self.model()
        else:
            layer = keras.layers.Dense(p.shape[-1], activation=self.head)
            inputs = keras.Input(p.shape[1:])
            model = keras.Model(inputs, layer(inputs))
        loss, metrics = self.make(), []
        if self.is_metric:  # Keras wants something to minimise beside it
            penalty = keras.layers.ActivityRegularization(l2=1e-6)
            model = keras.Model(model.input, penalty(model.output))
            loss, metrics = None, [self.make(name="metric")]
        jit = jit and keras.backend.backend() != "torch"
        model.compile("sgd", loss=loss, metrics=metrics, jit_compile=jit)
        shape = (len(y), *model.input_shape[1:])
        x = np.random.default_rng(1).normal(size=shape).astype("float32")
        return model, x, y

    def told(self, model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
        """Returns what a compiled model reports on one batch."""
        logs = model.test_on_batch(x, y, return_dict=True)
        return float(logs["metric" if self.is_metric else "loss"])


def label_forms(y: np.ndarray, columns: int) -> list[np.ndarray]:
    """Returns class numbers as (B,), (B, 1) and, for several columns, rows."""
    forms = [y, y[:, None]]
    return forms if columns == 1 else [*forms, np.eye(columns, dtype="float32")[y]]


def all_cases() -> list[LossCase]:
    """Collects `CASES` of every file in `cases_losses/`, or of those `ONLY` names."""
    folder = Path(__file__).parent / "cases_losses"
    modules = sorted(m.name for m in pkgutil.iter_modules([str(folder)]))
    return [
        case
        for name in modules
        if not ONLY or name in ONLY
        for case in importlib.import_module(f"tests.contract.cases_losses.{name}").CASES
    ]


CASES = all_cases()
LOSSES = [c for c in CASES if not c.is_metric]
METRICS = [c for c in CASES if c.is_metric]


def each(cases: list[LossCase]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda c: c.name)


def with_labels(cases: list[LossCase]) -> list[LossCase]:
    return [c for c in cases if c.classes]
