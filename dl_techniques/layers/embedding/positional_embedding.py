"""A table of positions added to a sequence."""

from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class PositionalEmbedding(Explained, keras.layers.Layer):
    """Adds a learned or a sinusoidal vector to each position.

        y[:, t] = x[:, t] + table[start_index + t]
        table[p, 2 i] = sin(p / 10000 ** (2 i / D)),  table[p, 2 i + 1] = cos(same)

    The second line is the sinusoidal table.

    Args:
        max_seq_len: Positions of the table; None only with mode "sinusoidal".
        mode: "learned" or "sinusoidal".
        scale: Spread of the learned table at the start, at least 0.
        dropout: Share of the sum dropped in training, in [0, 1).
        initializer: Start of the table; None is a truncated normal of std `scale`.

    Shapes:
        `(batch, time, D)`, unchanged; the time may be unknown.

    Weights:
        `position_embedding`: (max_seq_len, D), learned mode only.

    Raises:
        ValueError: If an argument is outside its range, or a known time exceeds
            `max_seq_len`.

    Source: Vaswani et al. (2017), arXiv:1706.03762, section 3.5; Devlin et al. (2018),
    arXiv:1810.04805, for the learned table.
    """

    def __init__(
        self,
        max_seq_len: int | None,
        mode: Literal["learned", "sinusoidal"] = "learned",
        scale: float = 0.02,
        dropout: float = 0.0,
        initializer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choice("mode", mode, ("learned", "sinusoidal"))
        check_int("max_seq_len", max_seq_len, optional=mode == "sinusoidal")
        check_number("scale", scale, 0)
        check_number("dropout", dropout, 0, high=1, high_open=True)
        self.max_seq_len = max_seq_len
        self.mode = mode
        self.scale = scale
        self.dropout = dropout
        self.initializer = keras.initializers.get(initializer)
        self.generator = keras.random.SeedGenerator() if dropout else None
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, time, features) with known features"
        known = len(input_shape) == 3 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        self._check_length(input_shape[1], 0)
        if self.mode == "sinusoidal":
            return
        start = self.initializer or keras.initializers.TruncatedNormal(
            stddev=self.scale
        )
        self.position_embedding = self.add_weight(
            name="position_embedding",
            shape=(self.max_seq_len, input_shape[-1]),
            initializer=start,
        )

    def _check_length(self, length: int | None, start: Any) -> None:
        if self.max_seq_len is None or length is None or not isinstance(start, int):
            return
        rule = f"at least the {start + length} positions of the input"
        fits = start + length <= self.max_seq_len
        check(fits, "max_seq_len", rule, self.max_seq_len)

    def rows(self, inputs: Any, start_index: Any = 0) -> Any:
        """Returns the vectors added to `inputs`, (time, D)."""
        length = ops.shape(inputs)[1]
        if self.mode == "learned":
            return self.position_embedding[start_index : start_index + length]
        positions = ops.arange(length) + start_index
        return sinusoids(positions, int(inputs.shape[-1]))

    def call(
        self,
        inputs: keras.KerasTensor,
        start_index: int = 0,
        training: bool | None = None,
    ) -> keras.KerasTensor:
        self._check_length(inputs.shape[1], start_index)
        y = inputs + ops.cast(self.rows(inputs, start_index), inputs.dtype)
        if training and self.generator:
            y = keras.random.dropout(y, self.dropout, seed=self.generator)
        return y

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the vectors in use and their cosine similarities."""
        rows = ops.cast(self.rows(inputs[0]), "float32")
        unit = rows / ops.maximum(ops.norm(rows, axis=-1, keepdims=True), 1e-12)
        return {"positions": rows, "similarity": unit @ ops.transpose(unit)}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_seq_len": self.max_seq_len,
            "mode": self.mode,
            "scale": self.scale,
            "dropout": self.dropout,
            "initializer": keras.initializers.serialize(self.initializer),
        }


def sinusoids(positions: Any, width: int) -> Any:
    """Returns sines on even and cosines on odd features, (positions, width)."""
    features = np.arange(width)
    speeds = 10000.0 ** -(2 * (features // 2) / width)
    angles = ops.outer(ops.cast(positions, "float32"), speeds.astype("float32"))
    return ops.where(features % 2 == 0, ops.sin(angles), ops.cos(angles))
