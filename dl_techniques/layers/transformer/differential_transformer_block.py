"""The block of the differential transformer."""

from typing import Any

import keras

from dl_techniques.layers.attention.differential_multi_head_attention import (
    check_difference,
)
from dl_techniques.layers.transformer.transformer_encoder_block import (
    TransformerEncoderBlock,
)

FIXED = (
    "mlp_ratio",
    "attention",
    "attention_args",
    "ffn",
    "ffn_args",
    "norm",
    "norm_args",
    "norm_position",
    "activation",
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class DifferentialTransformerBlock(TransformerEncoderBlock):
    """Mixes positions by the difference of two maps, features by a gated layer.

        x = x + attention(RMSNorm(x)),   x = x + SwiGLU(RMSNorm(x))

    A `TransformerEncoderBlock` with `DifferentialMultiHeadAttention` and `SwiGLUFFN`,
    without biases.

    Args:
        num_heads: Number of heads H, of two maps each; 2 H divides D.
        layer_index: Depth of the block from 0; sets the start of lambda.
        mlp_dim: Width of the gated layer; None is 8 D / 3, rounded up to 8.
        use_rope: Whether queries and keys turn with their position.
        causal: Whether positions see earlier ones only, as in the paper.
        dropout: Share dropped after both layers in training, in [0, 1).
        drop_path: Share of samples whose branch is dropped in training, in [0, 1).
        epsilon: Stabiliser of the norms, above 0.
        num_kv_heads: Heads with keys and values of their own; None is H.
        lambda_init: Start of lambda; None: from the depth.
        attention_dropout: Share of attention weights dropped.
        layer_scale_init: Start of a gain per channel of each branch; None: no gains.
        seed: Makes everything dropped repeatable.

    Shapes:
        `(batch, T, D)`; unchanged.

    Weights:
        `norm1/scale`, `attention/...`, `norm2/scale`,
        `ffn/{gate_proj,up_proj,down_proj}/kernel`.

    Raises:
        ValueError: If an argument is outside its range, or at build, if 2 H does not
            divide D.

    Source: Ye et al. (2024), arXiv:2410.05258, section 2.2; not causal by default.
    """

    def __init__(
        self,
        num_heads: int,
        layer_index: int = 0,
        mlp_dim: int | None = None,
        use_rope: bool = True,
        causal: bool = False,
        dropout: float = 0.0,
        drop_path: float = 0.0,
        epsilon: float = 1e-5,
        num_kv_heads: int | None = None,
        lambda_init: float | None = None,
        attention_dropout: float = 0.0,
        layer_scale_init: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        check_difference(num_heads, num_kv_heads, layer_index, lambda_init)
        given = {
            "layer_index": layer_index,
            "use_rope": use_rope,
            "num_kv_heads": num_kv_heads,
            "lambda_init": lambda_init,
        }
        super().__init__(
            num_heads,
            mlp_dim,
            attention="differential",
            attention_args=given,
            ffn="swiglu",
            norm="rms",
            layer_scale_init=layer_scale_init,
            drop_path=drop_path,
            dropout=dropout,
            attention_dropout=attention_dropout,
            epsilon=epsilon,
            causal=causal,
            seed=seed,
            **kwargs,
        )

    def hidden_width(self, features: int) -> int | None:
        return self.mlp_dim

    def lambda_value(self) -> float:
        """Returns lambda as it is now."""
        return float(self.attention.lambda_value())

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        free = {name: part for name, part in config.items() if name not in FIXED}
        return {**free, **self.arguments["attention_args"]}
