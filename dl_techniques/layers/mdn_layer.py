"""A head that predicts a mixture of Gaussians."""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.layers.mixtures import Mixture
from dl_techniques.utils.mixture_nll import mixture_nll
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Shape = tuple[int | None, ...]
SIGMA_ACTIVATIONS = ("elu_plus_one", "softplus", "exp")


@keras.saving.register_keras_serializable(package="dl_techniques")
class MDNLayer(Explained, keras.layers.Layer):
    """Predicts means, deviations and weights of K diagonal Gaussians.

        y = [mu (K * D), sigma (K * D), pi logits (K)],  sigma = act(raw) + min_sigma

    Args:
        output_dimension: D, the number of targets.
        num_mixtures: K, the number of components.
        sigma_activation: "elu_plus_one" (elu(x) + 1), "softplus", or "exp" of the raw
            value clipped to [-15, 15].
        min_sigma: Smallest deviation, above 0.
        kernel_initializer: Start of the three kernels.
        bias_initializer: Start of the three biases.
        mu_bias_spread: None, or the K means of each target start evenly spread over
            [-spread, spread].
        kernel_regularizer: Penalty on the kernels.
        bias_regularizer: Penalty on the biases.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., 2 K D + K)`, float32 or wider.

    Weights:
        `mdn_mus/kernel` (features, K D), `mdn_sigmas/kernel` (features, K D),
        `mdn_pi/kernel` (features, K), and their biases.

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is below 2 or
            the number of features unknown.

    Source: Bishop (1994), Mixture density networks, NCRG/94/004, eq. 22-29.
    """

    def __init__(
        self,
        output_dimension: int,
        num_mixtures: int,
        sigma_activation: str = "elu_plus_one",
        min_sigma: float = 1e-4,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        mu_bias_spread: float | None = None,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("output_dimension", output_dimension)
        check_int("num_mixtures", num_mixtures)
        check_choice("sigma_activation", sigma_activation, SIGMA_ACTIVATIONS)
        check_number("min_sigma", min_sigma, 0, low_open=True)
        check_number("mu_bias_spread", mu_bias_spread, 0, optional=True)
        self.output_dimension = output_dimension
        self.num_mixtures = num_mixtures
        self.sigma_activation = sigma_activation
        self.min_sigma = min_sigma
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.mu_bias_spread = mu_bias_spread
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, ..., features) with known features"
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        width = self.num_mixtures * self.output_dimension
        start = self.bias_initializer
        if self.mu_bias_spread is not None:
            start = self._spread
        self.mdn_mus = self._dense(width, "mdn_mus", start)
        self.mdn_sigmas = self._dense(width, "mdn_sigmas", self.bias_initializer)
        self.mdn_pi = self._dense(self.num_mixtures, "mdn_pi", self.bias_initializer)
        for part in (self.mdn_mus, self.mdn_sigmas, self.mdn_pi):
            part.build(tuple(input_shape))

    def _spread(self, shape: Shape, dtype: Any = None) -> Any:
        spread = self.mu_bias_spread or 0.0
        means = np.linspace(-spread, spread, self.num_mixtures)
        return ops.cast(np.repeat(means, self.output_dimension), dtype)

    def _dense(self, units: int, name: str, bias: Any) -> keras.layers.Dense:
        return keras.layers.Dense(
            units,
            kernel_initializer=fresh_initializer(self.kernel_initializer),
            bias_initializer=bias,
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            dtype=self.dtype_policy,
            name=name,
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        raw = ops.cast(self.mdn_sigmas(inputs), dtype)
        sigma = self._positive(raw) + self.min_sigma
        mu = ops.cast(self.mdn_mus(inputs), dtype)
        pi = ops.cast(self.mdn_pi(inputs), dtype)
        return ops.concatenate([mu, sigma, pi], axis=-1)

    def _positive(self, raw: Any) -> Any:
        if self.sigma_activation == "elu_plus_one":
            return ops.elu(raw) + 1.0
        if self.sigma_activation == "softplus":
            return ops.softplus(raw)
        return ops.exp(ops.clip(raw, -15.0, 15.0))

    def nll(self, y: Any, params: Any) -> Any:
        """Returns the negative log-likelihood of `y` `(..., D)`, one a sample."""
        return mixture_nll(y, params, self.num_mixtures, self.output_dimension)

    loss_func = nll

    def split_mixture_params(self, params: Any) -> tuple[Any, Any, Any]:
        """Returns mu `(..., K, D)`, sigma `(..., K, D)` and pi logits `(..., K)`."""
        k, d = self.num_mixtures, self.output_dimension
        shape = (*ops.shape(params)[:-1], k, d)
        mu = ops.reshape(params[..., : k * d], shape)
        sigma = ops.reshape(params[..., k * d : 2 * k * d], shape)
        return mu, sigma, params[..., 2 * k * d :]

    def mixture(self, params: ArrayLike) -> Mixture:
        """Returns the predicted mixtures as NumPy arrays with their statistics."""
        array = np.asarray(ops.convert_to_numpy(params), dtype=np.float64)
        return Mixture.from_parameters(array, self.num_mixtures, self.output_dimension)

    def sample(
        self,
        params: ArrayLike,
        n: int = 1,
        pi_temperature: float = 1.0,
        sigma_temperature: float = 1.0,
        seed: int | None = None,
    ) -> NDArray[np.float64]:
        """Draws `n` samples a mixture, `(n, ..., D)`; see `Mixture.sample`."""
        return self.mixture(params).sample(n, pi_temperature, sigma_temperature, seed)

    def mean(self, params: ArrayLike) -> NDArray[np.float64]:
        """Returns the mean of each mixture, `(..., D)`."""
        return self.mixture(params).mean()

    def mode(self, params: ArrayLike) -> NDArray[np.float64]:
        """Returns the mean of each mixture's heaviest component, `(..., D)`."""
        return self.mixture(params).mode()

    def variance(self, params: ArrayLike) -> tuple[NDArray[np.float64], ...]:
        """Returns total, aleatoric and epistemic variance; see `Mixture.variance`."""
        return self.mixture(params).variance()

    def quantile(self, params: ArrayLike, q: float) -> NDArray[np.float64]:
        """Returns the `q` quantile of each target's mixture, `(..., D)`."""
        return self.mixture(params).quantile(q)

    def prediction_interval(
        self, params: ArrayLike, level: float = 0.9, method: str = "quantile"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns the central interval of each target; see `Mixture.interval`."""
        return self.mixture(params).interval(level, method)

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        mu, sigma, logits = self.split_mixture_params(self.call(inputs))
        return {"mu": mu, "sigma": sigma, "pi": ops.softmax(logits, axis=-1)}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        k, d = self.num_mixtures, self.output_dimension
        return (*input_shape[:-1], 2 * k * d + k)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("output_dimension", "num_mixtures", "sigma_activation"),
            *("min_sigma", "mu_bias_spread"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
        }
