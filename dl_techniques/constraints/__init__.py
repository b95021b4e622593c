"""Projections of weights after each update."""

from dl_techniques.constraints.orthonormal import OrthonormalConstraint
from dl_techniques.constraints.value_range import ValueRangeConstraint

__all__ = ["OrthonormalConstraint", "ValueRangeConstraint"]
