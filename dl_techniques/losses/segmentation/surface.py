"""Losses from distances to the edge of the classes."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.segmentation.base import SegmentationLoss
from dl_techniques.losses.segmentation.distance import edge_distance, signed_distance
from dl_techniques.losses.segmentation.maps import Maps
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class BoundaryLoss(SegmentationLoss):
    """Weighs every prediction with its signed distance to the class's edge.

        mean_i phi_i p_i

    `phi` is below 0 inside (1 minus the distance to the rest), above 0 outside and 0
    for a class that is absent or everywhere. The value may be below 0; combine it with
    a Dice loss, because far pixels dominate and an empty prediction costs 0.

    Args:
        from_distance_map: Whether `y_true` holds `phi` (`signed_distance_map`) instead
            of masks, which saves computing it in every step.
        **shared: See `SegmentationLoss`; `smooth` is not used.

    Cost: as many passes over the image as it has rows and columns.

    Source: Kervadec et al. (2019), arXiv:1812.07032, eq. 5.
    """

    def __init__(self, from_distance_map: bool = False, **shared: Any) -> None:
        super().__init__(**shared)
        flag = isinstance(from_distance_map, bool)
        check(flag, "from_distance_map", "true or false", from_distance_map)
        plain = not from_distance_map or self.options.ignore_index is None
        rule = "None when `from_distance_map` is true"
        check(plain, "ignore_index", rule, self.options.ignore_index)
        self.from_distance_map = from_distance_map

    def compare(self, maps: Maps) -> Any:
        given = self.from_distance_map
        phi = maps.target if given else signed_distance(maps.target)
        return maps.mean(phi * maps.chances)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {**config, "from_distance_map": self.from_distance_map}


@keras.saving.register_keras_serializable(package="dl_techniques")
class HausdorffDTLoss(SegmentationLoss):
    """Squared errors that weigh more the farther they lie from an edge.

        mean_i (p_i - y_i)^2 (DT_y^alpha + DT_p^alpha)

    `DT` are the distances to the edges of the target and of the prediction cut at 1/2;
    they carry no gradient.

    Args:
        alpha: Power of the distances, above 0.
        **shared: See `SegmentationLoss`; `smooth` is not used.

    Cost: twice that of `BoundaryLoss`. Values grow with the image; combine it with a
    Dice loss.

    Source: Karimi & Salcudean (2019), arXiv:1904.10030, eq. 8.
    """

    def __init__(self, alpha: float = 2.0, **shared: Any) -> None:
        super().__init__(**shared)
        check_number("alpha", alpha, 0, low_open=True)
        self.alpha = alpha

    def compare(self, maps: Maps) -> Any:
        p = maps.chances
        fields = [
            ops.power(edge_distance(v), self.alpha)
            for v in (maps.target, ops.stop_gradient(p))
        ]
        return maps.mean(ops.square(p - maps.target) * (fields[0] + fields[1]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
