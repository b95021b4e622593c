"""ConvNeXt, the first version."""

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.layers import ConvNextV1Block
from dl_techniques.models.classifier_options import ClassifierOptions
from dl_techniques.models.convnext import ConvNext, public_variants
from dl_techniques.models.variant_functions import variant_function
from dl_techniques.utils.validation import check_number

_NAMES = (
    "atto",
    "femto",
    "pico",
    "nano",
    "tiny",
    "small",
    "base",
    "large",
    "xlarge",
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConvNextV1(ConvNext):
    """A convolutional network in the proportions of a transformer.

        stem -> [halving -> blocks] a stage -> average pool -> norm -> classifier

    Inputs are normalised already unless `include_preprocessing` says otherwise: it
    scales [0, 255] and is on by itself for 3 channels with `weights`.

    Args:
        depths: Blocks of each stage.
        dims: Channels of each stage.
        kernel_size: Size of the depthwise kernels.
        patch_size: Size of the stem's kernel.
        patch_stride: Step of the stem; None is `patch_size`.
        downsample: Factor between each two stages; further numbers are not used.
        layer_scale_init: Start of every block's gamma; None or 0 is no gamma.
        head_init_scale: Factor on the classifier's starting kernel.
        include_top: See `ClassifierOptions`, as for all up to `dtype`.
        pad_odd: Whether an odd side is padded with zeros before it is halved; else it
            is an error.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, classes)`; without the top the
        last map, or its pool.

    Weights:
        `stem_conv`, `stem_norm`, `stages_{s}_downsample_norm`,
        `stages_{s}_downsample_conv`, `stages_{s}_blocks_{j}/*`, `head_norm`, `head`.

    Raises:
        ValueError: If an argument is out of range or a stage would get an odd side.

    Source: Liu et al. (2022), CVPR, arXiv:2201.03545, section 2 and table 9; the
    variants below "tiny" are timm's.
    """

    variants = MappingProxyType(public_variants(*_NAMES))
    title = "convnext_v1"

    def __init__(
        self,
        depths: Sequence[int],
        dims: Sequence[int],
        kernel_size: int = 7,
        patch_size: int = 4,
        patch_stride: int | None = None,
        downsample: Sequence[int] = (2, 2, 2),
        layer_scale_init: float | None = 1e-6,
        head_init_scale: float = 1.0,
        include_top: bool = True,
        weights: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        classes: int = 1000,
        pooling: str | None = None,
        classifier_activation: Any = "softmax",
        include_preprocessing: Any = "auto",
        dropout_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        kernel_regularizer: Any = None,
        name: str | None = None,
        dtype: Any = None,
        *,
        pad_odd: bool = False,
    ) -> None:
        check_number("layer_scale_init", layer_scale_init, 0, optional=True)
        options = ClassifierOptions(
            include_top=include_top,
            weights=weights,
            input_shape=None if input_shape is None else tuple(input_shape),
            classes=classes,
            pooling=pooling,
            classifier_activation=classifier_activation,
            include_preprocessing=include_preprocessing,
            dropout_rate=dropout_rate,
            drop_path_rate=drop_path_rate,
            kernel_regularizer=kernel_regularizer,
            dtype=dtype,
        )
        own = {
            "depths": depths,
            "dims": dims,
            "kernel_size": kernel_size,
            "patch_size": patch_size,
            "patch_stride": patch_stride,
            "downsample": downsample,
            "layer_scale_init": layer_scale_init,
            "head_init_scale": head_init_scale,
            "pad_odd": pad_odd,
        }
        block = partial(ConvNextV1Block, layer_scale_init=layer_scale_init)
        self.make(own, options, block, name)


ConvNeXtV1 = ConvNextV1
ConvNextV1Atto = variant_function(ConvNextV1, "atto", "ConvNextV1Atto")
ConvNextV1Femto = variant_function(ConvNextV1, "femto", "ConvNextV1Femto")
ConvNextV1Pico = variant_function(ConvNextV1, "pico", "ConvNextV1Pico")
ConvNextV1Nano = variant_function(ConvNextV1, "nano", "ConvNextV1Nano")
ConvNextV1Tiny = variant_function(ConvNextV1, "tiny", "ConvNextV1Tiny")
ConvNextV1Small = variant_function(ConvNextV1, "small", "ConvNextV1Small")
ConvNextV1Base = variant_function(ConvNextV1, "base", "ConvNextV1Base")
ConvNextV1Large = variant_function(ConvNextV1, "large", "ConvNextV1Large")
ConvNextV1XLarge = variant_function(ConvNextV1, "xlarge", "ConvNextV1XLarge")
ConvNeXtV1Atto = ConvNextV1Atto
ConvNeXtV1Femto = ConvNextV1Femto
ConvNeXtV1Pico = ConvNextV1Pico
ConvNeXtV1Nano = ConvNextV1Nano
ConvNeXtV1Tiny = ConvNextV1Tiny
ConvNeXtV1Small = ConvNextV1Small
ConvNeXtV1Base = ConvNextV1Base
ConvNeXtV1Large = ConvNextV1Large
ConvNeXtV1XLarge = ConvNextV1XLarge
