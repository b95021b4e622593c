"""A limit on the size of what is built."""

from dl_techniques.recipes.flops import parameters
from dl_techniques.recipes.problem import Problem, StackError, where_of
from dl_techniques.recipes.steps import LayerStep
from dl_techniques.utils.weightless import weightless as weightless  # builders take it

MAX_PARAMETERS = 2**28  # 1 GiB in float32, 4 GiB with Adam's state and gradients


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
