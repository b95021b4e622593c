"""Search for the power-law tail of a spectrum: exact, without the quadratic cost."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SMALL_TAIL = 8  # fewest values a tail may have when the whole sample is small


class Tail(NamedTuple):
    """One candidate: where the tail starts, its exponent and its distance."""

    start: int
    alpha: float
    distance: float


def exponents(log_x: Array, small: bool) -> Array:
    """Returns the maximum-likelihood exponent of every tail `x[i:]`, i < n - 1.

    A tail without spread has no exponent: inf.
    """
    size = np.arange(len(log_x), 1, -1, dtype=np.float64)
    above = np.cumsum(log_x[::-1])[::-1][:-1] - size * log_x[:-1]
    spread = above > 1e-12 * size * max(1.0, float(np.ptp(log_x)))
    count = size - 1 if small else size
    return 1 + np.divide(count, above, out=np.full(len(size), np.inf), where=spread)


def distance(log_x: Array, start: int, alpha: float) -> float:
    """Returns the Kolmogorov-Smirnov distance of one tail (steps 0..(k-1)/k)."""
    if not np.isfinite(alpha):
        return 1.0
    tail = log_x[start:]
    gap = np.exp((1 - alpha) * (tail - tail[0]))
    gap += np.arange(len(tail)) / len(tail)
    gap -= 1
    return float(max(gap.max(), -gap.min()))


def _bounds(log_x: Array, starts: NDArray[np.intp], alphas: Array, n: int) -> Array:
    """Returns a lower bound of every distance from `n` points of each tail."""
    size = len(log_x) - starts
    step = (np.linspace(0, 1, n)[None] * (size - 1)[:, None]).astype(np.intp)
    gap = log_x[starts[:, None] + step]
    gap -= log_x[starts][:, None]
    gap *= (1 - alphas)[:, None]
    np.exp(gap, out=gap)
    gap += step / size[:, None]
    gap -= 1
    return np.abs(gap, out=gap).max(axis=1)


def best_tail(log_x: Array, *, min_tail: int = 2, small_n: int = 20) -> Tail | None:
    """Returns the tail with the smallest distance, the first one on ties.

    The same answer as trying every start: tails are visited in the order of a lower
    bound of their distance until no bound is left below the best distance found.
    """
    n = len(log_x)
    small = n < small_n
    alphas = exponents(log_x, small)
    last = n - max(min_tail, SMALL_TAIL if small else 2)
    starts = np.flatnonzero(np.isfinite(alphas[: max(last + 1, 0)]))
    if not len(starts):
        return None
    if n <= 128:
        every = _all_distances(log_x, alphas, starts)
        start = int(starts[every.argmin()])
        return Tail(start, float(alphas[start]), float(every.min()))
    bound = _bounds(log_x, starts, alphas[starts], 16)
    guess = int(starts[bound.argmin()])
    best = Tail(guess, float(alphas[guess]), distance(log_x, guess, alphas[guess]))
    starts = starts[bound <= best.distance * (1 + 1e-12)]
    bound = _bounds(log_x, starts, alphas[starts], 64)
    for at in np.argsort(bound, kind="stable"):
        if bound[at] > best.distance * (1 + 1e-12):
            break
        start = int(starts[at])
        found = distance(log_x, start, alphas[start])
        if (found, start) < (best.distance, best.start):
            best = Tail(start, float(alphas[start]), found)
    return best


def _all_distances(log_x: Array, alphas: Array, starts: NDArray[np.intp]) -> Array:
    place = np.arange(len(log_x)) - starts[:, None]
    gap = (1 - alphas[starts])[:, None] * (log_x - log_x[starts][:, None])
    gap = np.exp(np.minimum(gap, 0)) - 1 + place / (len(log_x) - starts)[:, None]
    return np.abs(np.where(place < 0, 0, gap)).max(axis=1)


def vuong(x: Array, alpha: float) -> float:
    """Returns the normalised log-likelihood ratio of power law over exponential."""
    ratio = power_law_logpdf(x, alpha) - exponential_logpdf(x)
    spread = float(ratio.std())
    return float(ratio.sum() / (np.sqrt(len(x)) * spread)) if spread > 0 else 0.0


def power_law_logpdf(x: Array, alpha: float) -> Array:
    """Returns ln p of the power law that starts at x[0] = min(x)."""
    return np.log((alpha - 1) / x[0]) - alpha * np.log(x / x[0])


def exponential_logpdf(x: Array) -> Array:
    """Returns ln p of the exponential that starts at x[0], fitted to x."""
    above = x - x[0]
    mean = float(above.mean())
    return -above / mean - np.log(mean)


def bootstrap_share(
    x: Array, tail: Tail, n: int, rng: np.random.Generator, **search: int
) -> float:
    """Returns the share of simulated samples whose distance is at least the found one.

    Semi-parametric: below the tail the values are drawn again, in it from the law.
    Source: Clauset, Shalizi, Newman (2009), SIAM Review 51, section 4.1.
    """
    body, count, hits = x[: tail.start], len(x), 0
    share = (count - tail.start) / count
    for _ in range(n):
        in_tail = rng.random(count) < share if len(body) else np.ones(count, bool)
        drawn = x[tail.start] * (1 - rng.random(count)) ** (-1 / (tail.alpha - 1))
        if len(body):
            drawn = np.where(in_tail, drawn, rng.choice(body, count))
        again = best_tail(np.log(np.sort(drawn)), **search)
        hits += again is not None and again.distance >= tail.distance
    return hits / n
