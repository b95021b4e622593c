"""The block of transformers, from parts to choose."""

from typing import Any, Literal

import keras

from dl_techniques.layers.transformer.branches import Branches
from dl_techniques.layers.transformer.plug_ins import (
    Attention,
    FeedForward,
    Norm,
    plug_in,
    serialized,
)
from dl_techniques.utils.validation import (
    check_choice,
    check_int,
    check_number,
    check_seed,
)


@keras.saving.register_keras_serializable(package="dl_techniques")
class TransformerEncoderBlock(Branches):
    """Mixes positions by attention, then features by a feed-forward layer.

        x = x + drop_path(scale1(dropout(attention(norm1(x)))))
        x = x + drop_path(scale2(ffn(norm2(x))))

    With `norm_position="post"` x = norm1(x + branch1(x)), x = norm2(x + branch2(x)).
    The defaults are the block of the vision transformer.

    Args:
        num_heads: Number of attention heads.
        mlp_dim: Width of the feed-forward layer; None is int(mlp_ratio D).
        mlp_ratio: That width in units of D, above 0.
        attention: "mha", "gqa", "differential", "hopfield", "sparse", "adaptive" or a
            layer, used as it is.
        attention_args: Arguments of the class chosen by name.
        ffn: "mlp", "glu", "geglu", "reglu", "bilinear", "swiglu", "gated_mlp" (for one
            length), "differential", "power" or a layer.
        ffn_args: Arguments of the class chosen by name.
        norm: "layer", "rms", "band_rms", "dynamic_tanh", "none" or a layer; the second
            norm is a copy of it.
        norm_args: Arguments of the class chosen by name.
        norm_position: "pre" or "post".
        activation: Of "mlp" and "gated_mlp".
        layer_scale_init: Start of a gain per channel of each branch; None: no gains.
        drop_path: Share of samples whose branch is dropped in training, in [0, 1).
        dropout: Share dropped after the attention and in the feed-forward layer,
            which "power" does without.
        attention_dropout: Share of attention weights dropped.
        epsilon: Stabiliser of the norms, above 0.
        causal: Whether positions see earlier ones only.
        seed: Makes everything dropped repeatable.

    Shapes:
        `(batch, T, D)`; unchanged.

    Weights:
        `norm1/...`, `attention/...`, `layer_scale1/gamma`, `norm2/...`, `ffn/...`,
        `layer_scale2/gamma`.

    Raises:
        ValueError: If an argument is outside its range, or at build, if the heads do
            not divide D.

    Source: Dosovitskiy et al. (2020), arXiv:2010.11929, eq. 2-3; post: Vaswani et al.
    (2017), arXiv:1706.03762. "gqa" has half as many key heads where H is even.
    """

    def __init__(
        self,
        num_heads: int,
        mlp_dim: int | None = None,
        mlp_ratio: float = 4.0,
        attention: Attention | keras.layers.Layer = "mha",
        attention_args: dict[str, Any] | None = None,
        ffn: FeedForward | keras.layers.Layer = "mlp",
        ffn_args: dict[str, Any] | None = None,
        norm: Norm | keras.layers.Layer = "layer",
        norm_args: dict[str, Any] | None = None,
        norm_position: Literal["pre", "post"] = "pre",
        activation: Any = "gelu",
        layer_scale_init: float | None = None,
        drop_path: float = 0.0,
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        epsilon: float = 1e-6,
        causal: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_int("num_heads", num_heads)
        check_int("mlp_dim", mlp_dim, optional=True)
        check_number("mlp_ratio", mlp_ratio, 0, low_open=True)
        check_choice("norm_position", norm_position, ("pre", "post"))
        check_number("layer_scale_init", layer_scale_init, None, optional=True)
        shares = {
            "drop_path": drop_path,
            "dropout": dropout,
            "attention_dropout": attention_dropout,
        }
        for name, share in shares.items():
            check_number(name, share, 0, high=1, high_open=True)
            setattr(self, name, share)
        check_number("epsilon", epsilon, 0, low_open=True)
        check_seed(seed)
        self.num_heads = num_heads
        self.mlp_dim = mlp_dim
        self.mlp_ratio = mlp_ratio
        self.chosen_attention = plug_in("attention", attention, attention_args)
        self.chosen_ffn = plug_in("ffn", ffn, ffn_args)
        self.chosen_norm = plug_in("norm", norm, norm_args)
        # described before building, which changes what Keras tells of a layer
        self.described = {
            role: serialized(getattr(self, f"chosen_{role}"))
            for role in ("attention", "ffn", "norm")
        }
        self.arguments = {
            "attention_args": attention_args,
            "ffn_args": ffn_args,
            "norm_args": norm_args,
        }
        self.norm_position = norm_position
        self.activation = keras.activations.get(activation)
        self.layer_scale_init = layer_scale_init
        self.epsilon = epsilon
        self.causal = causal
        self.seed = seed
        self.supports_masking = True

    def hidden_width(self, features: int) -> int | None:
        return self.mlp_dim or max(1, int(self.mlp_ratio * features))

    def get_config(self) -> dict[str, Any]:
        given = self.arguments.items()
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "mlp_dim": self.mlp_dim,
            "mlp_ratio": self.mlp_ratio,
            **self.described,
            **{k: keras.saving.serialize_keras_object(v) for k, v in given},
            "norm_position": self.norm_position,
            "activation": keras.activations.serialize(self.activation),
            "layer_scale_init": self.layer_scale_init,
            "drop_path": self.drop_path,
            "dropout": self.dropout,
            "attention_dropout": self.attention_dropout,
            "epsilon": self.epsilon,
            "causal": self.causal,
            "seed": self.seed,
        }


VisionTransformerLayer = TransformerEncoderBlock
