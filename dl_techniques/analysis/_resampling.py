"""Says how large a number may be by chance."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dl_techniques.analysis._arrays import NAN, FloatArray, Seed, rng, same_length
from dl_techniques.analysis._binning import BinTable
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check


class ConsistencyBand(NamedTuple):
    """What a perfectly calibrated model would show.

    Attributes:
        low: (B,) lower end of the accuracies, NaN in an empty bin.
        high: (B,) upper end.
        ece_quantiles: (3,) lower end, median and upper end of its calibration error.
    """

    low: FloatArray
    high: FloatArray
    ece_quantiles: FloatArray


def consistency_band(
    table: BinTable, *, level: float = 0.9, n_draws: int = 1000, seed: Seed = 0
) -> ConsistencyBand:
    """Draws outcomes that come true as often as the bins' mean confidence says.

    Source: Broecker and Smith (2007), Weather and Forecasting 22.
    """
    check_level(level)
    check(is_int(n_draws) and n_draws > 0, "n_draws", "at least 1", n_draws)
    low, high = np.full((2, len(table.count)), NAN)
    filled = table.count > 0
    if not filled.any():
        return ConsistencyBand(low, high, np.full(3, NAN))
    trials = np.maximum(np.rint(table.effective_count[filled]).astype(np.int64), 1)
    chance = np.clip(table.mean_confidence[filled], 0.0, 1.0)
    drawn = rng(seed).binomial(trials, chance, (n_draws, len(trials))) / trials
    ends = (0.5 - level / 2, 0.5 + level / 2)
    low[filled], high[filled] = np.quantile(drawn, ends, axis=0)
    share = table.count[filled] / table.count.sum()
    errors = np.abs(drawn - chance) @ share
    return ConsistencyBand(low, high, np.quantile(errors, (ends[0], 0.5, ends[1])))


def bootstrap_interval(
    fn: Callable[..., float],
    *arrays: Any,
    n_boot: int = 200,
    level: float = 0.95,
    seed: Seed = 0,
) -> tuple[float, float]:
    """Returns the percentile interval of `fn(*arrays)` over rows drawn again.

    All arrays are drawn with the same rows. Draws whose value is NaN are left out.
    """
    check_level(level)
    check(is_int(n_boot) and n_boot > 0, "n_boot", "at least 1", n_boot)
    check(len(arrays) > 0, "arrays", "at least one array", arrays)
    columns = [np.asarray(a) for a in arrays]
    same_length(**{f"array {i}": a for i, a in enumerate(columns)})
    n, generator = len(columns[0]), rng(seed)
    if not n:
        return NAN, NAN
    draws = [generator.integers(0, n, n) for _ in range(n_boot)]
    values = np.array([float(fn(*(a[rows] for a in columns))) for rows in draws])
    values = values[~np.isnan(values)]
    if not values.size:
        return NAN, NAN
    low, high = np.quantile(values, (0.5 - level / 2, 0.5 + level / 2))
    return float(low), float(high)


def check_level(level: float) -> None:
    """Raises `ValueError` unless `level` is a share between 0 and 1."""
    check(0 < level < 1, "level", "above 0 and below 1", level)
