"""Losses and metrics of maps that give every pixel a class."""

from dl_techniques import losses, metrics
from dl_techniques.losses import segmentation
from tests.contract.loss_case import LossCase


def logit_maps(rng, size):
    """Class numbers (B, 3, 4) and logits (B, 3, 4, 3)."""
    y = rng.integers(0, 3, size=(size, 3, 4)).astype("int32")
    return y, rng.normal(size=(size, 3, 4, 3)).astype("float32")


def assigned(rng, size):
    """Squared distances and soft assignments (B, 3)."""
    q = rng.dirichlet([1.0, 1.0, 1.0], size=size).astype("float32")
    return rng.uniform(0, 4, size=(size, 3)).astype("float32"), q


def one(cls, label="", batch="sample", **kwargs):
    kwargs = {"from_logits": True, **kwargs}
    return LossCase(cls, logit_maps, kwargs, label, batch=batch, size=4)


def metric(cls, label="", **kwargs):
    return LossCase(cls, logit_maps, {"num_classes": 3, **kwargs}, label, size=4)


CASES = [
    one(segmentation.DiceLoss),
    one(segmentation.DiceLoss, "batch", "whole", per_image=False, smooth=1.0),
    one(segmentation.JaccardLoss, class_weights=[1.0, 2.0, 0.5]),
    one(segmentation.TverskyLoss, include_background=False),
    one(segmentation.FocalTverskyLoss, ignore_index=1),
    one(segmentation.GeneralizedDiceLoss),
    one(segmentation.CategoricalFocalLoss, alpha=[0.2, 0.5, 1.0]),
    one(segmentation.LovaszSoftmaxLoss),
    one(segmentation.LovaszSoftmaxLoss, "batch", "whole", per_image=False),
    one(segmentation.LovaszHingeLoss),
    one(segmentation.BoundaryLoss),
    one(segmentation.HausdorffDTLoss),
    one(segmentation.SegmentationCrossEntropy),
    one(segmentation.ComboLoss, losses=["dice", "lovasz_softmax"]),
    LossCase(losses.ClusteringLoss, assigned, head="softmax", batch="whole"),
    metric(metrics.SegmentationIoU),
    metric(metrics.SegmentationDice, include_background=False),
]
