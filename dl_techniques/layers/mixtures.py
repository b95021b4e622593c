"""Mixtures of Gaussians as NumPy arrays: moments, samples, quantiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, softmax

from dl_techniques.utils.validation import check, check_choice

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixture:
    """Diagonal Gaussian mixtures, one for each leading index.

    Attributes:
        mu: Means, `(..., K, D)`.
        sigma: Deviations, `(..., K, D)`.
        log_pi: Unnormalised log weights, `(..., K)`.
    """

    mu: Float
    sigma: Float
    log_pi: Float

    @classmethod
    def from_parameters(cls, params: Float, k: int, d: int) -> "Mixture":
        """Splits a parameter vector `(..., 2 k d + k)`."""
        wide = 2 * k * d + k
        check(params.shape[-1] == wide, "params", f"of width {wide}", params.shape)
        shape = (*params.shape[:-1], k, d)
        mu, sigma = params[..., : k * d], params[..., k * d : 2 * k * d]
        return cls(mu.reshape(shape), sigma.reshape(shape), params[..., 2 * k * d :])

    @property
    def pi(self) -> Float:
        """Weights, `(..., K, 1)`."""
        weights: Float = softmax(self.log_pi, axis=-1)[..., None]
        return weights

    def mean(self) -> Float:
        """Returns the mean, `(..., D)`."""
        return np.asarray((self.pi * self.mu).sum(-2))

    def mode(self) -> Float:
        """Returns the mean of the heaviest component, `(..., D)`."""
        heaviest = self.log_pi.argmax(-1)[..., None, None]
        return np.asarray(np.take_along_axis(self.mu, heaviest, axis=-2)[..., 0, :])

    def variance(self) -> tuple[Float, Float, Float]:
        """Returns total, aleatoric (within) and epistemic (between) variance.

        "Epistemic" is the spread of the component means: several true modes land in
        it too.
        """
        within = (self.pi * self.sigma**2).sum(-2)
        between = (self.pi * (self.mu - self.mean()[..., None, :]) ** 2).sum(-2)
        return within + between, within, between

    def sample(
        self,
        n: int = 1,
        pi_temperature: float = 1.0,
        sigma_temperature: float = 1.0,
        seed: int | None = None,
    ) -> Float:
        """Draws `(n, ..., D)`: a component by the Gumbel maximum, then a normal.

        Temperatures above 0 divide the log weights and multiply the variances.
        """
        check(pi_temperature > 0, "pi_temperature", "above 0", pi_temperature)
        check(
            sigma_temperature >= 0, "sigma_temperature", "0 or more", sigma_temperature
        )
        rng = np.random.default_rng(seed)
        noise = rng.gumbel(size=(n, *self.log_pi.shape))
        chosen = (self.log_pi / pi_temperature + noise).argmax(-1)[..., None, None]
        shape = (n, *self.mu.shape)
        mu = np.take_along_axis(np.broadcast_to(self.mu, shape), chosen, -2)[..., 0, :]
        sigma = np.take_along_axis(np.broadcast_to(self.sigma, shape), chosen, -2)
        normal = rng.normal(size=mu.shape)
        return np.asarray(mu + np.sqrt(sigma_temperature) * sigma[..., 0, :] * normal)

    def cdf(self, y: Float) -> Float:
        """Returns each target's distribution function at `y` `(..., D)`."""
        return np.asarray(
            (self.pi * ndtr((y[..., None, :] - self.mu) / self.sigma)).sum(-2)
        )

    def quantile(self, q: float) -> Float:
        """Finds where the distribution function is `q`, by bisection, `(..., D)`."""
        check(0 < q < 1, "q", "between 0 and 1", q)
        low = (self.mu - 40 * self.sigma).min(-2)
        high = (self.mu + 40 * self.sigma).max(-2)
        for _ in range(80):
            middle = (low + high) / 2
            below = self.cdf(middle) < q
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)

    def interval(
        self, level: float = 0.9, method: str = "quantile"
    ) -> tuple[Float, Float]:
        """Returns the central interval that should hold `level` of the targets.

        "quantile" reads it off the mixture; "gaussian" pretends that the mixture is
        one normal, which misleads for several modes.
        """
        check(0 < level < 1, "level", "between 0 and 1", level)
        check_choice("method", method, ("quantile", "gaussian"))
        if method == "quantile":
            return self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)
        from scipy.special import ndtri

        reach = float(ndtri((1 + level) / 2)) * np.sqrt(self.variance()[0])
        return self.mean() - reach, self.mean() + reach
