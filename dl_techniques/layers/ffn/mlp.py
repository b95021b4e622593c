"""The two-layer perceptron of transformers."""

from typing import Any

import keras

from dl_techniques.layers.ffn.base import (
    FeedForward,
    Shape,
    check_width,
    known_features,
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class MLP(FeedForward):
    """Applies Dense, activation and Dense to each position on its own.

        y = drop(fc2(drop(activation(fc1(x)))))

    Args:
        hidden_dim: Width F of the hidden layer.
        output_dim: Width of the output; None keeps that of the input.
        activation: Anything `keras.activations.get` takes; "gelu" is the exact form.
        dropout: Share dropped in training after each Dense, in [0, 1).
        use_bias: Whether both Dense have a bias.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).

    Shapes:
        `(batch, ..., D)` -> `(batch, ..., output_dim or D)`.

    Weights:
        `fc1/kernel` (D, F), `fc1/bias`, `fc2/kernel` (F, output), `fc2/bias`.

    Raises:
        ValueError: If a width is not a positive integer or `dropout` not in [0, 1).

    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.3.
    """

    def __init__(
        self,
        hidden_dim: int,
        output_dim: int | None = None,
        activation: Any = "gelu",
        dropout: float = 0.0,
        use_bias: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(dropout=dropout, seed=seed, use_bias=use_bias, **kwargs)
        check_width("hidden_dim", hidden_dim)
        check_width("output_dim", output_dim, optional=True)
        self.hidden_dim = hidden_dim
        self.output_dim = output_dim
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Shape) -> None:
        features = known_features(input_shape)
        self.fc1 = self.dense("fc1", self.hidden_dim, 0)
        self.fc2 = self.dense("fc2", self.output_dim or features, 1)
        self.fc1.build(input_shape)
        self.fc2.build((*input_shape[:-1], self.hidden_dim))

    def call(
        self, inputs: keras.KerasTensor, training: bool | None = None
    ) -> keras.KerasTensor:
        hidden = self.drop(self.activation(self.fc1(inputs)), training)
        return self.drop(self.fc2(hidden), training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.output_dim or input_shape[-1])

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {"hidden": self.activation(self.fc1(inputs[0]))}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "output_dim": self.output_dim,
            "activation": keras.activations.serialize(self.activation),
        }
