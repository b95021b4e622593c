"""One line of the contract of regularizers, initializers and constraints."""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

from dl_techniques import constraints, initializers, regularizers

DENSE, CONV, TALL = (4, 6), (3, 3, 2, 4), (6, 4)


@dataclass(frozen=True)
class WeightsCase:
    """A class, its arguments and the shapes of weights it is given.

    Attributes:
        cls: A regularizer, initializer or constraint.
        kwargs: Constructor arguments.
        label: Tells apart two cases of one class.
        shapes: Shapes of weights that are legal.
        vectors: Whether weights of rank 1 are legal too.
    """

    cls: type[Any]
    kwargs: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    shapes: tuple[tuple[int, ...], ...] = (DENSE, TALL, CONV)
    vectors: bool = False

    @property
    def name(self) -> str:
        return f"{self.cls.__name__}-{self.label}" if self.label else self.cls.__name__

    @property
    def kind(self) -> str:
        bases = {
            "regularizer": keras.regularizers.Regularizer,
            "initializer": keras.initializers.Initializer,
            "constraint": keras.constraints.Constraint,
        }
        return next(kind for kind, base in bases.items() if issubclass(self.cls, base))

    def make(self) -> Any:
        return self.cls(**self.kwargs)

    def answer(self, made: Any, shape: tuple[int, ...], dtype: str = "float32") -> Any:
        """Returns what it gives for a weight of this shape and dtype."""
        if self.kind == "initializer":
            return made(shape, dtype=dtype)
        return made(ops.cast(ops.convert_to_tensor(weight(shape)), dtype))

    def model(self, **compiled: Any) -> keras.Model:
        """Returns a compiled model of one layer that has it on its kernel."""
        given = {f"{self.place}_{self.kind}": self.make()}
        if self.shapes[0][:2] == (2, 2):
            inputs = keras.Input((4, 4, 1))
            layer = keras.layers.DepthwiseConv2D(2, depth_multiplier=4, **given)
        else:
            inputs = keras.Input((4,))
            layer = keras.layers.Dense(6, **given)
        model = keras.Model(inputs, layer(inputs))
        model.compile(keras.optimizers.SGD(0.1), "mse", **compiled)
        return model

    @property
    def place(self) -> str:
        return "depthwise" if self.shapes[0][:2] == (2, 2) else "kernel"


def weight(shape: tuple[int, ...]) -> np.ndarray:
    """Draws a weight."""
    return np.random.default_rng(0).normal(size=shape).astype("float32") * 0.7


def batch(model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """Draws inputs and targets of a model."""
    rng = np.random.default_rng(1)
    shapes = (model.input_shape[1:], model.output_shape[1:])
    x, y = (rng.normal(size=(8, *s)).astype("float32") for s in shapes)
    return x, y


SRIP = {"strength": 0.3, "power_iterations": 3, "squared": True, "seed": 2}
SUM = [
    regularizers.SoftOrthonormalConstraintRegularizer(0.1),
    regularizers.SRIPRegularizer(0.1),
    "l2",
]
CASES = [
    WeightsCase(
        regularizers.SoftOrthonormalConstraintRegularizer,
        {"lambda_coefficient": 0.1, "l1_coefficient": 0.01, "scaling": "matrix"},
    ),
    WeightsCase(
        regularizers.SoftOrthonormalConstraintRegularizer,
        {"schedulable": True, "view": "depthwise"},
        "depthwise",
        ((3, 3, 2, 2),),
    ),
    WeightsCase(
        regularizers.SoftOrthogonalConstraintRegularizer,
        {"lambda_coefficient": 0.1, "normalize": True, "scaling": "diagonal"},
    ),
    WeightsCase(regularizers.SRIPRegularizer, SRIP),
    WeightsCase(regularizers.SRIPRegularizer, {"schedulable": False}, "fixed"),
    WeightsCase(
        regularizers.BinaryPreferenceRegularizer,
        {"multiplier": 0.5, "scale": 2.0, "reduction": "sum"},
        vectors=True,
    ),
    WeightsCase(regularizers.TriStatePreferenceRegularizer, {}, vectors=True),
    WeightsCase(regularizers.EntropyRegularizer, {"target_entropy": 0.3}, vectors=True),
    WeightsCase(regularizers.SumRegularizer, {"regularizers": SUM}),
    WeightsCase(initializers.OrthonormalInitializer, {"gain": 2.0, "seed": 1}),
    WeightsCase(
        initializers.OrthonormalInitializer,
        {"view": "depthwise", "seed": 1},
        "depthwise",
        ((3, 3, 2, 2),),
    ),
    WeightsCase(initializers.HeOrthonormalInitializer, {"seed": 1}),
    WeightsCase(
        initializers.OrthogonalHypersphereInitializer, {"radius": 2.0, "seed": 1}
    ),
    WeightsCase(
        initializers.HaarWaveletInitializer, {"scale": 0.5}, shapes=((2, 2, 1, 4),)
    ),
    WeightsCase(
        constraints.ValueRangeConstraint,
        {"min_value": -0.5, "max_value": 0.25},
        vectors=True,
    ),
    WeightsCase(constraints.OrthonormalConstraint, {"iterations": 3}),
]
