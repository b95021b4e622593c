"""Building without allocating: shapes and sizes are known, weights are not made."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

# Keras keeps variables made in a stateless scope on a list and makes them real when
# the next scope ends; there is no public way to drop them.
from keras.src.backend.common import global_state

from dl_techniques.recipes.flops import parameters
from dl_techniques.recipes.problem import Problem, StackError, where_of
from dl_techniques.recipes.steps import LayerStep

MAX_PARAMETERS = 2**28  # 1 GiB in float32, 4 GiB with Adam's state and gradients
_LIST = "uninitialized_variables"


@contextmanager
def weightless() -> Iterator[None]:
    """Layers built inside have weights with shapes but no values."""
    before = global_state.get_global_attribute(_LIST)
    global_state.set_global_attribute(_LIST, [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(_LIST, before or [])


class SizeGuard:
    """An observer that stops before a model outgrows the memory."""

    def __init__(self, limit: int = MAX_PARAMETERS) -> None:
        self.limit = limit
        self.total = 0

    def __call__(self, step: LayerStep) -> None:
        """Raises `StackError` at the layer that goes beyond the limit."""
        self.total += parameters(step.layer)
        if self.total <= self.limit:
            return
        inside = step.path[:1].isdigit()
        name = type(step.layer).__name__
        message = (
            f"{name} at {step.path} brings the model to {self.total:,} weights; "
            f"at most {self.limit:,} are built"
        )
        where = where_of(step.path) if inside else "model.stack"
        raise StackError([Problem(where, message)])
