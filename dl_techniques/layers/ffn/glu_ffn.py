"""Feed-forward layers with a gated hidden layer."""

from typing import Any

import keras

from dl_techniques.layers.ffn.base import (
    FeedForward,
    Shape,
    check_width,
    known_features,
)
from dl_techniques.utils.validation import check_choice

GATES = {
    "glu": "sigmoid",
    "bilinear": "linear",
    "reglu": "relu",
    "geglu": "gelu",
    "swiglu": "silu",
}


@keras.saving.register_keras_serializable(package="dl_techniques")
class GLUFFN(FeedForward):
    """Multiplies one projection by the activated other, then projects down.

        y = down_proj(drop(activation(gate_proj(x)) * up_proj(x)))

    Three matrices: two thirds of an MLP's hidden width cost the same.

    Args:
        hidden_dim: Width F of the gated layer.
        output_dim: Width of the output; None keeps that of the input.
        variant: Activation of the gate: "glu" sigmoid, "bilinear" none, "reglu" relu,
            "geglu" gelu, "swiglu" silu.
        activation: Used in place of the variant's, unless None.
        dropout: Share of the product dropped in training, in [0, 1).
        use_bias: Whether all three Dense have a bias.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).

    Shapes:
        `(batch, ..., D)` -> `(batch, ..., output_dim or D)`.

    Weights:
        `gate_proj`, `up_proj`: kernel (D, F), bias; `down_proj`: kernel (F, output),
        bias.

    Raises:
        ValueError: If an argument is outside its range.

    Source: Shazeer (2020), arXiv:2002.05202; Dauphin et al. (2017), arXiv:1612.08083.
    """

    def __init__(
        self,
        hidden_dim: int,
        output_dim: int | None = None,
        variant: str = "swiglu",
        activation: Any = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dropout=dropout, seed=seed, use_bias=use_bias, **kwargs)
        check_width("hidden_dim", hidden_dim)
        check_width("output_dim", output_dim, optional=True)
        check_choice("variant", variant, tuple(GATES))
        self.hidden_dim: int | None = hidden_dim
        self.output_dim = output_dim
        self.variant = variant
        self.activation = keras.activations.get(activation) if activation else None

    def hidden_width(self, features: int) -> int:
        """Returns the width of the gated layer for an input of `features`."""
        return self.hidden_dim or features

    def build(self, input_shape: Shape) -> None:
        features = known_features(input_shape)
        hidden = self.hidden_width(features)
        self.gate_proj = self.dense("gate_proj", hidden, 0)
        self.up_proj = self.dense("up_proj", hidden, 1)
        self.down_proj = self.dense("down_proj", self.output_dim or features, 2)
        self.gate_proj.build(input_shape)
        self.up_proj.build(input_shape)
        self.down_proj.build((*input_shape[:-1], hidden))

    def gate(self, inputs: Any) -> Any:
        """Returns the activated gate."""
        activation = self.activation or keras.activations.get(GATES[self.variant])
        return activation(self.gate_proj(inputs))

    def call(
        self, inputs: keras.KerasTensor, training: bool | None = None
    ) -> keras.KerasTensor:
        product = self.gate(inputs) * self.up_proj(inputs)
        return self.down_proj(self.drop(product, training))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.output_dim or input_shape[-1])

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {"gate": self.gate(inputs[0]), "up": self.up_proj(inputs[0])}

    def get_config(self) -> dict[str, Any]:
        chosen = self.activation and keras.activations.serialize(self.activation)
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "output_dim": self.output_dim,
            "variant": self.variant,
            "activation": chosen,
        }
