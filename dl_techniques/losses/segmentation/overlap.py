"""Losses from the overlap of target and prediction: ratios of TP, FP and FN."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.segmentation.base import SegmentationLoss
from dl_techniques.losses.segmentation.maps import Maps
from dl_techniques.utils.validation import check, check_number


class OverlapLoss(SegmentationLoss):
    """Base of 1 - (TP + smooth) / (TP + a FP + b FN + smooth + epsilon).

    TP = sum y p, FP = sum (1 - y) p, FN = sum y (1 - p), each image and class. A class
    absent from target and prediction scores 1 when `smooth` is 0.
    """

    def index(self, maps: Maps, a: float, b: float, smooth: float) -> Any:
        """Returns the Tversky index of every image and class, (B, C)."""
        y, p = maps.target, maps.chances
        both, positive = maps.total(y * p), maps.total(y)
        predicted = maps.total(p)
        epsilon = self.options.epsilon
        errors = a * (predicted - both) + b * (positive - both)
        ratio = (both + smooth) / (both + errors + smooth + epsilon)
        if smooth:
            return ratio
        absent = ops.logical_and(positive <= 0, predicted < epsilon)
        return ops.where(absent, ops.ones_like(ratio), ratio)


@keras.saving.register_keras_serializable(package="dl_techniques")
class DiceLoss(OverlapLoss):
    """One minus the Dice overlap of every class.

        1 - (2 TP + smooth) / (2 TP + FP + FN + smooth + 2 epsilon)

    Args and shapes: see `SegmentationLoss`.

    Source: Milletari, Navab, Ahmadi (2016), arXiv:1606.04797, without the squares.
    """

    def compare(self, maps: Maps) -> Any:
        return 1.0 - self.index(maps, 0.5, 0.5, self.options.smooth / 2)


@keras.saving.register_keras_serializable(package="dl_techniques")
class JaccardLoss(OverlapLoss):
    """One minus the intersection over union of every class.

        1 - (TP + smooth) / (TP + FP + FN + smooth + epsilon)

    Args and shapes: see `SegmentationLoss`.

    Source: Rahman & Wang (2016), ISVC, doi:10.1007/978-3-319-50835-1_22.
    """

    def compare(self, maps: Maps) -> Any:
        return 1.0 - self.index(maps, 1.0, 1.0, self.options.smooth)


@keras.saving.register_keras_serializable(package="dl_techniques")
class TverskyLoss(OverlapLoss):
    """One minus an overlap that weighs false alarms and misses apart.

        1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth + epsilon)

    Args:
        alpha: Weight of false positives, at least 0.
        beta: Weight of false negatives, at least 0; not both 0.
        **shared: See `SegmentationLoss`.

    Source: Salehi, Erdogmus, Gholipour (2017), arXiv:1706.05721. Keras' own `Tversky`
    sums over the whole batch and gives its `alpha` to the false negatives.
    """

    def __init__(self, alpha: float = 0.3, beta: float = 0.7, **shared: Any) -> None:
        super().__init__(**shared)
        check_number("alpha", alpha, 0)
        check_number("beta", beta, 0)
        check(alpha + beta > 0, "beta", "above 0 when `alpha` is 0", beta)
        self.alpha = alpha
        self.beta = beta

    def compare(self, maps: Maps) -> Any:
        return 1.0 - self.index(maps, self.alpha, self.beta, self.options.smooth)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha, "beta": self.beta}


@keras.saving.register_keras_serializable(package="dl_techniques")
class FocalTverskyLoss(TverskyLoss):
    """The Tversky loss of every class to a power.

        (1 - TI) ** gamma

    Args:
        alpha: Weight of false positives, at least 0.
        beta: Weight of false negatives, at least 0; not both 0.
        gamma: Above 0. Below 1 it looks at classes that are nearly right, above 1 at
            those that are far off; 1 is the Tversky loss.
        **shared: See `SegmentationLoss`.

    Source: Abraham & Khan (2019), arXiv:1810.07842, whose exponent is 1 / gamma with
    gamma = 4/3. The base is floored at 1e-7, which bounds the slope at 0.
    """

    def __init__(
        self, alpha: float = 0.3, beta: float = 0.7, gamma: float = 0.75, **shared: Any
    ) -> None:
        super().__init__(alpha, beta, **shared)
        check_number("gamma", gamma, 0, low_open=True)
        self.gamma = gamma

    def compare(self, maps: Maps) -> Any:
        return ops.power(ops.maximum(super().compare(maps), 1e-7), self.gamma)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gamma": self.gamma}


@keras.saving.register_keras_serializable(package="dl_techniques")
class GeneralizedDiceLoss(SegmentationLoss):
    """Dice over all classes at once, small classes weighed up.

        1 - (2 sum_c w_c TP_c + smooth) / (sum_c w_c (|y_c| + |p_c|) + smooth + epsilon)
        w_c = 1 / |y_c|^2, relative to the largest

    A class absent from the target gets the largest weight, so that false alarms count;
    an image without any class and prediction scores 1.

    Args and shapes: see `SegmentationLoss`; `class_weights` multiply `w_c`.

    Source: Sudre et al. (2017), arXiv:1707.03237.
    """

    def values(self, maps: Maps) -> Any:
        y, p = maps.target, maps.chances
        shares = self.class_shares(maps)
        both, positive, predicted = map(maps.total, (y * p, y, p))
        present = ops.logical_and(positive > 0, shares > 0)
        size = ops.where(present, positive, ops.full_like(positive, 1e30))
        smallest = ops.min(size, axis=-1, keepdims=True)
        w = ops.square(smallest / size)
        w = shares * ops.where(present, w, ops.ones_like(w))
        w = ops.stop_gradient(w / ops.max(w, axis=-1, keepdims=True))
        smooth, epsilon = self.options.smooth, self.options.epsilon
        top = 2.0 * ops.sum(w * both, axis=-1) + smooth
        all_of_it = ops.sum(w * (positive + predicted), axis=-1)
        loss = 1.0 - top / (all_of_it + smooth + epsilon)
        if smooth:
            return loss
        return ops.where(all_of_it < epsilon, ops.zeros_like(loss), loss)
