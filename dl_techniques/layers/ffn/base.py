"""What feed-forward layers share: Dense makers, dropout, the config."""

from typing import Any

import keras

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import KernelArguments
from dl_techniques.utils.validation import check, check_int, check_number, check_seed

Shape = tuple[int | None, ...]


class FeedForward(Explained, keras.layers.Layer):
    """Base of the layers that act on the last axis with Dense sub-layers.

    Args:
        dropout: Share dropped in training, in [0, 1).
        seed: Makes the dropout repeatable.
        use_bias: Whether the Dense sub-layers have a bias.
        kernel_initializer: Start of every kernel; each gets its own copy.
        bias_initializer: Start of every bias.
        kernel_regularizer: Penalty on every kernel.
        bias_regularizer: Penalty on every bias.
        kernel_constraint: Projection of every kernel after each step.
        bias_constraint: Projection of every bias after each step.
    """

    def __init__(
        self,
        dropout: float = 0.0,
        seed: int | None = None,
        use_bias: bool = True,
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
        check_number("dropout", dropout, 0, high=1, high_open=True)
        check_seed(seed)
        self.dropout = dropout
        self.seed = seed
        self.use_bias = use_bias
        self.supports_masking = True
        self.generator = keras.random.SeedGenerator(seed) if dropout else None

    def drop(self, x: Any, training: bool | None) -> Any:
        """Applies the dropout in training."""
        if not (training and self.generator):
            return x
        return keras.random.dropout(x, self.dropout, seed=self.generator)

    def dense(self, name: str, units: int, number: int, **options: Any) -> Any:
        """Makes the Dense sub-layer of this name, the given number among them."""
        given = {
            "use_bias": self.use_bias,
            "dtype": self.dtype_policy,
            **self.kernel_arguments.of_kernel(number),
        }
        return keras.layers.Dense(units, name=name, **{**given, **options})

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "dropout": self.dropout,
            "seed": self.seed,
            "use_bias": self.use_bias,
            **self.kernel_arguments.config(),
        }


def check_width(argument: str, value: int | None, *, optional: bool = False) -> None:
    """Raises `ValueError` unless `value` is a positive integer (or None)."""
    check_int(argument, value, optional=optional)


def known_features(input_shape: Shape, rank: int = 2) -> int:
    """Returns the size of the last axis; an unknown one raises `ValueError`."""
    rule = f"of rank {rank} or more with known features in the last axis"
    known = len(input_shape) >= rank and input_shape[-1] is not None
    check(known, "input_shape", rule, input_shape)
    return int(input_shape[-1] or 0)
