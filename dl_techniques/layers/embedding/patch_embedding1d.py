"""Patches of a sequence."""

import keras

from dl_techniques.layers.embedding.patches import PatchEmbeddingBase


@keras.saving.register_keras_serializable(package="dl_techniques")
class PatchEmbedding1D(PatchEmbeddingBase):
    """Cuts a sequence into patches and projects each to one token.

    Args:
        patch_size: Positions of a patch.
        embed_dim: Width E of the tokens.
        stride: Step between patches; None is `patch_size`.
        padding: "valid" (a known time must be divisible) or "same".
        activation: Anything `keras.activations.get` takes.
        use_bias: Whether a learned offset is added.
        kwargs: Initializers, regularizers, constraints of the kernel and the bias.

    Shapes:
        `(batch, time, C)` -> `(batch, time / patch_size, E)`. A mask ends here unless
        patches are single positions.

    Weights:
        `projection/kernel` (p, C, E), `projection/bias` (E,).

    Source: Dosovitskiy et al. (2020), arXiv:2010.11929, eq. 1, in one dimension.
    """

    rank = 1
