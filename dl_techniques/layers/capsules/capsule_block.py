"""Routing with dropout of whole capsules and normalised directions."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.capsules.routing_capsule import RoutingCapsule
from dl_techniques.utils.validation import check_number

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class CapsuleBlock(keras.layers.Layer):
    """A `RoutingCapsule`, then dropout of capsules and a norm of their directions.

    The layer norm changes where a capsule points and never how long it is: its output
    is rescaled to the length before it.

    Args:
        num_capsules: Output capsules.
        dim_capsules: Components of an output capsule.
        routing_iterations: Rounds of routing, at least 1.
        dropout_rate: Share of output capsules dropped in training, in [0, 1).
        use_layer_norm: Whether directions are layer-normalised.
        kernel_initializer: Start of the kernel.
        kernel_regularizer: Penalty on the kernel.
        use_bias: Whether every output capsule has an offset.

    Shapes:
        `(batch, input capsules, components)` -> `(batch, num_capsules, dim_capsules)`.

    Weights:
        `routing/kernel`, `routing/bias`, `norm/gamma`, `norm/beta`.

    Raises:
        ValueError: If an argument is out of range.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829; dropout and norm are the
    project's own.
    """

    def __init__(
        self,
        num_capsules: int,
        dim_capsules: int,
        routing_iterations: int = 3,
        dropout_rate: float = 0.0,
        use_layer_norm: bool = False,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        use_bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("dropout_rate", dropout_rate, 0, high=1, high_open=True)
        self.dropout_rate = dropout_rate
        self.use_layer_norm = use_layer_norm
        self.routing = RoutingCapsule(
            num_capsules,
            dim_capsules,
            routing_iterations,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            use_bias=use_bias,
            dtype=self.dtype_policy,
            name="routing",
        )
        self.dropout = keras.layers.Dropout(
            dropout_rate, noise_shape=(None, None, 1), dtype=self.dtype_policy
        )
        self.norm = None
        if use_layer_norm:
            self.norm = keras.layers.LayerNormalization(
                epsilon=1e-6, dtype=self.dtype_policy, name="norm"
            )

    def build(self, input_shape: Shape) -> None:
        self.routing.build(input_shape)
        if self.norm is not None:
            self.norm.build(self.compute_output_shape(input_shape))

    def call(self, inputs: keras.KerasTensor, training: Any = None) -> Any:
        v = self.routing(inputs)
        if self.norm is not None:
            turned = self.norm(v)
            v = turned * (_length(v) / _length(turned))
        return self.dropout(v, training=training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.routing.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        routing = self.routing.get_config()
        shared = (
            *("num_capsules", "dim_capsules", "routing_iterations", "use_bias"),
            *("kernel_initializer", "kernel_regularizer"),
        )
        return {
            **super().get_config(),
            **{name: routing[name] for name in shared},
            "dropout_rate": self.dropout_rate,
            "use_layer_norm": self.use_layer_norm,
        }


def _length(v: Any) -> Any:
    x = ops.cast(v, keras.backend.result_type(v.dtype, "float32"))
    square = ops.maximum(ops.sum(x * x, axis=-1, keepdims=True), 1e-12)
    return ops.cast(ops.sqrt(square), v.dtype)
