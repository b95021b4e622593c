"""The ConvNeXt block with LayerScale."""

from typing import Any

import keras

from dl_techniques.layers.convnext_block import ConvNextBlock


@keras.saving.register_keras_serializable(package="dl_techniques")
class ConvNextV1Block(ConvNextBlock):
    """Mixes places with a large depthwise kernel, then channels with an mlp.

        y = x + drop_path(gamma * project(act(expand(norm(depthwise(x))))))

    Args:
        filters: Output channels; None is the input's.
        kernel_size: Size of the depthwise kernel.
        expansion_ratio: Width of the mlp relative to the channels.
        activation: Function between the two pointwise projections; exact GELU.
        strides: Step of the depthwise convolution; above 1 only without residual.
        use_bias: Whether convolution and projections have offsets.
        layer_scale_init: Start of gamma; None or 0 is no gamma.
        drop_path_rate: Chance that a sample skips the branch in training, in [0, 1).
        dropout_rate: Dropout before the projection, in [0, 1).
        spatial_dropout_rate: Dropout of whole channels after it, in [0, 1).
        use_residual: Whether the input is added.
        norm_epsilon: Epsilon of the layer norm, above 0.
        kernel_initializer: Start of all kernels; the default is a truncated normal of
            deviation 0.02.
        kernel_regularizer: Penalty on all kernels.
        ortho_regularizer: "orthogonal", "orthonormal" or "srip" on both pointwise
            kernels, or None.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, ceil(height / strides),
        ceil(width / strides), filters)`.

    Weights:
        `depthwise_conv/kernel` (k, k, C, 1), `norm/gamma`, `norm/beta` (C,),
        `pointwise_expand/kernel` (C, ratio C), `pointwise_project/kernel`
        (ratio C, filters), their biases, `layer_scale/gamma` (filters,).

    Raises:
        ValueError: If an argument is out of range, or a residual block would change
            the shape.

    Source: Liu et al. (2022), CVPR, arXiv:2201.03545, figure 4.
    """

    def __init__(
        self,
        filters: int | None = None,
        kernel_size: int = 7,
        expansion_ratio: float = 4,
        activation: Any = "gelu",
        strides: int = 1,
        use_bias: bool = True,
        layer_scale_init: float | None = 1e-6,
        drop_path_rate: float = 0.0,
        dropout_rate: float = 0.0,
        spatial_dropout_rate: float = 0.0,
        use_residual: bool = True,
        norm_epsilon: float = 1e-6,
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
