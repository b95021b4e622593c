"""ConvNeXt, the second version."""

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.layers import ConvNextV2Block
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
    "base",
    "large",
    "huge",
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConvNextV2(ConvNext):
    """ConvNeXt whose channels compete inside each block.

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
        head_init_scale: Factor on the classifier's starting kernel.
        grn_epsilon: Epsilon of the response norms, above 0.
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

    Source: Woo et al. (2023), CVPR, arXiv:2301.00808, table 1 and appendix.
    """

    variants = MappingProxyType(public_variants(*_NAMES))
    title = "convnext_v2"

    def __init__(
        self,
        depths: Sequence[int],
        dims: Sequence[int],
        kernel_size: int = 7,
        patch_size: int = 4,
        patch_stride: int | None = None,
        downsample: Sequence[int] = (2, 2, 2),
        head_init_scale: float = 1.0,
        grn_epsilon: float = 1e-6,
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
        check_number("grn_epsilon", grn_epsilon, 0, low_open=True)
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
            "head_init_scale": head_init_scale,
            "grn_epsilon": grn_epsilon,
            "pad_odd": pad_odd,
        }
        block = partial(ConvNextV2Block, grn_epsilon=grn_epsilon)
        self.make(own, options, block, name)


ConvNeXtV2 = ConvNextV2
ConvNextV2Atto = variant_function(ConvNextV2, "atto", "ConvNextV2Atto")
ConvNextV2Femto = variant_function(ConvNextV2, "femto", "ConvNextV2Femto")
ConvNextV2Pico = variant_function(ConvNextV2, "pico", "ConvNextV2Pico")
ConvNextV2Nano = variant_function(ConvNextV2, "nano", "ConvNextV2Nano")
ConvNextV2Tiny = variant_function(ConvNextV2, "tiny", "ConvNextV2Tiny")
ConvNextV2Base = variant_function(ConvNextV2, "base", "ConvNextV2Base")
ConvNextV2Large = variant_function(ConvNextV2, "large", "ConvNextV2Large")
ConvNextV2Huge = variant_function(ConvNextV2, "huge", "ConvNextV2Huge")
ConvNeXtV2Atto = ConvNextV2Atto
ConvNeXtV2Femto = ConvNextV2Femto
ConvNeXtV2Pico = ConvNextV2Pico
ConvNeXtV2Nano = ConvNextV2Nano
ConvNeXtV2Tiny = ConvNextV2Tiny
ConvNeXtV2Base = ConvNextV2Base
ConvNeXtV2Large = ConvNextV2Large
ConvNeXtV2Huge = ConvNextV2Huge
