"""Attention that iterates its query towards stored patterns.

One class: its steps are used by the call, the trace and the energies alike.
"""

import math
from typing import Any

import keras
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers.attention.base import AttentionBase
from dl_techniques.layers.attention.call import Operands, Shape, check_shapes
from dl_techniques.layers.attention.hopfield import hopfield_energy
from dl_techniques.layers.attention.masks import (
    masked_softmax,
    pair_scores,
    weighted_values,
)
from dl_techniques.layers.explain import as_array
from dl_techniques.layers.norms.base import at_least_float32
from dl_techniques.utils.validation import check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class HopfieldAttention(AttentionBase):
    """Retrieves from a modern Hopfield network in each head.

        xi_0 = softmax(beta q k^T)
        q <- xi k;  xi <- softmax(beta q k^T)         `update_steps_max` times
        y = sum_h (xi v)_h W_h + b

    The query is the state, the keys are the stored patterns, the values are what is
    read out. A query row stops when its weights move by `update_steps_eps` or less,
    whatever its batch mates do.

    Args:
        num_heads: Number of heads H.
        key_dim: Width of a head's states and patterns.
        value_dim: Width of a head's values; None is `key_dim`.
        beta: Sharpness above 0; None is 1 / sqrt(key_dim).
        trainable_beta: Whether each head learns its beta.
        update_steps_max: Further updates, 0 to 32; 0 is ordinary attention.
        update_steps_eps: Movement (L2) at which a row stops, above 0.
        normalize_patterns: Whether query, key and value inputs are layer-normalised.
        normalize_hopfield_space: Whether projected q and k are, without weights.
        epsilon: Stabiliser of these norms, above 0.
        dropout: Share of the last weights dropped in training, in [0, 1).
        use_bias: Whether the projections have offsets.
        output_dim: Width of the output; None keeps that of the query.
        kwargs: `seed`, initializers, regularizers, constraints: see `AttentionBase`.

    Shapes:
        query `(batch, T, D)`, value and key `(batch, S, features)` ->
        `(batch, T, output_dim)`, and the last weights `(batch, H, T, S)` on demand.

    Weights:
        `query/kernel`, `key/kernel`, `value/kernel`, `attention_output/kernel`, biases;
        `state_norm`, `stored_norm`, `projection_norm` with gamma and beta; `log_beta`
        (H,).

    Raises:
        ValueError: If an argument is outside its range.

    Source: Ramsauer et al. (2020), arXiv:2008.02217, eq. 3 and 10. The authors' code
    stops a head when the slowest sample of the batch has converged; here each row does.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        beta: float | None = None,
        trainable_beta: bool = False,
        update_steps_max: int = 0,
        update_steps_eps: float = 1e-4,
        normalize_patterns: bool = True,
        normalize_hopfield_space: bool = False,
        epsilon: float = 1e-5,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_heads, dropout, use_bias, output_dim, **kwargs)
        check_int("key_dim", key_dim)
        check_int("value_dim", value_dim, optional=True)
        check_number("beta", beta, 0, low_open=True, optional=True)
        check_int("update_steps_max", update_steps_max, low=0, high=32)
        check_number("update_steps_eps", update_steps_eps, 0, low_open=True)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.key_dim = key_dim
        self.value_dim = value_dim
        self.beta = beta
        self.trainable_beta = trainable_beta
        self.update_steps_max = update_steps_max
        self.update_steps_eps = update_steps_eps
        self.normalize_patterns = normalize_patterns
        self.normalize_hopfield_space = normalize_hopfield_space
        self.epsilon = epsilon

    def build(
        self,
        query_shape: Shape,
        value_shape: Shape | None = None,
        key_shape: Shape | None = None,
    ) -> None:
        shapes = check_shapes(query_shape, value_shape, key_shape)
        heads = self.num_heads, self.key_dim
        values = self.num_heads, self.value_dim or self.key_dim
        self.build_projections(*shapes, query=heads, key=heads, value=values)
        if self.normalize_patterns:
            self.state_norm = self._norm("state_norm", shapes[0])
            self.projection_norm = self._norm("projection_norm", shapes[1])
            self.stored_norm = self._norm("stored_norm", shapes[2])
        if self.trainable_beta:
            start = math.log(self.beta or 1 / math.sqrt(self.key_dim))
            self.log_beta = self.add_weight(
                name="log_beta",
                shape=(self.num_heads,),
                initializer=keras.initializers.Constant(start),
                dtype="float32",
                autocast=False,
            )

    def _norm(self, name: str, shape: Shape) -> Any:
        norm = keras.layers.LayerNormalization(
            epsilon=self.epsilon, name=name, dtype=self.dtype_policy
        )
        norm.build(shape)
        return norm

    def sharpness(self) -> Any:
        """Returns beta, a number or (H, 1, 1)."""
        if self.trainable_beta:
            return ops.reshape(ops.exp(self.log_beta), (-1, 1, 1))
        return self.beta or 1 / math.sqrt(self.key_dim)

    def project(self, operands: Operands) -> tuple[Any, Any, Any]:
        if self.normalize_patterns:
            operands = operands._replace(
                query=self.state_norm(operands.query),
                value=self.projection_norm(operands.value),
                key=self.stored_norm(operands.key),
            )
        query, key, value = super().project(operands)
        query, key = at_least_float32(query), at_least_float32(key)
        if self.normalize_hopfield_space:
            query, key = self._standardise(query), self._standardise(key)
        return query, key, value

    def _standardise(self, x: Any) -> Any:
        x = x - ops.mean(x, axis=-1, keepdims=True)
        spread = ops.mean(ops.square(x), axis=-1, keepdims=True)
        return x * ops.rsqrt(spread + self.epsilon)

    def attend(
        self, operands: Operands, *, training: bool | None, need_weights: bool
    ) -> tuple[Any, Any]:
        query, key, value = self.project(operands)
        _, weights = self._steps(query, key, operands.allowed)[-1]
        weights = ops.cast(weights, self.compute_dtype)
        mixed = weighted_values(self.drop(weights, training), value)
        return self.output_dense(mixed), weights

    def _steps(self, query: Any, key: Any, allowed: Any) -> list[tuple[Any, Any]]:
        """Returns the state (B, T, H, d) and weights (B, H, T, S) of every step."""
        beta = self.sharpness()

        def associate(state: Any) -> Any:
            return masked_softmax(beta * pair_scores(state, key, 1.0), allowed)

        steps = [(query, associate(query))]
        moving = ops.ones_like(steps[0][1][..., :1], "bool")
        for _ in range(self.update_steps_max):
            before = steps[-1][1]
            query = weighted_values(before, key)
            weights = ops.where(moving, associate(query), before)
            steps.append((query, weights))
            change = ops.sum(ops.square(weights - before), axis=-1, keepdims=True)
            far = change > self.update_steps_eps**2
            moving = ops.logical_and(moving, far)
        return steps

    def association_trace(self, *inputs: Any, **masks: Any) -> list[NDArray[Any]]:
        """Returns the weights (B, H, T, S) after each step, at inference.

        Args:
            inputs: query, value, key, as in the call.
            masks: As in the call.
        """
        self(*inputs, training=False, **masks)
        tensors = keras.tree.map_structure(self._tensor, inputs)
        operands = self.operands(*tensors, **masks)
        query, key, _ = self.project(operands)
        steps = self._steps(query, key, operands.allowed)
        return [as_array(xi) for _, xi in steps]

    def explain_weights(self, operands: Operands, weights: Any) -> dict[str, Any]:
        """Adds every step's weights, and the energy of its state (steps, B, H, T)."""
        told = super().explain_weights(operands, weights)
        query, key, _ = self.project(operands)
        steps = self._steps(query, key, operands.allowed)
        beta, stored = self.sharpness(), ops.swapaxes(key, 1, 2)
        energies = [
            hopfield_energy(ops.swapaxes(q, 1, 2), stored, beta, operands.allowed)
            for q, _ in steps
        ]
        told["association_trace"] = ops.stack([xi for _, xi in steps])
        told["energy"] = ops.stack(energies)
        told["beta"] = ops.reshape(beta * ops.ones((self.num_heads, 1, 1)), (-1,))
        return told

    def get_config(self) -> dict[str, Any]:
        names = (
            "key_dim",
            "value_dim",
            "beta",
            "trainable_beta",
            "update_steps_max",
            "update_steps_eps",
            "normalize_patterns",
            "normalize_hopfield_space",
            "epsilon",
        )
        own = {name: getattr(self, name) for name in names}
        return {**super().get_config(), **own}
