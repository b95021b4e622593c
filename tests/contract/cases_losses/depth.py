"""Losses and metrics of maps of distances."""

from dl_techniques import losses, metrics
from tests.contract.loss_case import LossCase


def distances(rng, size):
    """Distances (B, 7) and guesses; one place in seven is unknown."""
    y = rng.uniform(1, 5, (size, 7)).astype("float32")
    guess = y * rng.uniform(0.7, 1.4, (size, 7)).astype("float32")
    y[:, 3] = 0
    return y, guess


def maps(rng, size):
    """Distances (B, 3, 4, 1) and guesses (B, 3, 4) in another unit."""
    y = rng.uniform(1, 5, (size, 3, 4, 1)).astype("float32")
    return y, rng.normal(size=(size, 3, 4)).astype("float32")


def features(rng, size):
    """Features (B, 3, 4) of two models."""
    y, p = rng.normal(size=(2, size, 3, 4)).astype("float32")
    return y, (p + y).astype("float32")


CASES = [
    LossCase(losses.AffineInvariantLoss, maps),
    LossCase(losses.AffineInvariantLoss, maps, {"inverse_target": True}, "inverse"),
    LossCase(losses.FeatureAlignmentLoss, features),
    LossCase(metrics.AbsoluteRelativeError, distances, head="softplus"),
    LossCase(metrics.AbsoluteRelativeError, distances, {"align": True}, "aligned"),
    LossCase(metrics.DepthAccuracy, distances, head="softplus"),
]
