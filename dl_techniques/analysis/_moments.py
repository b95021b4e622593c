"""Moments, quantiles and histograms of many numbers, in float64."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis._arrays import NAN, FloatArray, IntArray
from dl_techniques.analysis.results import AnalysisResult


@dataclass(frozen=True, slots=True)
class Histogram(AnalysisResult):
    """Counts between edges, and what lies outside.

    Attributes:
        edges: (B + 1,) ascending.
        counts: (B,) values in [low, high), the last bin closed.
        below: Values under the first edge.
        above: Values over the last edge.
    """

    edges: FloatArray
    counts: IntArray
    below: int
    above: int

    def to_frame(self) -> Any:
        """Returns a row a bin."""
        import pandas as pd

        low, high = self.edges[:-1], self.edges[1:]
        return pd.DataFrame({"low": low, "high": high, "count": self.counts})


class Moments(NamedTuple):
    """Count, mean and sums of powers of the distance from it; they can be merged.

    Source: Chan, Golub and LeVeque (1979); Pebay (2008), Sandia report 2008-6212.
    """

    n: int
    mean: float
    m2: float
    m3: float
    m4: float
    low: float
    high: float

    @classmethod
    def of(cls, x: FloatArray) -> Self:
        """Returns the moments of finite values."""
        if not x.size:
            return cls(0, 0.0, 0.0, 0.0, 0.0, np.inf, -np.inf)
        mean, low, high = float(x.mean()), float(x.min()), float(x.max())
        if low == high:
            return cls(x.size, low, 0.0, 0.0, 0.0, low, high)
        d = x - mean
        square = d * d
        m2, m4 = float(square.sum()), float((square * square).sum())
        return cls(x.size, mean, m2, float((square * d).sum()), m4, low, high)

    def merge(self, other: "Moments") -> "Moments":
        """Returns the moments of both sets of values together."""
        if not (self.n and other.n):
            return other if other.n else self
        n, a, b = self.n + other.n, self.n, other.n
        d = other.mean - self.mean
        m2 = self.m2 + other.m2 + d**2 * a * b / n
        m3 = self.m3 + other.m3 + d**3 * a * b * (a - b) / n**2
        m3 += 3 * d * (a * other.m2 - b * self.m2) / n
        m4 = self.m4 + other.m4 + d**4 * a * b * (a * a - a * b + b * b) / n**3
        m4 += 6 * d**2 * (a * a * other.m2 + b * b * self.m2) / n**2
        m4 += 4 * d * (a * other.m3 - b * self.m3) / n
        low, high = min(self.low, other.low), max(self.high, other.high)
        mean = low if low == high else self.mean + d * b / n
        return Moments(n, mean, m2, m3, m4, low, high)

    @property
    def constant(self) -> bool:
        """Whether there are values and all are equal."""
        return self.n > 0 and self.low == self.high

    @property
    def std(self) -> float:
        """Population standard deviation; NaN of nothing."""
        return float(np.sqrt(self.m2 / self.n)) if self.n else NAN

    @property
    def rms(self) -> float:
        """Root of the mean square; NaN of nothing."""
        return float(np.sqrt(self.m2 / self.n + self.mean**2)) if self.n else NAN

    @property
    def skewness(self) -> float:
        """Biased skewness; NaN of equal values."""
        if not self.m2 > 0:
            return NAN
        variance = self.m2 / self.n
        return float(self.m3 / self.n / variance / np.sqrt(variance))

    @property
    def kurtosis(self) -> float:
        """Biased excess kurtosis; NaN of equal values."""
        if not self.m2 > 0:
            return NAN
        variance = self.m2 / self.n
        return float(self.m4 / self.n / variance / variance - 3.0)

    def shown(self) -> tuple[float, float, float, float]:
        """Returns mean, std, min and max; NaN of nothing."""
        if not self.n:
            return NAN, NAN, NAN, NAN
        return self.mean, self.std, self.low, self.high


def finite_values(array: NDArray[Any]) -> tuple[FloatArray, int]:
    """Returns the finite values, flat and in float64, and how many are not."""
    flat = array.reshape(-1).astype(np.float64)
    finite = np.isfinite(flat)
    n_bad = int(flat.size - np.count_nonzero(finite))
    return (flat[finite] if n_bad else flat), n_bad


def quantiles(values: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Returns linear quantiles; NaN of nothing."""
    if not values.size:
        return np.full(len(levels), NAN)
    return np.asarray(np.quantile(values, levels))


def histogram(
    values: FloatArray, n_bins: int, low: float | None = None, high: float | None = None
) -> Histogram:
    """Counts finite values in `n_bins` bins from `low` to `high` (their own range)."""
    if not values.size:
        return Histogram(np.linspace(0, 1, n_bins + 1), np.zeros(n_bins, int), 0, 0)
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    return count_between(values, bin_edges(low, high, n_bins))


def bin_edges(low: float, high: float, n_bins: int) -> FloatArray:
    """Returns equally spaced edges; an empty range is widened to hold its value."""
    width = high - low
    if not width > 4 * n_bins * np.spacing(max(abs(low), abs(high))):
        half = max(0.5 * max(abs(low), abs(high)), 0.5)
        low, high = low - half, high + half
    return np.linspace(low, high, n_bins + 1)


def count_between(values: FloatArray, edges: FloatArray) -> Histogram:
    """Counts finite values between given edges, and those outside."""
    counts, _ = np.histogram(values, edges)
    below = int(np.count_nonzero(values < edges[0]))
    above = int(np.count_nonzero(values > edges[-1]))
    return Histogram(edges, counts.astype(np.int64), below, above)
