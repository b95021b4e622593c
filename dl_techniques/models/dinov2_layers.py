"""What a transformer needs for images of any size."""

from typing import Any

import keras
from keras import ops

from dl_techniques.utils.resize_map import resize_map

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class GridPositions(keras.layers.Layer):
    """Adds learned positions of a square grid, resized to the grid of the patches.

    The class token keeps its own position. Another grid is reached by a bicubic
    resize (slope -0.75, half pixels, no antialiasing) in float32.

    Args:
        side: Rows and columns of the learned grid.

    Shapes:
        tokens `(batch, 1 + h w, D)` and patches `(batch, h, w, D)` -> as the tokens.

    Weights:
        `position_embedding`: (1 + side ** 2, D).

    Source: Oquab et al. (2023), arXiv:2304.07193.
    """

    def __init__(self, side: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side = side

    def build(self, tokens_shape: Shape, patches_shape: Shape) -> None:
        self.position_embedding = self.add_weight(
            name="position_embedding",
            shape=(1 + self.side**2, tokens_shape[-1]),
            initializer=keras.initializers.TruncatedNormal(stddev=0.02),
            autocast=False,
        )

    def call(self, tokens: Any, patches: Any) -> Any:
        table = ops.convert_to_tensor(self.position_embedding)
        width = tokens.shape[-1]
        grid = ops.reshape(table[1:], (1, self.side, self.side, width))
        rows, columns = ops.shape(patches)[1:3]
        grid = resize_map(grid, rows, columns, "bicubic")
        places = ops.concatenate([table[:1], ops.reshape(grid, (-1, width))], axis=0)
        return tokens + ops.cast(places[None], tokens.dtype)

    def multiply_adds(self, shape: Shape) -> int:
        """Returns 0: positions are added."""
        return 0

    def compute_output_shape(self, tokens_shape: Shape, patches_shape: Shape) -> Shape:
        return tokens_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "side": self.side}


@keras.saving.register_keras_serializable(package="dl_techniques")
class PatchMap(keras.layers.Layer):
    """Drops the class token and lays the others out as the patches lie.

    Shapes:
        tokens `(batch, 1 + h w, D)` and the patches `(batch, h, w, D)` -> as the
        patches.
    """

    def call(self, tokens: Any, patches: Any) -> Any:
        return ops.reshape(tokens[:, 1:], (*ops.shape(patches)[:3], tokens.shape[-1]))

    def compute_output_shape(self, tokens_shape: Shape, patches_shape: Shape) -> Shape:
        return (*patches_shape[:3], tokens_shape[-1])
