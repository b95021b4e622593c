"""The contrastive loss of CLIP."""

import warnings
from typing import Any

import keras
from keras import ops

from dl_techniques.losses.pair_loss import PairLoss
from dl_techniques.losses.pairs import own_pair
from dl_techniques.utils.validation import check, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class CLIPContrastiveLoss(PairLoss):
    """Wants every image to find its own text in the batch, and every text its image.

        w_i CE(rows of logits_per_image, own column)
        + w_t CE(rows of logits_per_text, own column)

    Targets are ignored; None will do. One value a pair, ln B for equal logits; the
    batch may differ from call to call. Each device compares its own pairs only.

    Args:
        temperature: Divides the logits, above 0; None leaves them.
        label_smoothing: Share of each target spread over the whole batch, in [0, 1).
        loss_weight_i2t: w_i, at least 0.
        loss_weight_t2i: w_t, at least 0; not both 0. A warning when the sum is not 1.

    Shapes:
        logits_per_image (B, B), or a pair or dictionary with logits_per_text too (its
        transpose by default) -> (B,). A model of several outputs calls a loss once an
        output, so compile with the one-tensor form or use `CLIPContrastiveLossLayer`.

    Raises:
        ValueError: If an argument is out of range or the logits are not square.

    Source: Radford et al. (2021), arXiv:2103.00020, section 2.3, figure 3.
    """

    def __init__(
        self,
        temperature: float | None = None,
        label_smoothing: float = 0.0,
        loss_weight_i2t: float = 0.5,
        loss_weight_t2i: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(temperature, reduction, name, dtype)
        check_number("label_smoothing", label_smoothing, 0, high=1, high_open=True)
        check_number("loss_weight_i2t", loss_weight_i2t, 0)
        check_number("loss_weight_t2i", loss_weight_t2i, 0)
        total = loss_weight_i2t + loss_weight_t2i
        rule = "above 0 when `loss_weight_i2t` is 0"
        check(total > 0, "loss_weight_t2i", rule, loss_weight_t2i)
        if abs(total - 1) > 1e-6:
            warnings.warn(
                f"loss_weight_i2t and loss_weight_t2i sum to {total:g}, not to 1.",
                stacklevel=2,
            )
        self.label_smoothing = label_smoothing
        self.loss_weight_i2t = loss_weight_i2t
        self.loss_weight_t2i = loss_weight_t2i

    def values(self, image: Any, text: Any) -> Any:
        own = own_pair(image)
        count = ops.cast(ops.shape(image)[1], image.dtype)
        smooth = self.label_smoothing
        target = (1 - smooth) * own + smooth / count
        total = 0.0
        for weight, logits in (
            (self.loss_weight_i2t, image),
            (self.loss_weight_t2i, text),
        ):
            logs = ops.log_softmax(logits, axis=-1)
            total = total - weight * ops.sum(target * logs, axis=-1)
        return total

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
            "loss_weight_i2t": self.loss_weight_i2t,
            "loss_weight_t2i": self.loss_weight_t2i,
        }
