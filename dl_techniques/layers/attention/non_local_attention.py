"""Non-local block: every position of a feature map sees all others.

One class: much of it states, checks and keeps fifteen arguments.
"""

import math
from typing import Any, Literal

import keras
from keras import ops

from dl_techniques.layers.attention.non_local_pairs import (
    MODES,
    pair_scores,
    pair_weights,
    pool_keys,
    score_sizes,
)
from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import KernelArguments
from dl_techniques.utils.validation import (
    check,
    check_choice,
    check_int,
    check_number,
    check_seed,
)

Shape = tuple[int | None, ...]
Mode = Literal["gaussian", "embedded_gaussian", "dot_product", "concatenation"]


@keras.saving.register_keras_serializable(package="dl_techniques")
class NonLocalAttention(Explained, keras.layers.Layer):
    """Adds to each position a weighted mean over all positions of the map.

        f_ij = exp(x_i x_j)  or  exp(theta_i phi_j)  or  theta_i phi_j
               or  relu(w [theta_i phi_j])
        y_i = sum_j f_ij g_j / c
        z = x + norm(out(y))

    The four f are the modes "gaussian", "embedded_gaussian", "dot_product" and
    "concatenation"; c is sum_j f_ij in the first two and the number of keys in the
    others. The block is the identity until its first training step.

    Args:
        intermediate_channels: Width I of theta, phi and g; None takes half of C.
        mode: The pairwise function f.
        subsample: Max-pools phi and g by this step, 2 or more; time of a video stays.
        use_scale: Whether "embedded_gaussian" divides theta phi by sqrt(I).
        normalization: "batch", "layer" or None, after the output projection.
        residual: Whether the input is added.
        dropout: Share of the weights dropped in training, in [0, 1).
        use_bias: Whether theta, phi, g and out have offsets.
        seed: Of the dropout.
        kernel_initializer: As the other five: see `KernelArguments`.

    Shapes:
        `(batch, time, C)`, `(batch, height, width, C)` or `(batch, time, height, width,
        C)`; unchanged. With `return_attention_scores` also `(batch, positions, keys)`,
        before dropout. Masked positions are no keys.

    Weights:
        `theta/kernel`, `phi/kernel` (not in "gaussian"), `g/kernel`: (C, I).
        `concat/kernel`: (2 I, 1). `out/kernel`: (I, C). Biases. `norm/gamma` (starts
        at 0), `norm/beta`, moving moments; without a norm `out` starts at 0.

    Raises:
        ValueError: If an argument is outside its range; at build, if the rank is not 3
            to 5, channels are unknown or the map is smaller than `subsample`.

    Source: Wang, Girshick, Gupta, He (2018), arXiv:1711.07971, eq. 1-6, section 3.3.
    """

    def __init__(
        self,
        intermediate_channels: int | None = None,
        mode: Mode = "embedded_gaussian",
        subsample: int | None = None,
        use_scale: bool = False,
        normalization: Literal["batch", "layer"] | None = "batch",
        residual: bool = True,
        dropout: float = 0.0,
        use_bias: bool = True,
        seed: int | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if intermediate_channels is not None:
            check_int("intermediate_channels", intermediate_channels)
        check_choice("mode", mode, MODES)
        if subsample is not None:
            check_int("subsample", subsample, low=2)
        if normalization is not None:
            check_choice("normalization", normalization, ("batch", "layer"))
        check_number("dropout", dropout, 0, high=1, high_open=True)
        check_seed(seed)
        self.intermediate_channels = intermediate_channels
        self.mode = mode
        self.subsample = subsample
        self.use_scale = use_scale
        self.normalization = normalization
        self.residual = residual
        self.dropout = dropout
        self.use_bias = use_bias
        self.seed = seed
        self.kernels = KernelArguments(
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
        )
        self.drop = keras.layers.Dropout(dropout, seed=seed, dtype="float32")
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        known = 3 <= len(input_shape) <= 5 and input_shape[-1] is not None
        rule = "(batch, ..., channels) of rank 3 to 5 with known channels"
        check(known, "input_shape", rule, input_shape)
        pooled = input_shape[2 if len(input_shape) == 5 else 1 : -1]
        large = all(n is None or n >= (self.subsample or 1) for n in pooled)
        rule = f"no larger than the map {tuple(pooled)}"
        check(large, "subsample", rule, self.subsample)
        channels = int(input_shape[-1] or 0)
        inner = self.intermediate_channels or max(channels // 2, 1)
        plain, joined = self.mode == "gaussian", self.mode == "concatenation"
        self.theta = None if plain else self._project("theta", channels, inner, 0)
        self.phi = None if plain else self._project("phi", channels, inner, 1)
        self.concat = self._project("concat", 2 * inner, 1, 2) if joined else None
        self.g = self._project("g", channels, inner, 3)
        self.out = self._project("out", inner, channels, 4)
        self.norm = self._normalization(channels)
        self.drop.build(input_shape)

    def _project(self, name: str, width: int, units: int, number: int) -> Any:
        given = {"use_bias": self.use_bias, **self.kernels.of_kernel(number)}
        if name == "concat":
            given["use_bias"] = False
        if name == "out" and self.normalization is None:
            given |= {"kernel_initializer": "zeros", "bias_initializer": "zeros"}
        policy = self._exact_policy() if name == "out" else self.dtype_policy
        dense = keras.layers.Dense(units, dtype=policy, name=name, **given)
        dense.build((None, width))
        return dense

    def _exact_policy(self) -> Any:
        """Products of three inputs are beyond float16; they stay in float32."""
        half = self.compute_dtype in ("float16", "bfloat16")
        return "float32" if half else self.dtype_policy

    def _normalization(self, channels: int) -> Any:
        if self.normalization is None:
            return None
        norm = _NORMS[self.normalization](
            epsilon=1e-5,
            gamma_initializer="zeros",
            dtype=self._exact_policy(),
            name="norm",
        )
        norm.build((None, None, channels))
        return norm

    def call(
        self,
        x: keras.KerasTensor,
        training: bool | None = None,
        return_attention_scores: bool = False,
        mask: Any = None,
    ) -> Any:
        weights, g = self._attend(x, mask)
        y = ops.matmul(self.drop(weights, training=training), g)
        y = self._normalize(self.out(y), training, mask)
        y = ops.cast(ops.reshape(y, ops.shape(x)), self.compute_dtype)
        z = x + y if self.residual else y
        if return_attention_scores:
            return z, ops.cast(weights, self.compute_dtype)
        return z

    def _attend(self, x: Any, mask: Any) -> tuple[Any, Any]:
        """Returns the weights (batch, positions, keys) and g at the keys."""
        theta = x if self.theta is None else self.theta(x)
        phi = x if self.phi is None else self.phi(x)
        rows, dtype = (
            (ops.shape(x)[0], -1),
            keras.backend.result_type(x.dtype, "float32"),
        )
        theta = ops.cast(theta, dtype)
        (phi, g), kept = pool_keys(
            [ops.cast(t, dtype) for t in (phi, self.g(x))], self.subsample, mask
        )
        theta, phi, g = (ops.reshape(t, (*rows, t.shape[-1])) for t in (theta, phi, g))
        kept = None if kept is None else ops.reshape(kept, (*rows,))
        if self.use_scale and self.mode == "embedded_gaussian":
            theta = theta / math.sqrt(theta.shape[-1])
        kernel = None if self.concat is None else ops.cast(self.concat.kernel, dtype)
        scores = pair_scores(theta, phi, kernel)
        return pair_weights(scores, kept, softmax="gaussian" in self.mode), g

    def _normalize(self, y: Any, training: bool | None, mask: Any) -> Any:
        if self.norm is None:
            return y
        if self.normalization == "layer":
            return self.norm(y)
        fits = mask is not None and len(mask.shape) == len(y.shape) - 1
        return self.norm(y, training=training, mask=mask if fits else None)

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        """Adds the weights (batch, positions, keys); positions run row by row."""
        return {"attention": self._attend(inputs, None)[0]}

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def compute_output_spec(
        self,
        x: keras.KerasTensor,
        training: bool | None = None,
        return_attention_scores: bool = False,
        mask: Any = None,
    ) -> Any:
        z = keras.KerasTensor(x.shape, self.compute_dtype)
        if not return_attention_scores:
            return z
        sizes = score_sizes(x.shape, self.subsample)
        return z, keras.KerasTensor((x.shape[0], *sizes), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _KEPT}
        return {**super().get_config(), **own, **self.kernels.config()}


_NORMS = {
    "batch": keras.layers.BatchNormalization,
    "layer": keras.layers.LayerNormalization,
}
_KEPT = (
    "intermediate_channels",
    "mode",
    "subsample",
    "use_scale",
    "normalization",
    "residual",
    "dropout",
    "use_bias",
    "seed",
)
