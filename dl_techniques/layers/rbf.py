"""Radial basis functions around learned centres."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from dl_techniques.constraints import ValueRangeConstraint
from dl_techniques.layers import prototypes
from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check_int, check_number

Shape = tuple[int | None, ...]
SMALLEST_GAMMA = 1e-5


@keras.saving.register_keras_serializable(package="dl_techniques")
class RBFLayer(Explained, keras.layers.Layer):
    """Answers with the closeness of the input to each of its centres.

        y_u = exp(-gamma_u ||x - c_u||^2)

    Args:
        units: Number of centres.
        gamma_init: Start of every width, at least 1e-5; larger is narrower.
        trainable_gamma: Whether the widths are learned; they stay at least 1e-5.
        repulsion_strength: Weight of the loss term
            `mean_{i != j} max(0, min_center_distance - ||c_i - c_j||)^2`, at least 0.
        min_center_distance: Distance below which centres repel, above 0.
        center_initializer: Start of the centres; `adapt` puts them into data.
        center_constraint: Projection of the centres after each step.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., units)`.

    Weights:
        `centers` (units, features); `gamma` (units,).

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is below 2 or
            the number of features unknown.

    Source: Moody & Darken (1989), Neural Computation 1(2), 281-294.
    """

    def __init__(
        self,
        units: int,
        gamma_init: float = 1.0,
        trainable_gamma: bool = True,
        repulsion_strength: float = 0.0,
        min_center_distance: float = 1.0,
        center_initializer: Any = "uniform",
        center_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("units", units)
        check_number("gamma_init", gamma_init, SMALLEST_GAMMA)
        check_number("repulsion_strength", repulsion_strength, 0)
        check_number("min_center_distance", min_center_distance, 0, low_open=True)
        self.units = units
        self.gamma_init = gamma_init
        self.trainable_gamma = trainable_gamma
        self.repulsion_strength = repulsion_strength
        self.min_center_distance = min_center_distance
        self.center_initializer = keras.initializers.get(center_initializer)
        self.center_constraint = keras.constraints.get(center_constraint)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        # float16 would blur distances, so both stay in float32
        self.centers = self.add_weight(
            name="centers",
            shape=(self.units, prototypes.known_width(input_shape)),
            initializer=self.center_initializer,
            constraint=self.center_constraint,
            autocast=False,
        )
        self.gamma = self.add_weight(
            name="gamma",
            shape=(self.units,),
            initializer=keras.initializers.Constant(self.gamma_init),
            constraint=ValueRangeConstraint(min_value=SMALLEST_GAMMA),
            trainable=self.trainable_gamma,
            autocast=False,
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        x = prototypes.at_least_float32(inputs)
        if self.repulsion_strength:
            push = prototypes.repulsion(self._centers(), self.min_center_distance)
            self.add_loss(self.repulsion_strength * push)
        squares = prototypes.squared_distances(x, self._centers())
        return ops.cast(ops.exp(-self.gamma * squares), self.compute_dtype)

    def _centers(self) -> Any:
        return ops.convert_to_tensor(self.centers)

    def adapt(self, x: ArrayLike, seed: int = 0) -> None:
        """Puts the centres where the data are, by k-means.

        Args:
            x: Inputs `(..., features)`, at least as many as there are units.
            seed: Decides the start of k-means.
        """
        data = np.asarray(x, dtype=np.float64)
        if not self.built:
            self.build(data.shape)
        data = data.reshape(-1, data.shape[-1])
        self.centers.assign(prototypes.k_means(data, self.units, seed))

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {"centers": self._centers(), "gamma": self.gamma}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("units", "gamma_init", "trainable_gamma"),
            *("repulsion_strength", "min_center_distance"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            "center_initializer": keras.initializers.serialize(self.center_initializer),
            "center_constraint": keras.constraints.serialize(self.center_constraint),
        }
