"""Capsules that agree on the capsules above them."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.capsules.squash import squash
from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check, check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class RoutingCapsule(Explained, keras.layers.Layer):
    """Every input capsule predicts every output capsule; agreement decides.

        u_ij = W_ij x_i;  b_ij = 0
        repeat: c_i = softmax_j(b_i);  v_j = squash(sum_i c_ij u_ij + bias_j)
                b_ij += u_ij . v_j     (not in the last round)

    Args:
        num_capsules: Output capsules.
        dim_capsules: Components of an output capsule.
        routing_iterations: Rounds, at least 1; one round is the plain mean.
        kernel_initializer: Start of the kernel.
        kernel_regularizer: Penalty on the kernel.
        use_bias: Whether every output capsule has an offset.
        stop_gradient_routing: Whether gradients flow through the last round only.
        return_coupling: Whether the call also returns the couplings `c`.

    Shapes:
        `(batch, input capsules, components)` -> `(batch, num_capsules, dim_capsules)`;
        couplings `(batch, input capsules, num_capsules)`.

    Weights:
        `kernel` (input capsules, num_capsules, dim_capsules, components); `bias`
        (num_capsules, dim_capsules).

    Raises:
        ValueError: If an argument is out of range; at build, if the input is not
            (batch, capsules, components) with known sizes.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, procedure 1.
    """

    def __init__(
        self,
        num_capsules: int,
        dim_capsules: int,
        routing_iterations: int = 3,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        use_bias: bool = False,
        stop_gradient_routing: bool = True,
        return_coupling: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("num_capsules", num_capsules)
        check_int("dim_capsules", dim_capsules)
        check_int("routing_iterations", routing_iterations)
        self.num_capsules = num_capsules
        self.dim_capsules = dim_capsules
        self.routing_iterations = routing_iterations
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.use_bias = use_bias
        self.stop_gradient_routing = stop_gradient_routing
        self.return_coupling = return_coupling

    def build(self, input_shape: Shape) -> None:
        known = len(input_shape) == 3 and None not in input_shape[1:]
        rule = "(batch, capsules, components) with known sizes"
        check(known, "input_shape", rule, input_shape)
        _, capsules, components = input_shape
        self.kernel = self.add_weight(
            name="kernel",
            shape=(capsules, self.num_capsules, self.dim_capsules, components),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
        )
        self.bias = None
        if self.use_bias:
            shape = (self.num_capsules, self.dim_capsules)
            self.bias = self.add_weight(name="bias", shape=shape, initializer="zeros")

    def call(self, inputs: keras.KerasTensor) -> Any:
        v, rounds = self._route(inputs)
        if self.return_coupling:
            return v, ops.cast(rounds[-1], self.compute_dtype)
        return v

    def _route(self, inputs: Any) -> tuple[Any, list[Any]]:
        """Returns the output capsules and the couplings of every round."""
        u = ops.einsum("bik,ijdk->bijd", inputs, self.kernel)
        u = ops.cast(u, keras.backend.result_type(u.dtype, "float32"))
        votes = ops.stop_gradient(u) if self.stop_gradient_routing else u
        agreement = ops.zeros_like(u[..., 0])
        rounds = []
        for number in range(1, self.routing_iterations + 1):
            last = number == self.routing_iterations
            coupling = ops.softmax(agreement, axis=-1)
            rounds.append(coupling)
            v = self._combine(coupling, u if last else votes)
            if not last:
                agreement = agreement + ops.einsum("bijd,bjd->bij", votes, v)
        return ops.cast(v, self.compute_dtype), rounds

    def _combine(self, coupling: Any, u: Any) -> Any:
        s = ops.einsum("bij,bijd->bjd", coupling, u)
        return squash(s if self.bias is None else s + ops.cast(self.bias, s.dtype))

    def explain_call(self, inputs: keras.KerasTensor) -> dict[str, Any]:
        _, rounds = self._route(inputs)
        return {"coupling": ops.stack(rounds, axis=1)}

    def compute_output_shape(self, input_shape: Shape) -> Any:
        shape = (input_shape[0], self.num_capsules, self.dim_capsules)
        if self.return_coupling:
            return shape, (input_shape[0], input_shape[1], self.num_capsules)
        return shape

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("num_capsules", "dim_capsules", "routing_iterations", "use_bias"),
            *("stop_gradient_routing", "return_coupling"),
        )
        return {
            **super().get_config(),
            **{name: getattr(self, name) for name in plain},
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
        }
