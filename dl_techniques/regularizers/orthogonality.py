"""What the two soft orthogonality penalties share."""

from typing import Any

import keras
from keras import ops

from dl_techniques.regularizers.strength import make_strength, times
from dl_techniques.utils.kernels import VIEWS, as_float32, as_matrix
from dl_techniques.utils.validation import check_choice, check_number

SCALINGS = ("none", "diagonal", "matrix")


class OrthogonalityPenalty(keras.regularizers.Regularizer):
    """`lambda penalty(M) + l1 sum|w| + l2 sum w^2`; subclasses give `penalty`."""

    def __init__(
        self,
        lambda_coefficient: float = 1e-3,
        l1_coefficient: float = 0.0,
        l2_coefficient: float = 0.0,
        scaling: str = "none",
        view: str = "kernel",
        schedulable: bool = False,
        use_matrix_scaling: bool = False,
    ) -> None:
        scaling = "matrix" if use_matrix_scaling else scaling
        check_number("l1_coefficient", l1_coefficient, 0)
        check_number("l2_coefficient", l2_coefficient, 0)
        check_choice("scaling", scaling, SCALINGS)
        check_choice("view", view, VIEWS)
        self.lambda_coefficient = lambda_coefficient
        self.l1_coefficient = l1_coefficient
        self.l2_coefficient = l2_coefficient
        self.scaling = scaling
        self.view = view
        self.schedulable = schedulable
        self.strength = make_strength(
            "lambda_coefficient", lambda_coefficient, schedulable
        )

    @property
    def initial_strength(self) -> float:
        """The strength that was given; a callback may have changed `strength`."""
        return self.lambda_coefficient

    def penalty(self, matrix: Any) -> Any:
        """Returns the scaled penalty of a float32 matrix."""
        raise NotImplementedError

    def __call__(self, x: Any) -> Any:
        w = as_float32(x)
        value = times(self.strength, self.penalty(as_matrix(w, self.view)))
        if self.l1_coefficient:
            value += self.l1_coefficient * ops.sum(ops.abs(w))
        if self.l2_coefficient:
            value += self.l2_coefficient * ops.sum(ops.square(w))
        return value

    def get_config(self) -> dict[str, Any]:
        return {
            "lambda_coefficient": self.lambda_coefficient,
            "l1_coefficient": self.l1_coefficient,
            "l2_coefficient": self.l2_coefficient,
            "scaling": self.scaling,
            "view": self.view,
            "schedulable": self.schedulable,
        }
