"""Quantiles and densities of mixtures of normal distributions; NumPy and SciPy."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray
from dl_techniques.analysis._normal_scores import cdf, density

_HALVINGS = 48
Mixture = tuple[Any, Any, Any]  # pi, mu, sigma, each (n, k)


def mixture_quantiles(mixture: Mixture, levels: Sequence[float]) -> FloatArray:
    """Returns (levels, n): where each distribution function reaches each level.

    By bisection between the components' own quantiles, which enclose the mixture's.
    """
    from scipy.special import ndtri

    pi, mu, sigma = (np.asarray(v, np.float64)[None] for v in mixture)
    q = np.asarray(levels, np.float64)[:, None]
    ends = mu + sigma * ndtri(q)[..., None]
    low, high = ends.min(-1), ends.max(-1)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = (pi * cdf((middle[..., None] - mu) / sigma)).sum(-1) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def mixture_densities(mixture: Mixture, y: Any) -> FloatArray:
    """Returns (m, n): the density of each of n mixtures at each of m places."""
    pi, mu, sigma = (np.asarray(v, np.float64)[None] for v in mixture)
    z = (np.asarray(y, np.float64)[:, None, None] - mu) / sigma
    return np.asarray((pi * density(z) / sigma).sum(-1))
