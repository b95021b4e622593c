"""Losses that judge every pixel alone: cross-entropy and its focal form."""

from typing import Any

import keras
from keras import ops

from dl_techniques.losses.segmentation.base import SegmentationLoss
from dl_techniques.losses.segmentation.maps import Maps, weights_of_classes
from dl_techniques.utils.validation import check, check_number


class PixelLoss(SegmentationLoss):
    """Base of sum_i w_i l_i / sum_i w_i, w the weight of the pixel's class."""

    def pixel(self, maps: Maps) -> Any:
        """Returns the loss of every pixel, (B, ..., 1)."""
        raise NotImplementedError

    def values(self, maps: Maps) -> Any:
        w = ops.ones_like(maps.pixels)
        if maps.channels > 1:
            shares = weights_of_classes(self.options, maps.target)
            w = ops.sum(maps.target * shares, axis=-1, keepdims=True)
        return maps.mean(self.pixel(maps), w)[:, 0]


@keras.saving.register_keras_serializable(package="dl_techniques")
class SegmentationCrossEntropy(PixelLoss):
    """Mean cross-entropy of the pixels, binary for one channel.

    Args and shapes: see `SegmentationLoss`; `class_weights` weigh pixels by their true
    class, and `include_background=False` leaves out the pixels of class 0.

    Source: Keras' cross-entropies; weights as in PyTorch.
    """

    def pixel(self, maps: Maps) -> Any:
        logs, rest = maps.logs
        loss = maps.target * logs
        if rest is not None:
            loss = loss + (1 - maps.target) * rest
        return -ops.sum(loss, axis=-1, keepdims=True)


@keras.saving.register_keras_serializable(package="dl_techniques")
class CategoricalFocalLoss(PixelLoss):
    """Cross-entropy that looks away from pixels already learned.

        -mean_i sum_c alpha_c y_ic (1 - p_ic)^gamma ln p_ic

    Args:
        gamma: How far easy pixels are ignored, at least 0; 0 is cross-entropy.
        alpha: None for 1, one number, or one a class. For one channel a number is the
            weight of the positives, 1 - alpha that of the negatives.
        **shared: See `SegmentationLoss`.

    Source: Lin et al. (2017), arXiv:1708.02002, eq. 5.
    """

    def __init__(self, gamma: float = 2.0, alpha: Any = None, **shared: Any) -> None:
        super().__init__(**shared)
        check_number("gamma", gamma, 0)
        many = alpha if isinstance(alpha, list | tuple) else [alpha]
        for one in many if alpha is not None else ():
            check_number("alpha", one, 0)
        self.gamma = gamma
        self.alpha = list(alpha) if isinstance(alpha, tuple) else alpha

    def pixel(self, maps: Maps) -> Any:
        logs, rest = maps.logs
        y, p = maps.target, maps.chances
        hit, miss = self._alphas(maps.channels, y.dtype)
        loss = hit * y * self._focus(1 - p) * logs
        if rest is not None:
            loss = loss + miss * (1 - y) * self._focus(p) * rest
        return -ops.sum(loss, axis=-1, keepdims=True)

    def _focus(self, rest: Any) -> Any:
        if self.gamma == 0:
            return 1.0
        return ops.power(ops.maximum(rest, 1e-7), self.gamma)

    def _alphas(self, channels: int, dtype: Any) -> tuple[Any, Any]:
        if self.alpha is None:
            return 1.0, 1.0
        if not isinstance(self.alpha, list):
            return self.alpha, 1.0 - self.alpha if channels == 1 else 1.0
        rule = f"one number or {channels} numbers"
        check(len(self.alpha) == channels, "alpha", rule, self.alpha)
        weights = ops.convert_to_tensor([float(a) for a in self.alpha])
        return ops.cast(weights, dtype), 1.0

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gamma": self.gamma, "alpha": self.alpha}
