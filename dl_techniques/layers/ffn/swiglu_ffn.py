"""The gated feed-forward layer of LLaMA."""

from typing import Any

import keras

from dl_techniques.layers.ffn.base import check_width
from dl_techniques.layers.ffn.glu_ffn import GLUFFN
from dl_techniques.utils.validation import check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class SwiGLUFFN(GLUFFN):
    """Gates with silu; the hidden width follows from the input's.

        y = drop(down_proj(silu(gate_proj(x)) * up_proj(x)))
        hidden = int(2 * expansion_factor * D / 3), rounded up to `multiple_of`

    The dropout acts on the output, unlike that of `GLUFFN`.

    Args:
        hidden_dim: Width of the gated layer; None computes it.
        output_dim: Width of the output; None keeps that of the input.
        expansion_factor: Width of the MLP that costs the same, in units of D; above 0.
        multiple_of: What the computed width is rounded up to.
        dropout: Share of the output dropped in training, in [0, 1).
        use_bias: Whether all three Dense have a bias.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).

    Shapes:
        `(batch, ..., D)` -> `(batch, ..., output_dim or D)`.

    Weights:
        `gate_proj/kernel`, `up_proj/kernel` (D, hidden), `down_proj/kernel`.

    Raises:
        ValueError: If an argument is outside its range.

    Source: Shazeer (2020), arXiv:2002.05202; Touvron et al. (2023), arXiv:2302.13971,
    for the width.
    """

    def __init__(
        self,
        hidden_dim: int | None = None,
        output_dim: int | None = None,
        expansion_factor: float = 4,
        multiple_of: int = 8,
        dropout: float = 0.0,
        use_bias: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_width("hidden_dim", hidden_dim, optional=True)
        check_number("expansion_factor", expansion_factor, 0, low_open=True)
        check_int("multiple_of", multiple_of)
        super().__init__(
            hidden_dim or 1,
            output_dim,
            dropout=dropout,
            use_bias=use_bias,
            seed=seed,
            **kwargs,
        )
        self.hidden_dim = hidden_dim
        self.expansion_factor = expansion_factor
        self.multiple_of = multiple_of

    def hidden_width(self, features: int) -> int:
        if self.hidden_dim:
            return self.hidden_dim
        width = max(1, int(2 * self.expansion_factor * features / 3))
        return -(-width // self.multiple_of) * self.multiple_of

    def call(
        self, inputs: keras.KerasTensor, training: bool | None = None
    ) -> keras.KerasTensor:
        product = self.gate(inputs) * self.up_proj(inputs)
        return self.drop(self.down_proj(product), training)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["variant"], config["activation"]
        return {
            **config,
            "expansion_factor": self.expansion_factor,
            "multiple_of": self.multiple_of,
        }
