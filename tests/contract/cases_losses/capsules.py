"""Losses and metrics that read one kind of layer."""

import numpy as np

from dl_techniques import losses, metrics
from tests.contract.loss_case import LossCase


def lengths(rng, size):
    """Class numbers and lengths of capsules."""
    y = np.arange(size) % 3
    return y.astype("int32"), rng.uniform(0, 1, size=(size, 3)).astype("float32")


def mixtures(rng, size):
    """Targets (B, 1) and the parameters of two Gaussians."""
    params = rng.normal(size=(size, 6)).astype("float32")
    params[:, 2:4] = np.exp(params[:, 2:4])
    return rng.normal(size=(size, 1)).astype("float32"), params


CASES = [
    LossCase(losses.CapsuleMarginLoss, lengths, head="sigmoid", classes=3),
    LossCase(
        losses.MDNLoss,
        mixtures,
        {"num_mixtures": 2, "output_dimension": 1},
        head="softplus",
    ),
    LossCase(metrics.CapsuleAccuracy, lengths, head="sigmoid", classes=3),
]
