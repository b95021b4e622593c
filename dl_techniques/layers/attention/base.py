"""Base of the attention layers that Keras has not."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.layers.attention.call import (
    AttentionCall,
    Operands,
    Shape,
    check_shapes,
)
from dl_techniques.layers.attention.masks import (
    masked_softmax,
    pair_scores,
    weighted_values,
)
from dl_techniques.layers.kernels import KernelArguments
from dl_techniques.utils.validation import check_int, check_number, check_seed


class AttentionBase(AttentionCall, keras.layers.Layer):
    """Projects, weighs, mixes; a layer overrides `build`, `normalise` or `attend`.

    Args:
        num_heads: Number of heads H.
        dropout: Share of the weights dropped in training, in [0, 1).
        use_bias: Whether the four projections have a bias.
        output_dim: Width of the output; None keeps that of the query.
        seed: Makes the dropout repeatable.
        kernel_initializer: Start of every kernel; each gets its own copy.
        bias_initializer: Start of every bias.
        kernel_regularizer: Penalty on every kernel.
        bias_regularizer: Penalty on every bias.
        kernel_constraint: Projection of every kernel after each step.
        bias_constraint: Projection of every bias after each step.
    """

    def __init__(
        self,
        num_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_dim: int | None = None,
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
        self.kernel_arguments = KernelArguments(
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
        )
        check_int("num_heads", num_heads)
        check_number("dropout", dropout, 0, high=1, high_open=True)
        check_int("output_dim", output_dim, optional=True)
        check_seed(seed)
        self.num_heads = num_heads
        self.dropout = dropout
        self.use_bias = use_bias
        self.output_dim = output_dim
        self.seed = seed
        self.supports_masking = True
        self.generator = keras.random.SeedGenerator(seed) if dropout else None

    def build_projections(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
        *,
        query: tuple[int, int],
        key: tuple[int, int],
        value: tuple[int, int],
        output: tuple[int, int] | None = None,
    ) -> None:
        """Makes `query_dense`, `key_dense`, `value_dense` and `output_dense`.

        Args:
            query_shape: As given to `build`; checked here.
            value_shape: As given to `build`.
            key_shape: As given to `build`.
            query: Heads and width of the projected queries.
            key: Of the keys.
            value: Of the values.
            output: Of what the output is projected from; None: as `value`.
        """
        shapes = check_shapes(query_shape, value_shape, key_shape)
        options = {"equation": "btd,dhk->bthk", "bias_axes": "hk"}
        self.query_dense = self.projection("query", 0, (None, *query), **options)
        self.key_dense = self.projection("key", 1, (None, *key), **options)
        self.value_dense = self.projection("value", 2, (None, *value), **options)
        self.output_dense = self.projection(
            "attention_output",
            3,
            (None, self.output_width(query_shape[-1])),
            equation="bthk,hkd->btd",
            bias_axes="d",
        )
        self.query_dense.build(shapes[0])
        self.value_dense.build(shapes[1])
        self.key_dense.build(shapes[2])
        self.output_dense.build((None, None, *(output or value)))

    def projection(
        self, name: str, number: int, output_shape: Any, equation: str, bias_axes: str
    ) -> Any:
        """Makes one EinsumDense, the given number among the layer's kernels."""
        dense = keras.layers.EinsumDense(
            equation,
            output_shape=output_shape,
            bias_axes=bias_axes if self.use_bias else None,
            name=name,
            dtype=self.dtype_policy,
            **self.kernel_arguments.of_kernel(number),
        )
        dense.supports_masking = True  # it would warn; masks are handled here
        return dense

    def project(self, operands: Operands) -> tuple[Any, Any, Any]:
        """Returns queries (B, T, H, d), keys (B, S, H, d), values (B, S, H, d_v)."""
        return (
            self.query_dense(operands.query),
            self.key_dense(operands.key),
            self.value_dense(operands.value),
        )

    def normalise(self, scores: Any, allowed: Any) -> Any:
        """Turns float32 scores (B, H, T, S) into weights: the softmax."""
        return masked_softmax(scores, allowed)

    def attend(
        self, operands: Operands, *, training: bool | None, need_weights: bool
    ) -> tuple[Any, Any]:
        query, key, value = self.project(operands)
        scores = pair_scores(query, key, 1.0 / math.sqrt(query.shape[-1]))
        weights = self.normalise(scores, operands.allowed)
        weights = ops.cast(weights, self.compute_dtype)
        mixed = weighted_values(self.drop(weights, training), value)
        return self.output_dense(mixed), weights

    def drop(self, weights: Any, training: bool | None) -> Any:
        """Drops weights in training."""
        if not (training and self.generator):
            return weights
        return keras.random.dropout(weights, self.dropout, seed=self.generator)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "output_dim": self.output_dim,
            "seed": self.seed,
            **self.kernel_arguments.config(),
        }
