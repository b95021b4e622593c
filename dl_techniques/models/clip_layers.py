"""What image-text models need besides the library's layers.

Four small layers that only these models use.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from dl_techniques.constraints import ValueRangeConstraint
from dl_techniques.layers.attention import GroupQueryAttention
from dl_techniques.layers.embedding.rotation import (
    rotate,
    rotated_width,
    rotation_angles,
)
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

TINY = 1e-12
RULES = ("first", "last", "largest", "first_end")
Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")  # type: ignore[untyped-decorator] # keras has no types
def quick_gelu(x: Any) -> Any:
    """Returns x sigmoid(1.702 x), the activation of OpenAI's CLIP."""
    return x * ops.sigmoid(1.702 * x)


@keras.saving.register_keras_serializable(package="dl_techniques")
class UnitLength(keras.layers.Layer):
    """Divides each row by its length: `x / sqrt(max(sum(x^2), 1e-12))`."""

    def call(self, inputs: Any) -> Any:
        square = ops.sum(ops.square(inputs), axis=-1, keepdims=True)
        return inputs * ops.rsqrt(ops.maximum(square, TINY))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


@keras.saving.register_keras_serializable(package="dl_techniques")
class TokenAt(keras.layers.Layer):
    """Picks one token of each sequence.

    Args:
        rule: "first" is position 0, "last" the last id that is not `token_id`,
            "largest" the largest id, "first_end" the first that is `token_id`; 0 where
            there is none.
        token_id: The id that pads or ends, see `rule`.

    Shapes:
        tokens `(batch, time, D)`, and ids `(batch, time)` unless `rule` is "first" ->
        `(batch, D)`.
    """

    def __init__(self, rule: str = "first", token_id: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_choice("rule", rule, RULES)
        check_int("token_id", token_id, 0)
        self.rule = rule
        self.token_id = token_id

    def call(self, tokens: Any, ids: Any = None) -> Any:
        if self.rule == "first":
            return tokens[:, 0]
        index = ops.expand_dims(ops.expand_dims(self.places(ids), -1), -1)
        return ops.squeeze(ops.take_along_axis(tokens, index, axis=1), 1)

    def places(self, ids: Any) -> Any:
        """Returns the position that is picked of each row, `(batch,)`."""
        if self.rule == "largest":
            return ops.cast(ops.argmax(ids, axis=-1), "int32")
        same = ops.cast(ops.equal(ids, self.token_id), "int32")
        if self.rule == "first_end":
            return ops.cast(ops.argmax(same, axis=-1), "int32")
        steps = ops.arange(ids.shape[-1], dtype="int32")
        return ops.max(steps * (1 - same), axis=-1)

    def compute_output_shape(
        self, tokens_shape: Shape, ids_shape: Shape | None = None
    ) -> Shape:
        return (tokens_shape[0], tokens_shape[-1])

    def get_config(self) -> dict[str, Any]:
        own = {"rule": self.rule, "token_id": self.token_id}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable(package="dl_techniques")
class PairLogits(keras.layers.Layer):
    """Compares every image with every text.

        logits_per_image = exp(min(s, max_logit_scale)) u v^T

    Args:
        logit_scale_init: Start of s.
        max_logit_scale: s is kept at or below this.

    Shapes:
        u `(images, D)`, v `(texts, D)` -> {"logits_per_image" `(images, texts)`,
        "logits_per_text" its transpose, "logit_scale" `()`, the factor}.

    Weights:
        `logit_scale`: s, `()`.
    """

    def __init__(
        self,
        logit_scale_init: float = 2.6592,
        max_logit_scale: float = 4.6052,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("max_logit_scale", max_logit_scale, None)
        limits = {"high": max_logit_scale}
        check_number("logit_scale_init", logit_scale_init, None, **limits)
        self.logit_scale_init = logit_scale_init
        self.max_logit_scale = max_logit_scale
        self.logit_scale = self.add_weight(
            name="logit_scale",
            shape=(),
            initializer=keras.initializers.Constant(logit_scale_init),
            # the minimum alone would leave a scale above it without a gradient
            constraint=ValueRangeConstraint(max_value=max_logit_scale),
            autocast=False,
        )

    def call(self, images: Any, texts: Any) -> dict[str, Any]:
        s = ops.minimum(ops.convert_to_tensor(self.logit_scale), self.max_logit_scale)
        factor = ops.cast(ops.exp(s), images.dtype)
        logits = factor * ops.matmul(images, ops.transpose(texts))
        return {
            "logits_per_image": logits,
            "logits_per_text": ops.transpose(logits),
            "logit_scale": factor,
        }

    def compute_output_spec(self, images: Any, texts: Any) -> dict[str, Any]:
        shape = (images.shape[0], texts.shape[0])
        named = {
            "logits_per_image": shape,
            "logits_per_text": shape[::-1],
            "logit_scale": (),
        }
        made = keras.KerasTensor
        return {k: made(v, dtype=self.compute_dtype) for k, v in named.items()}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "logit_scale_init": self.logit_scale_init,
            "max_logit_scale": self.max_logit_scale,
        }


@keras.saving.register_keras_serializable(package="dl_techniques")
class GridQueryAttention(GroupQueryAttention):
    """Grouped-query attention whose heads turn by row and by column of a grid.

    The first half of the turning pairs turns by the row, the second by the column,
    both counted from 0; one token before the grid does not turn.

    Args:
        grid: Rows and columns.
        kwargs: Arguments of `GroupQueryAttention`.

    Shapes:
        `(batch, 1 + rows * columns, D)` -> the same.

    Raises:
        ValueError: If the features that turn are not a multiple of 4.

    Source: Heo et al. (2024), arXiv:2403.13298, section 3.2, the axial form.
    """

    def __init__(self, *args: Any, grid: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grid = tuple(grid)
        width = rotated_width(self.head_dim, self.rope_fraction)
        rule = "such that a multiple of 4 features of a head turns"
        check(width % 4 == 0, "rope_fraction", rule, self.rope_fraction)

    def place(self, query: Any, key: Any) -> tuple[Any, Any]:
        if self.qk_norm:
            query, key = self.query_norm(query), self.key_norm(key)
        angles = self.angles()
        layout = self.rope_layout
        return rotate(query, angles, layout), rotate(key, angles, layout)

    def angles(self) -> Any:
        """Returns one angle a token and pair, `(1, 1 + rows * columns, 1, pairs)`."""
        rows, columns = self.grid
        half = rotated_width(self.head_dim, self.rope_fraction) // 2
        row = ops.repeat(ops.arange(rows), columns)
        column = ops.tile(ops.arange(columns), (rows,))
        parts = [
            rotation_angles(at, half, self.rope_theta, 1.0) for at in (row, column)
        ]
        still = ops.pad(ops.concatenate(parts, axis=-1), ((1, 0), (0, 0)))
        return still[None, :, None, :]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grid": list(self.grid)}
