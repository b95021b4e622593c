"""BitLinear: a dense layer with quantised weights and activations.

One class of sixteen arguments; the rounding itself stands in `quantize`.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.quantize import (
    ACTIVATION_MEASURES,
    WEIGHT_MEASURES,
    WEIGHT_QUANTIZERS,
    quantize_activations,
    quantize_weights,
)
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class BitLinear(Explained, keras.layers.Layer):
    """Multiplies by ternary weights; a full-precision kernel learns behind them.

        xn = rms_norm(x);  xq = clip(round(xn * s), -Q-1, Q) / s,  s = Q / max|xn|
        g = mean|W|;       Wq = g * clip(round(W / g), -1, 1)
        y = xq Wq + b

    `Q = 2 ** (activation_bits - 1) - 1`; activations are scaled a token at a time,
    weights a tensor at a time. Rounding passes gradients straight through:
    `v + lambda_ * stop_gradient(q - v)`.

    Args:
        units: Number of outputs.
        use_bias: Whether an offset is added, after the product.
        weight_quantizer: "ternary", "binary" (sign(W - mean W) mean|W|), "int4",
            "int8" (by the largest magnitude), or None.
        activation_bits: 2 to 8, or None for full precision.
        use_norm: Whether the input is RMS-normalised with a learned gain first.
        weight_measure: Ternary scale: "absmean", "absmedian" or "absmax".
        activation_measure: Activation scale: the same choices.
        strategy: "round" to the nearest (half to even), or "stochastic" in training.
        lambda_: Share of the quantisation in use, in (0, 1].
        epsilon: Floor of the scales, above 0.
        norm_epsilon: Epsilon of the norm, above 0.
        kernel_initializer: Start of the latent kernel.
        bias_initializer: Start of the bias.
        kernel_regularizer: Penalty on the latent kernel.
        bias_regularizer: Penalty on the bias.
        seed: Seed of stochastic rounding.

    Shapes:
        `(batch, ..., features)` -> `(batch, ..., units)`, rank 2 or more.

    Weights:
        `kernel` (features, units), `bias` (units,), `norm/scale` (features,).

    Raises:
        ValueError: If an argument is out of range; at build, if the rank is below 2 or
            the number of features unknown.

    Source: Ma et al. (2024), arXiv:2402.17764, eq. 1-3; Wang et al. (2023),
    arXiv:2310.11453 for the activations.
    """

    def __init__(
        self,
        units: int,
        use_bias: bool = False,
        weight_quantizer: str | None = "ternary",
        activation_bits: int | None = 8,
        use_norm: bool = True,
        weight_measure: str = "absmean",
        activation_measure: str = "absmax",
        strategy: str = "round",
        lambda_: float = 1.0,
        epsilon: float = 1e-5,
        norm_epsilon: float = 1e-6,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("units", units)
        check_choice("weight_quantizer", weight_quantizer, WEIGHT_QUANTIZERS)
        check_int("activation_bits", activation_bits, 2, high=8, optional=True)
        check_choice("weight_measure", weight_measure, WEIGHT_MEASURES)
        check_choice("activation_measure", activation_measure, ACTIVATION_MEASURES)
        check_choice("strategy", strategy, ("round", "stochastic"))
        check_int("seed", seed, 0, high=2**31 - 1, optional=True)
        check_number("lambda_", lambda_, 0, low_open=True, high=1)
        check_number("epsilon", epsilon, 0, low_open=True)
        check_number("norm_epsilon", norm_epsilon, 0, low_open=True)
        self.units = units
        self.use_bias = use_bias
        self.weight_quantizer = weight_quantizer
        self.activation_bits = activation_bits
        self.use_norm = use_norm
        self.weight_measure = weight_measure
        self.activation_measure = activation_measure
        self.strategy = strategy
        self.lambda_ = lambda_
        self.epsilon = epsilon
        self.norm_epsilon = norm_epsilon
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.seed = seed
        self.seed_generator = (
            keras.random.SeedGenerator(seed) if strategy == "stochastic" else None
        )
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, ..., features) with known features"
        known = len(input_shape) >= 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        features = int(input_shape[-1] or 0)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            autocast=False,  # the scale and the thresholds need float32
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
            )
        self.norm = None
        if self.use_norm:
            self.norm = keras.layers.RMSNormalization(
                epsilon=self.norm_epsilon, dtype=self.dtype_policy, name="norm"
            )
            self.norm.build(tuple(input_shape))

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        x, _ = self._activations(inputs, training)
        w = self._weights(training)[0]
        y = ops.matmul(ops.cast(x, self.compute_dtype), ops.cast(w, self.compute_dtype))
        return y if self.bias is None else y + self.bias

    def _activations(self, inputs: Any, training: Any) -> tuple[Any, Any]:
        x = inputs if self.norm is None else self.norm(inputs)
        x = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
        if self.activation_bits is None:
            return x, x
        quantised = quantize_activations(
            x,
            self.activation_bits,
            self.activation_measure,
            self.epsilon,
            self._noise(x, training),
        )
        return self._straight_through(x, quantised), x

    def _weights(self, training: Any = False) -> tuple[Any, Any, Any]:
        w = ops.convert_to_tensor(self.kernel)
        if self.weight_quantizer is None:
            return w, w, ops.ones((), w.dtype)
        levels, scale = quantize_weights(
            w,
            self.weight_quantizer,
            self.weight_measure,
            self.epsilon,
            self._noise(w, training),
        )
        return self._straight_through(w, levels * scale), levels, scale

    def _noise(self, value: Any, training: Any) -> Any:
        if self.seed_generator is None or not training:
            return None
        shape = ops.shape(value)
        return keras.random.uniform(
            shape, -0.5, 0.5, dtype=value.dtype, seed=self.seed_generator
        )

    def _straight_through(self, value: Any, quantised: Any) -> Any:
        return value + self.lambda_ * ops.stop_gradient(quantised - value)

    def quantized_kernel(self) -> tuple[NDArray[np.int8], float]:
        """Returns the integer levels of the kernel and the scale they multiply."""
        check(self.weight_quantizer is not None, "weight_quantizer", "set", None)
        _, levels, scale = self._weights()
        whole = np.rint(ops.convert_to_numpy(levels)).astype(np.int8)
        return whole, float(ops.convert_to_numpy(scale))

    def bits_per_weight(self) -> float:
        """Returns the entropy of the kernel's levels, in bits (1.58 at most)."""
        levels, _ = self.quantized_kernel()
        share = np.unique(levels, return_counts=True)[1] / levels.size
        return float(-(share * np.log2(share)).sum() + 0.0)

    def spectral_matrices(self) -> list[tuple[str, NDArray[Any]]]:
        """Returns the latent and the effective kernel for spectral analysis."""
        latent = ops.convert_to_numpy(self.kernel)
        if self.weight_quantizer is None:
            return [("kernel (latent)", latent)]
        levels, scale = self.quantized_kernel()
        effective = levels.astype(np.float32) * np.float32(scale)
        return [("kernel (latent)", latent), ("kernel (quantised)", effective)]

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        quantised, normalised = self._activations(inputs, False)
        _, levels, scale = self._weights()
        return {
            "normalised_input": normalised,
            "quantised_input": quantised,
            "kernel_over_scale": self.kernel / scale,
            "kernel_levels": levels,
        }

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("units", "use_bias", "weight_quantizer", "activation_bits", "use_norm"),
            *("weight_measure", "activation_measure", "strategy", "lambda_"),
            *("epsilon", "norm_epsilon", "seed"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
        }
