"""Scores of normal distributions and their mixtures."""

from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray, described, float64
from dl_techniques.utils.validation import check

_LOG_2PI = float(np.log(2 * np.pi))


def cdf(z: FloatArray) -> FloatArray:
    """Returns the standard normal distribution function."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def density(z: FloatArray) -> FloatArray:
    """Returns the standard normal density."""
    return np.asarray(np.exp(-0.5 * z * z - 0.5 * _LOG_2PI))


def mixture_parts(mixture: Any, y: FloatArray) -> tuple[FloatArray, ...]:
    """Returns checked pi, mu, sigma of shape y.shape + (k,), pi summing to 1."""
    check(len(mixture) == 3, "mixture", "(pi, mu, sigma)", len(mixture))
    names = ("pi", "mu", "sigma")
    parts = [float64(v, n) for n, v in zip(names, mixture, strict=True)]
    if parts[0].ndim == y.ndim == 2 and parts[1].ndim == 3:  # pi shared by outputs
        parts[0] = parts[0][:, None, :]
    shape = np.broadcast_shapes(*(p.shape for p in parts))
    fits = shape[:-1] == y.shape
    check(fits, "mixture", f"of shape {y.shape} + (k,)", shape)
    pi, mu, sigma = (np.broadcast_to(p, shape) for p in parts)
    total = pi.sum(axis=-1)
    sums = bool((np.abs(total[np.isfinite(total)] - 1) <= 1e-3).all())
    check(sums and not (pi < 0).any(), "pi", "summing to 1", described(total))
    check(not (sigma <= 0).any(), "sigma", "above 0", described(sigma))
    return pi / total[..., None], mu, sigma


def _gaussian(y: Any, mu: Any, sigma: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, m, s = float64(y, "y"), float64(mu, "mu"), float64(sigma, "sigma")
    check(not (s <= 0).any(), "sigma", "above 0", described(s))
    check(x.shape == m.shape, "mu", f"of shape {x.shape}", m.shape)
    return x, m, s


def crps_gaussian(y: Any, mu: Any, sigma: Any) -> FloatArray:
    """Returns sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (y - mu) / sigma.

    Source: Gneiting and Raftery (2007), JASA 102, eq. 21.
    """
    x, m, s = _gaussian(y, mu, sigma)
    z = (x - m) / s
    return s * (z * (2 * cdf(z) - 1) + 2 * density(z) - 1 / np.sqrt(np.pi))


def crps_mixture(y: Any, pi: Any, mu: Any, sigma: Any) -> FloatArray:
    """Returns the closed form for a mixture of normal distributions.

        sum_i pi_i A(y - mu_i, sigma_i^2)
        - 1/2 sum_ij pi_i pi_j A(mu_i - mu_j, sigma_i^2 + sigma_j^2)

    with A(m, v) = 2 sqrt(v) phi(m / sqrt(v)) + m (2 Phi(m / sqrt(v)) - 1).

    Source: Grimit, Gneiting, Berrocal and Johnson (2006), QJRMS 132.
    """
    x = float64(y, "y")
    w, m, s = mixture_parts((pi, mu, sigma), x)
    first = (w * _mean_distance(x[..., None] - m, s)).sum(axis=-1)
    between = m[..., :, None] - m[..., None, :]
    spread = np.sqrt(s[..., :, None] ** 2 + s[..., None, :] ** 2)
    pairs = w[..., :, None] * w[..., None, :] * _mean_distance(between, spread)
    return np.asarray(first - pairs.sum(axis=(-2, -1)) / 2)


def _mean_distance(m: FloatArray, s: FloatArray) -> FloatArray:
    z = m / s
    return 2 * s * density(z) + m * (2 * cdf(z) - 1)


def crps_samples(y: Any, samples: Any) -> FloatArray:
    """Returns E|X - y| - E|X - X'| / 2 over (..., m) draws, by sorting them."""
    x, s = float64(y, "y"), float64(samples, "samples")
    check(s.shape[:-1] == x.shape, "samples", f"of shape {x.shape} + (m,)", s.shape)
    m = s.shape[-1]
    check(m > 0, "samples", "at least one draw", s.shape)
    rank = 2 * np.arange(1, m + 1) - m - 1
    half = (np.sort(s, axis=-1) * rank).sum(axis=-1) / m**2
    return np.asarray(np.abs(s - x[..., None]).mean(axis=-1) - half)


def gaussian_nll(y: Any, mu: Any, sigma: Any) -> float:
    """Returns the mean negative log density, in nats."""
    x, m, s = _gaussian(y, mu, sigma)
    each = 0.5 * ((x - m) / s) ** 2 + np.log(s) + 0.5 * _LOG_2PI
    return float(each.mean()) if each.size else float("nan")


def mixture_nll(y: Any, pi: Any, mu: Any, sigma: Any) -> float:
    """Returns the mean negative log density of a mixture, through logsumexp."""
    x = float64(y, "y")
    w, m, s = mixture_parts((pi, mu, sigma), x)
    logs = np.where(w > 0, np.log(np.where(w > 0, w, 1.0)), -np.inf)
    logs = logs - 0.5 * ((x[..., None] - m) / s) ** 2 - np.log(s) - 0.5 * _LOG_2PI
    top = logs.max(axis=-1, keepdims=True)
    each = -(np.log(np.exp(logs - top).sum(axis=-1)) + top[..., 0])
    return float(each.mean()) if each.size else float("nan")
