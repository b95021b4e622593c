"""The gMLP block."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.ffn.base import FeedForward, Shape, check_width
from dl_techniques.layers.ffn.spatial_gating_unit import SpatialGatingUnit
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class GatedMLP(FeedForward):
    """Mixes tokens by a learned matrix inside a gated two-layer perceptron.

        z = activation(proj_in(LN(x))),   y = x + proj_out(drop(SGU(z)))

    SGU is `SpatialGatingUnit`. An image is a sequence of its pixels, row by row. The
    layer owns a (tokens, tokens) matrix, so the number of tokens is fixed at build.

    Args:
        hidden_dim: Width between the two projections, even; None is 4 D.
        activation: Anything `keras.activations.get` takes.
        spatial_init: Standard deviation of the mixing matrix at the start, at least 0.
        causal: Whether a token sees only itself and earlier ones.
        use_norm: Whether the block starts with a layer normalisation.
        residual: Whether x is added to the result.
        dropout: Share of the gated values dropped in training, in [0, 1).
        epsilon: Stabiliser of the layer normalisations, above 0.
        sgu_epsilon: That of the unit's own; None is `epsilon`.
        use_bias: Whether both projections have a bias.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).

    Shapes:
        `(batch, tokens, D)` or `(batch, height, width, D)`, all but the batch known;
        unchanged.

    Weights:
        `norm/gamma`, `norm/beta` (D,), `proj_in` (D, hidden), `sgu/...`, `proj_out`
        (hidden / 2, D).

    Raises:
        ValueError: If an argument is outside its range; at build, for another rank or
            an unknown size; at a call with another size.

    Source: Liu et al. (2021), arXiv:2105.08050, section 2, figure 1.
    """

    def __init__(
        self,
        hidden_dim: int | None = None,
        activation: Any = "gelu",
        spatial_init: float = 1e-6,
        causal: bool = False,
        use_norm: bool = True,
        residual: bool = True,
        dropout: float = 0.0,
        epsilon: float = 1e-6,
        sgu_epsilon: float | None = None,
        use_bias: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dropout=dropout, seed=seed, use_bias=use_bias, **kwargs)
        check_width("hidden_dim", hidden_dim, optional=True)
        check((hidden_dim or 2) % 2 == 0, "hidden_dim", "even", hidden_dim)
        check_number("spatial_init", spatial_init, 0)
        check_number("epsilon", epsilon, 0, low_open=True)
        check_number("sgu_epsilon", sgu_epsilon, 0, low_open=True, optional=True)
        self.hidden_dim = hidden_dim
        self.activation = keras.activations.get(activation)
        self.spatial_init = spatial_init
        self.causal = causal
        self.use_norm = use_norm
        self.residual = residual
        self.epsilon = epsilon
        self.sgu_epsilon = sgu_epsilon

    def build(self, input_shape: Shape) -> None:
        rule = (
            "(batch, tokens, D) or (batch, height, width, D), known but for the batch"
        )
        known = len(input_shape) in (3, 4) and None not in input_shape[1:]
        check(known, "input_shape", rule, input_shape)
        self.input_spec = keras.layers.InputSpec(shape=(None, *input_shape[1:]))
        *space, features = (int(n or 0) for n in input_shape[1:])
        tokens, hidden = math.prod(space), self.hidden_dim or 4 * features
        self.norm = None
        if self.use_norm:
            self.norm = keras.layers.LayerNormalization(
                epsilon=self.epsilon, dtype=self.dtype_policy, name="norm"
            )
            self.norm.build((None, tokens, features))
        self.proj_in = self.dense("proj_in", hidden, 0)
        self.proj_in.build((None, tokens, features))
        self.sgu = SpatialGatingUnit(
            self.causal,
            self.spatial_init,
            self.sgu_epsilon or self.epsilon,
            dtype=self.dtype_policy,
            name="sgu",
        )
        self.sgu.build((None, tokens, hidden))
        self.proj_out = self.dense("proj_out", features, 1)
        self.proj_out.build((None, tokens, hidden // 2))

    def hidden(self, inputs: Any) -> Any:
        """Returns what the gating unit receives, (batch, tokens, hidden)."""
        x = ops.reshape(inputs, (-1, *self.token_shape(inputs)))
        x = x if self.norm is None else self.norm(x)
        return self.activation(self.proj_in(x))

    @staticmethod
    def token_shape(inputs: Any) -> tuple[int, int]:
        """Returns (tokens, D)."""
        return math.prod(inputs.shape[1:-1]), inputs.shape[-1]

    def call(
        self,
        inputs: keras.KerasTensor,
        training: bool | None = None,
        mask: Any = None,
    ) -> keras.KerasTensor:
        if mask is not None:
            mask = ops.reshape(mask, (-1, self.token_shape(inputs)[0]))
        gated = self.sgu(self.hidden(inputs), mask=mask)
        y = self.proj_out(self.drop(gated, training))
        y = ops.reshape(y, (-1, *inputs.shape[1:]))
        return inputs + y if self.residual else y

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return self.sgu.explain_call(self.hidden(inputs[0]))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "activation": keras.activations.serialize(self.activation),
            "spatial_init": self.spatial_init,
            "causal": self.causal,
            "use_norm": self.use_norm,
            "residual": self.residual,
            "epsilon": self.epsilon,
            "sgu_epsilon": self.sgu_epsilon,
        }
