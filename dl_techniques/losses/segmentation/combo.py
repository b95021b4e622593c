"""Sums of segmentation losses, and losses by name."""

from collections.abc import Sequence
from typing import Any

import keras

from dl_techniques.losses.segmentation.base import SegmentationLoss
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
from dl_techniques.utils.validation import check, check_number

NAMES: dict[str, type[SegmentationLoss]] = {
    "boundary": BoundaryLoss,
    "cross_entropy": SegmentationCrossEntropy,
    "dice": DiceLoss,
    "focal": CategoricalFocalLoss,
    "focal_tversky": FocalTverskyLoss,
    "generalized_dice": GeneralizedDiceLoss,
    "hausdorff": HausdorffDTLoss,
    "iou": JaccardLoss,
    "jaccard": JaccardLoss,
    "lovasz_hinge": LovaszHingeLoss,
    "lovasz_softmax": LovaszSoftmaxLoss,
    "tversky": TverskyLoss,
}
PARTS = ("dice", "cross_entropy")


@keras.saving.register_keras_serializable(package="dl_techniques")
class ComboLoss(SegmentationLoss):
    """Adds segmentation losses.

        sum_k weights_k losses_k

    Args:
        losses: Losses, their serialized forms, or names of `create_segmentation_loss`,
            which get the shared arguments of this loss. None is Dice and
            cross-entropy.
        weights: One number a loss, at least 0; None weighs all 1 / n.
        **shared: See `SegmentationLoss`.

    Raises:
        ValueError: If a loss is unknown or the numbers of losses and weights differ.

    Source: Taghanaki et al. (2019), arXiv:1805.02798, in its plain form.
    """

    def __init__(
        self,
        losses: Sequence[Any] | None = None,
        weights: Sequence[float] | None = None,
        **shared: Any,
    ) -> None:
        super().__init__(**shared)
        given = list(PARTS) if losses is None else losses
        listed = isinstance(given, list | tuple) and len(given) > 0
        check(listed, "losses", "a list with at least one loss", losses)
        self.parts = [self._part(one) for one in given]
        count = len(self.parts)
        share = [1 / count] * count if weights is None else list(weights)
        check(len(share) == count, "weights", f"{count} numbers", weights)
        for weight in share:
            check_number("weights", weight, 0)
        self.weights = share

    def _part(self, one: Any) -> SegmentationLoss:
        if isinstance(one, str):
            shared = {**vars(self.options), "reduction": self.reduction}
            return create_segmentation_loss(one, dtype=self.dtype, **shared)
        if isinstance(one, dict):
            one = keras.saving.deserialize_keras_object(one)
        check(isinstance(one, SegmentationLoss), "losses", "segmentation losses", one)
        return one

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Returns the weighted sum; every part reduces by itself."""
        pairs = zip(self.weights, self.parts, strict=True)
        return sum(w * part(y_true, y_pred, sample_weight) for w, part in pairs)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        pairs = zip(self.weights, self.parts, strict=True)
        return sum(w * part.call(y_true, y_pred) for w, part in pairs)

    def get_config(self) -> dict[str, Any]:
        parts = [keras.saving.serialize_keras_object(part) for part in self.parts]
        return {**super().get_config(), "losses": parts, "weights": self.weights}


NAMES["combo"] = ComboLoss


def create_segmentation_loss(name: str, **arguments: Any) -> SegmentationLoss:
    """Returns the segmentation loss of that name.

    Args:
        name: boundary, combo, cross_entropy, dice, focal, focal_tversky,
            generalized_dice, hausdorff, iou, jaccard, lovasz_hinge, lovasz_softmax or
            tversky; or the name of the class. Case, spaces and "_" do not matter.
        **arguments: Arguments of the loss.

    Raises:
        ValueError: The name is unknown; the error lists the known ones.
    """
    known = {_plain(n): cls for n, cls in NAMES.items()}
    known |= {_plain(cls.__name__): cls for cls in NAMES.values()}
    found = known.get(_plain(name)) if isinstance(name, str) else None
    if found is None:
        check(False, "name", f"one of {', '.join(sorted(NAMES))}", name)
        raise AssertionError  # the check has raised
    return found(**arguments)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
