"""The spatial gate of gMLP."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check, check_number

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class SpatialGatingUnit(Explained, keras.layers.Layer):
    """Gates one half of the channels by the other, mixed along the tokens.

        (u, v) = halves of x,   v'[i] = sum_j W[i, j] LN(v)[j] + b[i],   y = u * v'

    At the start W is near zero and b is one, so the unit returns about u. A masked
    token does not contribute to the mixing.

    Args:
        causal: Whether a token sees only itself and earlier ones.
        spatial_init: Standard deviation of W at the start, at least 0.
        epsilon: Stabiliser of the layer normalisation, above 0.

    Shapes:
        `(batch, tokens, features)` with known tokens and even features ->
        `(batch, tokens, features / 2)`.

    Weights:
        `norm/gamma`, `norm/beta` (features / 2,), `spatial_kernel` (tokens, tokens),
        `spatial_bias` (tokens,) ones.

    Raises:
        ValueError: If an argument is outside its range; at build, for an unknown number
            of tokens or odd features; at a call with another number of tokens.

    Source: Liu et al. (2021), arXiv:2105.08050, section 2.
    """

    def __init__(
        self,
        causal: bool = False,
        spatial_init: float = 1e-6,
        epsilon: float = 1e-6,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("spatial_init", spatial_init, 0)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.causal = causal
        self.spatial_init = spatial_init
        self.epsilon = epsilon
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, tokens, features) with known tokens and known even features"
        known = len(input_shape) == 3 and None not in input_shape[1:]
        check(known and input_shape[2] % 2 == 0, "input_shape", rule, input_shape)  # type: ignore[operator] # known
        tokens, features = input_shape[1], (input_shape[2] or 0) // 2
        self.input_spec = keras.layers.InputSpec(shape=(None, *input_shape[1:]))
        self.norm = keras.layers.LayerNormalization(
            epsilon=self.epsilon, dtype=self.dtype_policy, name="norm"
        )
        self.norm.build((None, tokens, features))
        self.spatial_kernel = self.add_weight(
            name="spatial_kernel",
            shape=(tokens, tokens),
            initializer=keras.initializers.RandomNormal(0.0, self.spatial_init),
        )
        self.spatial_bias = self.add_weight(
            name="spatial_bias", shape=(tokens,), initializer="ones"
        )

    def mixing(self) -> Any:
        """Returns W, its lower triangle when causal."""
        kernel = ops.convert_to_tensor(self.spatial_kernel)
        return ops.tril(kernel) if self.causal else kernel

    def gate(self, v: Any, mask: Any = None) -> Any:
        """Returns v' for the second half v."""
        v = self.norm(v)
        if mask is not None:
            v = ops.where(ops.expand_dims(mask, -1), v, ops.zeros_like(v))
        mixed = ops.einsum("ij,bjd->bid", ops.cast(self.mixing(), v.dtype), v)
        return mixed + ops.cast(self.spatial_bias, v.dtype)[:, None]

    def call(self, inputs: keras.KerasTensor, mask: Any = None) -> keras.KerasTensor:
        u, v = ops.split(inputs, 2, axis=-1)
        return u * self.gate(v, mask)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], (input_shape[-1] or 0) // 2)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {
            "spatial_kernel": self.mixing(),
            "gate": self.gate(ops.split(inputs[0], 2, axis=-1)[1]),
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "causal": self.causal,
            "spatial_init": self.spatial_init,
            "epsilon": self.epsilon,
        }
