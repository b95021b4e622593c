"""Stochastic depth: dropping a whole residual branch per sample."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check_int, check_number, check_seed

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class StochasticDepth(Explained, keras.layers.Layer):
    """Drops the branch it ends for some samples of a batch in training.

        y = x * m / (1 - rate),  m ~ Bernoulli(1 - rate), one draw a sample

    At inference the layer is the identity. It only makes sense inside a residual
    branch; elsewhere the sample is lost.

    Args:
        rate: Share of samples dropped, in [0, 1).
        seed: Makes the draws repeatable.
        drop_path_rate: Another name of `rate`.

    Shapes:
        Any rank from 2; unchanged.

    Raises:
        TypeError: If `rate` is not a number.
        ValueError: If `rate` is outside [0, 1).

    Source: Huang et al. (2016), arXiv:1603.09382, section 3; scaled in training as
    timm's `DropPath` with `scale_by_keep`.
    """

    def __init__(
        self,
        rate: float = 0.5,
        seed: int | None = None,
        *,
        drop_path_rate: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        rate = rate if drop_path_rate is None else drop_path_rate
        if isinstance(rate, bool) or not isinstance(rate, int | float):
            raise TypeError(f"`rate` must be a number. Received: rate={rate!r}")
        check_number("rate", rate, 0, high=1, high_open=True)
        check_seed(seed)
        self.rate = rate
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(
        self, inputs: keras.KerasTensor, training: bool | None = None
    ) -> keras.KerasTensor:
        if not training or self.rate == 0:
            return inputs
        shape = (ops.shape(inputs)[0], *[1] * (len(inputs.shape) - 1))
        kept = keras.random.uniform(shape, seed=self.generator) >= self.rate
        scaled = inputs / ops.cast(1.0 - self.rate, inputs.dtype)
        return ops.where(kept, scaled, ops.zeros_like(inputs))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


DropPath = StochasticDepth


def stochastic_depth_rates(num_blocks: int, max_rate: float) -> list[float]:
    """Returns one rate a block, rising linearly from 0 to `max_rate`.

    Raises:
        ValueError: If `num_blocks < 1` or `max_rate` is outside [0, 1).
    """
    check_int("num_blocks", num_blocks)
    check_number("max_rate", max_rate, 0, high=1, high_open=True)
    return [max_rate * i / max(1, num_blocks - 1) for i in range(num_blocks)]
