"""Maps from scores to weights with exact zeros: sparsemax and entmax.

All work on the last axis, in float32 or wider, and return exact gradients: the
threshold is found on numbers without a gradient, then corrected by one Newton step
that has one. Scores that `allowed` forbids weigh exactly 0 and do not count.
"""

from typing import Any

from keras import ops

from dl_techniques.layers.attention.masks import LOWEST
from dl_techniques.layers.norms.base import at_least_float32

# Scores this far below the row's largest are outside every support, which ends at -1.
FAR = -2.0
BISECTIONS = 30


def sparsemax(scores: Any, allowed: Any = None) -> Any:
    """Projects scores onto the probability simplex.

        p = max(z - tau, 0),  tau such that sum p = 1

    Source: Martins, Astudillo (2016), arXiv:1602.02068, algorithm 1.
    """
    z = _below_largest(scores, 1.0, allowed)
    ranked, ranks = _ranked(ops.stop_gradient(z))
    sums = ops.cumsum(ranked, axis=-1)
    size = _count(1 + ranks * ranked > sums, ranks.dtype)
    return _finish(z, (_at(sums, size) - 1) / size, 1.0, allowed)


def entmax15(scores: Any, allowed: Any = None) -> Any:
    """Maps scores to weights between softmax and sparsemax.

        p = max(z / 2 - tau, 0) ** 2,  tau such that sum p = 1

    Source: Peters, Niculae, Martins (2019), arXiv:1905.05702, algorithm 2.
    """
    z = _below_largest(scores, 0.5, allowed)
    ranked, ranks = _ranked(ops.stop_gradient(z))
    mean = ops.cumsum(ranked, axis=-1) / ranks
    square = ops.cumsum(ranked * ranked, axis=-1) / ranks
    rest = ops.maximum(1 / ranks - (square - mean * mean), 0.0)
    taus = mean - ops.sqrt(rest)
    size = _count(taus <= ranked, ranks.dtype)
    return _finish(z, _at(taus, size), 2.0, allowed)


def entmax(scores: Any, alpha: Any = 1.5, allowed: Any = None) -> Any:
    """Maps scores to weights by a free alpha, 1 < alpha <= 2; 2 is sparsemax.

        p = max((alpha - 1) z - tau, 0) ** (1 / (alpha - 1)),  sum p = 1

    Args:
        scores: Any tensor.
        alpha: A number, or a tensor that broadcasts to `scores`; it has a gradient.
        allowed: Booleans that broadcast to `scores`, or None.

    Source: Peters, Niculae, Martins (2019), arXiv:1905.05702, eq. 12, algorithm 1.
    """
    scores = at_least_float32(ops.convert_to_tensor(scores))
    alpha = ops.cast(alpha, scores.dtype)
    z, power = _below_largest(scores, alpha - 1, allowed), 1 / (alpha - 1)
    fixed, sharp = ops.stop_gradient(z), ops.stop_gradient(power)
    low = -ops.ones_like(fixed[..., :1])
    count = ops.sum(ops.ones_like(fixed), axis=-1, keepdims=True)
    high = -(count ** (-1 / sharp))

    def halve(_: Any, ends: tuple[Any, Any]) -> tuple[Any, Any]:
        tau = (ends[0] + ends[1]) / 2
        heavy = ops.sum(_powered(fixed - tau, sharp), axis=-1, keepdims=True) >= 1
        return ops.where(heavy, tau, ends[0]), ops.where(heavy, ends[1], tau)

    low, high = ops.fori_loop(0, BISECTIONS, halve, (low, high))
    return _finish(z, (low + high) / 2, power, allowed)


def _below_largest(scores: Any, factor: Any, allowed: Any) -> Any:
    """Returns factor * (z - the largest permitted z), clipped at `FAR`."""
    z = at_least_float32(ops.convert_to_tensor(scores))
    kept = z if allowed is None else ops.where(allowed, z, LOWEST)
    z = factor * (z - ops.stop_gradient(ops.max(kept, axis=-1, keepdims=True)))
    return ops.maximum(z if allowed is None else ops.where(allowed, z, FAR), FAR)


def _ranked(z: Any) -> tuple[Any, Any]:
    """Returns the last axis in falling order, and the ranks 1, 2, ..."""
    ranked = -ops.sort(-z, axis=-1)
    return ranked, ops.cumsum(ops.ones_like(ranked), axis=-1)


def _count(chosen: Any, dtype: Any) -> Any:
    return ops.maximum(ops.sum(ops.cast(chosen, dtype), axis=-1, keepdims=True), 1.0)


def _at(values: Any, rank: Any) -> Any:
    """Returns each row's value at its rank (1, 2, ...)."""
    return ops.take_along_axis(values, ops.cast(rank, "int32") - 1, axis=-1)


def _powered(distance: Any, power: Any) -> Any:
    """Returns max(distance, 0) ** power with a finite gradient at 0."""
    inside = distance > 0
    return ops.where(inside, ops.where(inside, distance, 1.0) ** power, 0.0)


def _finish(z: Any, tau: Any, power: Any, allowed: Any) -> Any:
    """Corrects tau by a Newton step, whose derivative is that of the true tau."""
    tau = ops.stop_gradient(tau)
    excess = ops.sum(_powered(z - tau, power), axis=-1, keepdims=True) - 1
    slope = ops.sum(power * _powered(z - tau, power - 1), axis=-1, keepdims=True)
    slope = ops.stop_gradient(ops.where(slope > 0, slope, 1.0))
    p = _powered(z - tau - excess / slope, power)
    return p if allowed is None else ops.where(allowed, p, 0.0)
