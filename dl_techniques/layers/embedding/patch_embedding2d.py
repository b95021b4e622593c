"""Patches of an image."""

from typing import Any, Literal

import keras
from keras import ops

from dl_techniques.layers.embedding.patches import PatchEmbeddingBase, Shape, Sizes


@keras.saving.register_keras_serializable(package="dl_techniques")
class PatchEmbedding2D(PatchEmbeddingBase):
    """Cuts an image into patches and projects each to one token.

    Args:
        patch_size: Height and width of a patch, one number or a pair.
        embed_dim: Width E of the tokens.
        stride: Step between patches; None is `patch_size`.
        padding: "valid" (known sizes must be divisible) or "same".
        flatten: Whether the tokens form a sequence, row by row.
        activation: Anything `keras.activations.get` takes.
        use_bias: Whether a learned offset is added.
        kwargs: Initializers, regularizers, constraints of the kernel and the bias.

    Shapes:
        `(batch, H, W, C)` -> `(batch, H / ph * W / pw, E)`, or
        `(batch, H / ph, W / pw, E)` without `flatten`. H and W may be unknown.

    Weights:
        `projection/kernel` (ph, pw, C, E), `projection/bias` (E,).

    Source: Dosovitskiy et al. (2020), arXiv:2010.11929, eq. 1.
    """

    rank = 2

    def __init__(
        self,
        patch_size: Sizes,
        embed_dim: int,
        stride: Sizes | None = None,
        padding: Literal["valid", "same"] = "valid",
        flatten: bool = True,
        activation: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            patch_size, embed_dim, stride, padding, activation, use_bias, **kwargs
        )
        self.flatten = flatten

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        y = self.project(inputs)
        if not self.flatten:
            return y
        batch, height, width, _ = ops.shape(y)
        return ops.reshape(y, (batch, height * width, self.embed_dim))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, features = super().compute_output_shape(input_shape)
        if not self.flatten:
            return (batch, height, width, features)
        known = height is not None and width is not None
        return (batch, height * width if known else None, features)  # type: ignore[operator] # known

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "flatten": self.flatten}


PatchEmbed = PatchEmbedding2D
