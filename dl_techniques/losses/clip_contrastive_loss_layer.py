"""Contrastive loss of two batches of features with a learned scale."""

import math
from typing import Any

import keras
from keras import ops

from dl_techniques.constraints import ValueRangeConstraint
from dl_techniques.losses.clip_contrastive_loss import CLIPContrastiveLoss
from dl_techniques.losses.siglip_loss import SigLIPLoss
from dl_techniques.utils.validation import check, check_choice, check_number

Shape = tuple[int | None, ...]
# start of the scale's logarithm and of the bias
STARTS = {"clip": (math.log(1 / 0.07), None), "siglip": (math.log(10.0), -10.0)}
EPSILON = 1e-12


@keras.saving.register_keras_serializable(package="dl_techniques")
class CLIPContrastiveLossLayer(keras.layers.Layer):
    """Compares image features with text features and adds the contrastive loss.

        logits = exp(logit_scale) u v^T (+ logit_bias),  u, v features of length 1

    The loss goes through `add_loss`, so a model of two feature outputs trains without
    targets. Each device compares its own pairs only.

    Args:
        loss: "clip" or "siglip"; the latter has a bias.
        label_smoothing: Of the CLIP loss, in [0, 1).
        loss_weight_i2t: Weight of image to text, at least 0.
        loss_weight_t2i: Weight of text to image, at least 0.
        initial_logit_scale: Logarithm of the first scale; None is ln(1 / 0.07), or
            ln 10 for "siglip".
        max_logit_scale: The logarithm is kept at or below this.

    Shapes:
        `[image (B, D), text (B, D)]`, or the two as two arguments -> logits (B, B).

    Weights:
        logit_scale: (), see above. logit_bias: (), -10, for "siglip" only.

    Raises:
        ValueError: If an argument is out of range or the features do not match.

    Source: Radford et al. (2021), arXiv:2103.00020, section 2.5; Zhai et al. (2023),
    arXiv:2303.15343, section 3.2.
    """

    def __init__(
        self,
        loss: str = "clip",
        label_smoothing: float = 0.0,
        loss_weight_i2t: float = 0.5,
        loss_weight_t2i: float = 0.5,
        initial_logit_scale: float | None = None,
        max_logit_scale: float = math.log(100.0),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_choice("loss", loss, tuple(STARTS))
        check_number("max_logit_scale", max_logit_scale, None)
        limits = {"high": max_logit_scale, "optional": True}
        check_number("initial_logit_scale", initial_logit_scale, None, **limits)
        weights = (label_smoothing, loss_weight_i2t, loss_weight_t2i)
        clip = CLIPContrastiveLoss(None, *weights)
        self.loss = loss
        self.label_smoothing = label_smoothing
        self.loss_weight_i2t = loss_weight_i2t
        self.loss_weight_t2i = loss_weight_t2i
        self.initial_logit_scale = initial_logit_scale
        self.max_logit_scale = max_logit_scale
        self.objective = clip if loss == "clip" else SigLIPLoss()
        scale, bias = STARTS[loss]
        scale = scale if initial_logit_scale is None else initial_logit_scale
        # Scalars need no input shape, so one or two arguments both build.
        self.logit_scale = self.add_weight(
            name="logit_scale",
            shape=(),
            initializer=keras.initializers.Constant(min(scale, max_logit_scale)),
            constraint=ValueRangeConstraint(max_value=max_logit_scale),
            autocast=False,
        )
        self.logit_bias = None
        if bias is not None:
            self.logit_bias = self.add_weight(
                name="logit_bias",
                shape=(),
                initializer=keras.initializers.Constant(bias),
                autocast=False,
            )

    def call(self, inputs: Any, text_features: Any = None) -> Any:
        image, text = inputs if text_features is None else (inputs, text_features)
        fits = len(image.shape) == 2 and tuple(image.shape) == tuple(text.shape)
        rule = "two batches (B, D) of one shape"
        check(fits, "inputs", rule, (tuple(image.shape), tuple(text.shape)))
        logits = ops.matmul(_unit(image), ops.transpose(_unit(text)))
        logits = logits * ops.exp(ops.convert_to_tensor(self.logit_scale))
        if self.logit_bias is not None:
            logits = logits + ops.convert_to_tensor(self.logit_bias)
        self.add_loss(self.objective(None, logits))
        return ops.cast(logits, self.compute_dtype)

    def compute_output_shape(
        self, inputs_shape: Any, text_features_shape: Any = None
    ) -> Shape:
        one = text_features_shape is not None
        batch = (inputs_shape if one else inputs_shape[0])[0]
        return (batch, batch)

    def get_config(self) -> dict[str, Any]:
        plain = (
            *("loss", "label_smoothing", "loss_weight_i2t", "loss_weight_t2i"),
            *("initial_logit_scale", "max_logit_scale"),
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in plain}}


def _unit(x: Any) -> Any:
    x = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
    square = ops.sum(ops.square(x), axis=-1, keepdims=True)
    return x * ops.rsqrt(ops.maximum(square, EPSILON))
