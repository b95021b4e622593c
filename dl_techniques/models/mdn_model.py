"""A network that predicts a distribution: hidden layers and a mixture head.

One class: it trains by the likelihood, and each prediction is a line of its head's.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers import MDNLayer
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.losses import MDNLoss
from dl_techniques.models.variants import Variants
from dl_techniques.utils.validation import check, check_int, check_number

Float = NDArray[np.float64]


class Uncertainty(NamedTuple):
    """What a mixture says of its targets; every array is `(n, D)`.

    Attributes:
        mean: Mean of the mixture.
        total_variance: Aleatoric plus epistemic variance.
        aleatoric_variance: Mean variance within the components.
        epistemic_variance: Variance between the component means.
        lower: Lower quantile of the central interval.
        upper: Upper quantile.
    """

    mean: Float
    total_variance: Float
    aleatoric_variance: Float
    epistemic_variance: Float
    lower: Float
    upper: Float


@keras.saving.register_keras_serializable(package="dl_techniques")
class MDNModel(Variants, keras.Sequential):
    """Predicts a mixture of Gaussians for each input.

        [dense -> (batch norm) -> activation -> (dropout)] each width -> MDNLayer

    Compiled without a loss it is trained by the likelihood of the targets. It always
    reports `mdn_nll`, `rmse_of_mean` and `coverage_90`, the share of targets inside the
    central 90 % interval; metrics given to `compile` see the mixture's mean.

    Args:
        hidden_layers: Widths of the hidden layers.
        output_dimension: Number of targets D.
        num_mixtures: Number of components K.
        hidden_activation: Function of the hidden layers.
        use_batch_norm: Whether they are batch-normalised before it.
        dropout_rate: Share of their outputs dropped, in [0, 1).
        kernel_initializer: Start of every kernel.
        kernel_regularizer: Penalty on every kernel.
        input_shape: Shape of one input; None builds on the first call.
        mdn_args: Further arguments of the `MDNLayer`.
        name: Name of the model.
        dtype: Dtype policy of the layers.

    Shapes:
        `(batch, features)` -> `(batch, 2 K D + K)`: mu, sigma, logits of pi.

    Weights:
        `hidden_{i}/*`, `norm_{i}/*`, `mdn/*`.

    Raises:
        ValueError: If an argument is out of range.

    Source: Bishop (1994), Mixture density networks, NCRG/94/004.
    """

    title = "mdn_model"
    variants = MappingProxyType({"lab": MappingProxyType({"input_shape": (1,)})})

    def __init__(
        self,
        hidden_layers: Sequence[int] = (64, 64),
        output_dimension: int = 1,
        num_mixtures: int = 5,
        hidden_activation: Any = "relu",
        use_batch_norm: bool = False,
        dropout_rate: float = 0.0,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        input_shape: Sequence[int | None] | None = None,
        mdn_args: Mapping[str, Any] | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        many = isinstance(hidden_layers, list | tuple)
        check(many, "hidden_layers", "a list of integers", hidden_layers)
        for units in hidden_layers:
            check_int("hidden_layers", units)
        check_int("output_dimension", output_dimension)
        check_int("num_mixtures", num_mixtures)
        check_number("dropout_rate", dropout_rate, 0, high=1, high_open=True)
        activation = keras.activations.get(hidden_activation)
        initializer = keras.initializers.get(kernel_initializer)
        penalty = keras.regularizers.get(kernel_regularizer)
        policy = keras.dtype_policies.get(dtype)
        given = {
            "hidden_layers": list(hidden_layers),
            "output_dimension": output_dimension,
            "num_mixtures": num_mixtures,
            "hidden_activation": keras.activations.serialize(activation),
            "use_batch_norm": use_batch_norm,
            "dropout_rate": dropout_rate,
            "kernel_initializer": keras.initializers.serialize(initializer),
            "kernel_regularizer": keras.regularizers.serialize(penalty),
            "input_shape": None if input_shape is None else list(input_shape),
            "mdn_args": None if mdn_args is None else dict(mdn_args),
            "dtype": policy.name,
        }
        layers = [] if input_shape is None else [keras.Input(tuple(input_shape))]
        layers += _hidden(given, activation, initializer, penalty, policy)
        start = fresh_initializer(initializer, len(hidden_layers))
        own = {"kernel_initializer": start, "kernel_regularizer": penalty}
        head = MDNLayer(
            output_dimension,
            num_mixtures,
            **{**own, **(mdn_args or {})},
            dtype=policy,
            name="mdn",
        )
        super().__init__([*layers, head], name=name or self.title)
        self._arguments = MappingProxyType({**given, "name": self.name})
        self.nll_tracker = keras.metrics.Mean("mdn_nll")
        self.rmse_tracker = keras.metrics.RootMeanSquaredError("rmse_of_mean")
        self.coverage_tracker = keras.metrics.Mean("coverage_90")

    @property
    def mdn(self) -> MDNLayer:
        """The mixture head."""
        return self.layers[-1]

    def build(self, input_shape: Any = None) -> None:
        """Builds for any batch size, whatever the first batch had."""
        if isinstance(input_shape, list | tuple) and input_shape:
            input_shape = (None, *input_shape[1:])
        super().build(input_shape)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        if self._compile_loss is not None:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        sizes = self._arguments["num_mixtures"], self._arguments["output_dimension"]
        return sum(self.losses, MDNLoss(*sizes)(y, y_pred, sample_weight))

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        mu, sigma, logits = self.mdn.split_mixture_params(y_pred)
        pi = ops.expand_dims(ops.exp(ops.log_softmax(logits, axis=-1)), -1)
        mean = ops.sum(pi * mu, axis=-2)
        target = ops.reshape(ops.cast(y, mean.dtype), ops.shape(mean))
        reach = (ops.expand_dims(target, -2) - mu) / (sigma * math.sqrt(2))
        below = ops.sum(pi * (1 + ops.erf(reach)) / 2, axis=-2)
        inside = ops.logical_and(below >= 0.05, below <= 0.95)
        inside = ops.mean(ops.cast(inside, mean.dtype), axis=-1)
        self.nll_tracker.update_state(self.mdn.nll(target, y_pred), sample_weight)
        self.rmse_tracker.update_state(target, mean, sample_weight)
        self.coverage_tracker.update_state(inside, sample_weight)
        target = ops.reshape(target, ops.shape(y))
        mean = ops.reshape(mean, ops.shape(y))
        return super().compute_metrics(x, target, mean, sample_weight)

    def parameters_of(self, x: Any) -> Float:
        """Returns the mixture parameters of these inputs, `(n, 2 K D + K)`."""
        return np.asarray(self.predict(x, verbose=0), np.float64)

    def predict_distribution(self, x: Any) -> tuple[Float, Float, Float]:
        """Returns mu `(n, K, D)`, sigma `(n, K, D)` and pi `(n, K)`."""
        mixture = self.mdn.mixture(self.parameters_of(x))
        return mixture.mu, mixture.sigma, mixture.pi[..., 0]

    def predict_mean(self, x: Any) -> Float:
        """Returns the mean of each mixture, `(n, D)`."""
        return self.mdn.mean(self.parameters_of(x))

    def predict_mode(self, x: Any) -> Float:
        """Returns the mean of the heaviest component, `(n, D)`."""
        return self.mdn.mode(self.parameters_of(x))

    def predict_quantile(self, x: Any, q: float) -> Float:
        """Returns the quantile `q` of each target, `(n, D)`."""
        return self.mdn.quantile(self.parameters_of(x), q)

    def predict_with_uncertainty(self, x: Any, level: float = 0.9) -> Uncertainty:
        """Returns mean, variances and the central interval that holds `level`."""
        mixture = self.mdn.mixture(self.parameters_of(x))
        return Uncertainty(
            mixture.mean(), *mixture.variance(), *mixture.interval(level)
        )

    def sample(
        self,
        x: Any,
        n: int = 1,
        pi_temperature: float = 1.0,
        sigma_temperature: float = 1.0,
        seed: int | None = None,
    ) -> Float:
        """Draws n targets for each input, `(n, batch, D)`; see `Mixture.sample`."""
        params = self.parameters_of(x)
        return self.mdn.sample(params, n, pi_temperature, sigma_temperature, seed)


def _hidden(
    given: Mapping[str, Any],
    activation: Any,
    initializer: Any,
    penalty: Any,
    dtype: Any,
) -> list[Any]:
    layers: list[Any] = []
    for i, units in enumerate(given["hidden_layers"]):
        layers.append(
            keras.layers.Dense(
                units,
                kernel_initializer=fresh_initializer(initializer, i),
                kernel_regularizer=penalty,
                dtype=dtype,
                name=f"hidden_{i}",
            )
        )
        if given["use_batch_norm"]:
            layers.append(
                keras.layers.BatchNormalization(dtype=dtype, name=f"norm_{i}")
            )
        layers.append(keras.layers.Activation(activation, dtype=dtype, name=f"act_{i}"))
        if given["dropout_rate"]:
            layers.append(
                keras.layers.Dropout(
                    given["dropout_rate"], dtype=dtype, name=f"drop_{i}"
                )
            )
    return layers
