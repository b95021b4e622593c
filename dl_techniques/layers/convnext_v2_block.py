"""The ConvNeXt block with global response normalisation."""

from typing import Any

import keras

from dl_techniques.layers.convnext_block import ConvNextBlock
from dl_techniques.layers.norms import GlobalResponseNorm
from dl_techniques.utils.validation import check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConvNextV2Block(ConvNextBlock):
    """The ConvNeXt block whose channels compete inside the mlp.

        y = x + drop_path(project(grn(act(expand(norm(depthwise(x)))))))

    With the weights of `grn` at zero, their start, it is the V1 block without gamma.

    Args:
        filters: Output channels; None is the input's.
        kernel_size: Size of the depthwise kernel.
        expansion_ratio: Width of the mlp relative to the channels.
        activation: Function between the two pointwise projections; exact GELU.
        strides: Step of the depthwise convolution; above 1 only without residual.
        use_bias: Whether convolution and projections have offsets.
        layer_scale_init: Start of gamma; None or 0 is no gamma, as in the paper.
        drop_path_rate: Chance that a sample skips the branch in training, in [0, 1).
        dropout_rate: Dropout before the projection, in [0, 1).
        spatial_dropout_rate: Dropout of whole channels after it, in [0, 1).
        use_residual: Whether the input is added.
        norm_epsilon: Epsilon of the layer norm, above 0.
        grn_epsilon: Epsilon of the response norm, above 0.
        kernel_initializer: Start of all kernels; the default is a truncated normal of
            deviation 0.02.
        kernel_regularizer: Penalty on all kernels.
        ortho_regularizer: "orthogonal", "orthonormal" or "srip" on both pointwise
            kernels, or None.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, ceil(height / strides),
        ceil(width / strides), filters)`.

    Weights:
        Those of `ConvNextV1Block` without `layer_scale/gamma`, and `grn/gamma`,
        `grn/beta` (ratio C,), zeros.

    Raises:
        ValueError: If an argument is out of range, or a residual block would change
            the shape.

    Source: Woo et al. (2023), CVPR, arXiv:2301.00808, section 3.
    """

    def __init__(
        self,
        filters: int | None = None,
        kernel_size: int = 7,
        expansion_ratio: float = 4,
        activation: Any = "gelu",
        strides: int = 1,
        use_bias: bool = True,
        layer_scale_init: float | None = None,
        drop_path_rate: float = 0.0,
        dropout_rate: float = 0.0,
        spatial_dropout_rate: float = 0.0,
        use_residual: bool = True,
        norm_epsilon: float = 1e-6,
        grn_epsilon: float = 1e-6,
        kernel_initializer: Any = "truncated_normal(0.02)",
        kernel_regularizer: Any = None,
        ortho_regularizer: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters=filters,
            kernel_size=kernel_size,
            expansion_ratio=expansion_ratio,
            activation=activation,
            strides=strides,
            use_bias=use_bias,
            layer_scale_init=layer_scale_init,
            drop_path_rate=drop_path_rate,
            dropout_rate=dropout_rate,
            spatial_dropout_rate=spatial_dropout_rate,
            use_residual=use_residual,
            norm_epsilon=norm_epsilon,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=kernel_regularizer,
            ortho_regularizer=ortho_regularizer,
            **kwargs,
        )
        check_number("grn_epsilon", grn_epsilon, 0, low_open=True)
        self.grn_epsilon = grn_epsilon

    def make_between(self) -> keras.layers.Layer:
        self.grn = GlobalResponseNorm(
            epsilon=self.grn_epsilon, dtype=self.dtype_policy, name="grn"
        )
        return self.grn

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "grn_epsilon": self.grn_epsilon}
