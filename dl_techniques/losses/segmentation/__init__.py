"""Losses for maps that give every pixel a class."""

from dl_techniques.losses.segmentation.base import SegmentationLoss
from dl_techniques.losses.segmentation.combo import ComboLoss, create_segmentation_loss
from dl_techniques.losses.segmentation.distance import signed_distance_map
from dl_techniques.losses.segmentation.lovasz import LovaszHingeLoss, LovaszSoftmaxLoss
from dl_techniques.losses.segmentation.overlap import (
    DiceLoss,
    FocalTverskyLoss,
    GeneralizedDiceLoss,
    JaccardLoss,
    TverskyLoss,
)
from dl_techniques.losses.segmentation.pixelwise import (
    CategoricalFocalLoss,
    SegmentationCrossEntropy,
)
from dl_techniques.losses.segmentation.surface import BoundaryLoss, HausdorffDTLoss
from dl_techniques.losses.segmentation.toy import losses_over_offset, two_circles

__all__ = [
    "BoundaryLoss",
    "CategoricalFocalLoss",
    "ComboLoss",
    "DiceLoss",
    "FocalTverskyLoss",
    "GeneralizedDiceLoss",
    "HausdorffDTLoss",
    "JaccardLoss",
    "LovaszHingeLoss",
    "LovaszSoftmaxLoss",
    "SegmentationCrossEntropy",
    "SegmentationLoss",
    "TverskyLoss",
    "create_segmentation_loss",
    "losses_over_offset",
    "signed_distance_map",
    "two_circles",
]
