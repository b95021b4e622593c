"""Two gated paths whose difference is used.

One class: both paths are built and asked by the same two methods.
"""

from typing import Any

import keras

from dl_techniques.layers.ffn.base import (
    FeedForward,
    Shape,
    check_width,
    known_features,
)
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class DifferentialFFN(FeedForward):
    """Subtracts the gates of an inhibitory path from those of an excitatory one.

        g(s) = gate(s_proj(branch(LN(s_dense(x)))) / temperature)
        n = LN(g(positive) - g(negative)),   y = output_proj(drop(n))

    The last normalisation has a gain but no offset, so that equal paths give the output
    bias alone. The defaults are the project's first version; its second one is
    `branch_norm=False, branch_activation="relu", gate_dim=hidden_dim`.

    Args:
        hidden_dim: Width F of each path.
        output_dim: Width of the output; None keeps that of the input.
        branch_activation: Activation inside the paths.
        gate_activation: Activation of the gates.
        gate_dim: Width G of the gates; None is half of F with `branch_norm`, else F.
        branch_norm: Whether each path has a layer normalisation.
        gate_temperature: Divides the gates' inputs, above 0; small values make them
            binary.
        share_branch: Whether both paths use one first layer and normalisation.
        use_diff: Whether the negative path exists.
        return_diff: Whether the call returns (y, n).
        epsilon: Stabiliser of the normalisations, above 0.
        dropout: Share of n dropped in training, in [0, 1).
        use_bias: Whether every Dense has a bias.
        seed: Makes the dropout repeatable.
        kwargs: Initializers, regularizers, constraints (see `FeedForward`).
            `SoftOrthonormalConstraintRegularizer()` is the recommended
            `kernel_regularizer`.

    Shapes:
        `(batch, ..., D)` -> `(batch, ..., output_dim or D)`; n has G features.

    Weights:
        `positive_dense` (D, F), `positive_norm/gamma`, `positive_norm/beta` (F,),
        `positive_proj` (F, G), the same with `negative_`, `diff_norm/gamma` (G,),
        `output_proj` (G, output).

    Raises:
        ValueError: If an argument is outside its range, or for `return_diff` without
            `use_diff`.

    Source: the project's own.
    """

    def __init__(
        self,
        hidden_dim: int,
        output_dim: int | None = None,
        branch_activation: Any = "gelu",
        gate_activation: Any = "sigmoid",
        gate_dim: int | None = None,
        branch_norm: bool = True,
        gate_temperature: float = 1.0,
        share_branch: bool = False,
        use_diff: bool = True,
        return_diff: bool = False,
        epsilon: float = 1e-3,
        dropout: float = 0.0,
        use_bias: bool = True,
        kernel_regularizer: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            dropout=dropout,
            seed=seed,
            use_bias=use_bias,
            kernel_regularizer=kernel_regularizer,
            **kwargs,
        )
        check_width("hidden_dim", hidden_dim)
        check_width("output_dim", output_dim, optional=True)
        check_width("gate_dim", gate_dim, optional=True)
        check_number("gate_temperature", gate_temperature, 0, low_open=True)
        check_number("epsilon", epsilon, 0, low_open=True)
        rule = "False without `use_diff`"
        check(use_diff or not return_diff, "return_diff", rule, return_diff)
        self.hidden_dim = hidden_dim
        self.output_dim = output_dim
        self.branch_activation = keras.activations.get(branch_activation)
        self.gate_activation = keras.activations.get(gate_activation)
        self.gate_dim = gate_dim
        self.branch_norm = branch_norm
        self.gate_temperature = gate_temperature
        self.share_branch = share_branch
        self.use_diff = use_diff
        self.return_diff = return_diff
        self.epsilon = epsilon

    @property
    def gate_width(self) -> int:
        """The width G of the gates."""
        half = self.hidden_dim // 2 if self.branch_norm else self.hidden_dim
        return self.gate_dim or max(1, half)

    def build(self, input_shape: Shape) -> None:
        features = known_features(input_shape)
        self.numbered = 0
        before = tuple(input_shape[:-1])
        self.positive = self._make_path("positive", input_shape)
        if self.use_diff:
            shared = self.positive[:2] if self.share_branch else None
            self.negative = self._make_path("negative", input_shape, shared)
        self.diff_norm = keras.layers.LayerNormalization(
            epsilon=self.epsilon,
            center=False,
            dtype=self.dtype_policy,
            name="diff_norm",
        )
        self.diff_norm.build((*before, self.gate_width))
        self.output_proj = self._next_dense("output_proj", self.output_dim or features)
        self.output_proj.build((*before, self.gate_width))

    def _next_dense(self, name: str, units: int) -> Any:
        self.numbered += 1
        return self.dense(name, units, self.numbered - 1)

    def _make_path(
        self, sign: str, input_shape: Shape, shared: Any = None
    ) -> list[Any]:
        """Makes and builds the dense, norm and projection of one path."""
        hidden_shape = (*input_shape[:-1], self.hidden_dim)
        if shared:
            dense, norm = shared
        else:
            dense = self._next_dense(f"{sign}_dense", self.hidden_dim)
            dense.build(input_shape)
            norm = None
            if self.branch_norm:
                norm = keras.layers.LayerNormalization(
                    epsilon=self.epsilon, dtype=self.dtype_policy, name=f"{sign}_norm"
                )
                norm.build(hidden_shape)
        proj = self._next_dense(f"{sign}_proj", self.gate_width)
        proj.build(hidden_shape)
        return [dense, norm, proj]

    def gate(self, path: list[Any], inputs: Any) -> Any:
        """Returns the gates of one path."""
        dense, norm, proj = path
        hidden = dense(inputs)
        hidden = hidden if norm is None else norm(hidden)
        logits = proj(self.branch_activation(hidden))
        return self.gate_activation(logits / self.gate_temperature)

    def call(self, inputs: keras.KerasTensor, training: bool | None = None) -> Any:
        gate = self.gate(self.positive, inputs)
        if self.use_diff:
            gate = gate - self.gate(self.negative, inputs)
        n = self.diff_norm(gate)
        y = self.output_proj(self.drop(n, training))
        return (y, n) if self.return_diff else y

    def compute_output_shape(self, input_shape: Shape) -> Any:
        before = tuple(input_shape[:-1])
        output = (*before, self.output_dim or input_shape[-1])
        return (output, (*before, self.gate_width)) if self.return_diff else output

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        positive = self.gate(self.positive, inputs[0])
        if not self.use_diff:
            return {"positive_gate": positive}
        negative = self.gate(self.negative, inputs[0])
        return {
            "positive_gate": positive,
            "negative_gate": negative,
            "difference": positive - negative,
        }

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "hidden_dim": self.hidden_dim,
            "output_dim": self.output_dim,
            "branch_activation": keras.activations.serialize(self.branch_activation),
            "gate_activation": keras.activations.serialize(self.gate_activation),
            "gate_dim": self.gate_dim,
            "branch_norm": self.branch_norm,
            "gate_temperature": self.gate_temperature,
            "share_branch": self.share_branch,
            "use_diff": self.use_diff,
            "return_diff": self.return_diff,
            "epsilon": self.epsilon,
        }
