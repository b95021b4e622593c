"""A learned token in front of a sequence."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class ClassToken(Explained, keras.layers.Layer):
    """Puts one learned token before the others; a mask grows by one kept position.

    Args:
        initializer: Start of the token.

    Shapes:
        `(batch, time, D)` -> `(batch, 1 + time, D)`.

    Weights:
        `token`: (1, 1, D), zeros.

    Source: Dosovitskiy et al. (2020), arXiv:2010.11929, eq. 1.
    """

    def __init__(self, initializer: Any = "zeros", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, time, features) with known features"
        known = len(input_shape) == 3 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        self.token = self.add_weight(
            name="token",
            shape=(1, 1, input_shape[-1]),
            initializer=self.initializer,
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        token = ops.cast(self.token, inputs.dtype)
        shape = (ops.shape(inputs)[0], 1, inputs.shape[-1])
        return ops.concatenate([ops.broadcast_to(token, shape), inputs], axis=1)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        if previous_mask is None:
            return None
        kept = ops.ones_like(previous_mask[:, :1])
        return ops.concatenate([kept, previous_mask], axis=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, time, features = input_shape
        return (batch, None if time is None else time + 1, features)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {"token": self.token[0, 0]}

    def get_config(self) -> dict[str, Any]:
        start = keras.initializers.serialize(self.initializer)
        return {**super().get_config(), "initializer": start}
