"""Which models no other model beats in everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import BoolArray, FloatArray, IntArray, float64
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class ParetoFront(AnalysisResult):
    """Models and whether they lie on the front.

    Attributes:
        names: Models in the order given.
        objectives: (metric, "min" or "max") pairs.
        values: (models, objectives) as measured.
        mask: (models,) True on the front.
        order: Indices of the front, by the first objective, best first.
    """

    names: tuple[str, ...]
    objectives: tuple[tuple[str, str], ...]
    values: FloatArray
    mask: BoolArray
    order: IntArray

    def to_frame(self) -> Any:
        """Returns a row a model."""
        import pandas as pd

        columns = [name for name, _ in self.objectives]
        frame = pd.DataFrame(self.values, columns=columns)
        frame.insert(0, "name", list(self.names))
        return frame.assign(on_front=self.mask)


def pareto_mask(costs: Any) -> BoolArray:
    """Returns (n,) whether no row of (n, m) costs is as low everywhere and lower once.

    Equal rows are all kept; a row with NaN is never on the front.
    """
    c = float64(costs, "costs", 2)
    good = np.logical_not(np.asarray(np.isnan(c).any(axis=1)))
    mask: BoolArray = np.array(good, dtype=np.bool_)
    for i in np.flatnonzero(good):
        no_worse = (c[good] <= c[i]).all(axis=1)
        mask[i] = not (no_worse & (c[good] < c[i]).any(axis=1)).any()
    return mask


def pareto_front(
    values: Mapping[str, Mapping[str, float]],
    objectives: Sequence[tuple[str, str]] = (
        ("accuracy", "max"),
        ("parameters", "min"),
    ),
) -> ParetoFront:
    """Finds the front of {model: {metric: value}}; a missing metric is NaN."""
    check(len(objectives) > 0, "objectives", "at least one", objectives)
    for _, direction in objectives:
        known = direction in ("min", "max")
        check(known, "objectives", "of direction 'min' or 'max'", objectives)
    names = tuple(values)
    table = np.array(
        [[values[n].get(m, np.nan) for m, _ in objectives] for n in names], float
    ).reshape(len(names), len(objectives))
    costs = table * np.array([1.0 if d == "min" else -1.0 for _, d in objectives])
    mask = pareto_mask(costs)
    front = np.flatnonzero(mask)
    order = front[np.argsort(costs[front, 0], kind="stable")]
    goals = tuple((str(m), str(d)) for m, d in objectives)
    return ParetoFront(names, goals, table, mask, order)
