"""The sigmoid loss over all pairs of a batch."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.pair_loss import PairLoss
from dl_techniques.losses.pairs import own_pair


@keras.saving.register_keras_serializable(package="dl_techniques")
class SigLIPLoss(PairLoss):
    """Judges every image-text pair of a batch alone: own pair or not.

        sum_j softplus(-z_ij t_ij),  z = 1 on the diagonal, -1 elsewhere

    `t` are the logits, scale and bias applied; targets are ignored. One value a row.
    Each device compares its own pairs only.

    Args:
        temperature: Divides the logits, above 0; None leaves them.

    Shapes:
        logits_per_image (B, B), or a pair or dictionary that holds them -> (B,).

    Raises:
        ValueError: If an argument is out of range or the logits are not square.

    Source: Zhai et al. (2023), arXiv:2303.15343, algorithm 1.
    """

    def values(self, image: Any, text: Any) -> Any:
        sign = 2.0 * own_pair(image) - 1.0
        return ops.sum(ops.softplus(-sign * image), axis=-1)
