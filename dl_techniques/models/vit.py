"""The vision transformer, the attention baseline."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.models.classifier_options import ClassifierOptions
from dl_techniques.models.image_classifier import ImageClassifier
from dl_techniques.models.variant_functions import variant_function
from dl_techniques.models.variants import Shape
from dl_techniques.models.vit_graph import AttentionWeights, VitGraph
from dl_techniques.utils.validation import (
    check,
    check_choice,
    check_int,
    check_number,
)


def _variant(patch: int, dim: int, depth: int, heads: int) -> dict[str, Any]:
    return {
        "patch_size": patch,
        "hidden_dim": dim,
        "depth": depth,
        "num_heads": heads,
    }


@keras.saving.register_keras_serializable(package="dl_techniques")
class ViT(ImageClassifier):
    """A transformer over the patches of an image.

        patches -> class token -> + positions -> blocks -> norm -> pool -> classifier
        block: x + attention(norm(x)), then x + mlp(norm(x))

    Inputs are normalised already unless `include_preprocessing` says otherwise: it
    scales [0, 255] and is on by itself for 3 channels with `weights`.

    Args:
        patch_size: Side of a patch; both sides of the input are multiples of it.
        hidden_dim: Width of the tokens.
        depth: Number of blocks.
        num_heads: Heads of each attention.
        mlp_ratio: Width of the mlp relative to the tokens.
        pool: "token" reads the class token, "avg" the mean of the patches.
        qkv_bias: Whether the attention's projections have a bias.
        layer_scale_init: Start of a gamma at the end of each branch; None is no gamma.
        pos_embed: "learned", "sinusoidal" or "none".
        include_top: See `ClassifierOptions`, as for all up to `dtype`. `dropout_rate`
            also acts after the positions. Without the top `pooling` None gives the
            tokens, "avg" and "max" pool the patches.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, classes)`, or without the top
        `(batch, 1 + patches, hidden_dim)` or `(batch, hidden_dim)`.

    Weights:
        `patch_embed/projection`, `class_token/token`,
        `position_embedding/position_embedding` (1 + patches, hidden_dim),
        `blocks_{i}_norm1`, `_attention`, `_norm2`, `_mlp`, `norm`, `head`.

    Raises:
        ValueError: If an argument is out of range or the sides are not multiples.

    Source: Dosovitskiy et al. (2021), arXiv:2010.11929 (B); Touvron et al. (2021),
    arXiv:2012.12877 (Ti, S).
    """

    variants = MappingProxyType(
        {
            "tiny16": _variant(16, 192, 12, 3),
            "small16": _variant(16, 384, 12, 6),
            "base16": _variant(16, 768, 12, 12),
            "lab8": {
                **_variant(2, 32, 2, 2),
                "input_shape": (8, 8, 1),
                "classes": 10,
            },
            "lab28": {
                **_variant(7, 64, 4, 4),
                "input_shape": (28, 28, 1),
                "classes": 10,
            },
            "lab32": {
                **_variant(4, 128, 6, 4),
                "input_shape": (32, 32, 3),
                "classes": 10,
            },
        }
    )
    title = "vit"

    def __init__(
        self,
        patch_size: int,
        hidden_dim: int,
        depth: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        pool: str = "token",
        qkv_bias: bool = True,
        layer_scale_init: float | None = None,
        pos_embed: str = "learned",
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
    ) -> None:
        own = {
            "patch_size": patch_size,
            "hidden_dim": hidden_dim,
            "depth": depth,
            "num_heads": num_heads,
            "mlp_ratio": mlp_ratio,
            "pool": pool,
            "qkv_bias": qkv_bias,
            "layer_scale_init": layer_scale_init,
            "pos_embed": pos_embed,
        }
        _check(own)
        shape = (224, 224, 3) if input_shape is None else tuple(input_shape)
        options = ClassifierOptions(
            include_top=include_top,
            weights=weights,
            input_shape=shape,
            classes=classes,
            pooling=pooling,
            classifier_activation=classifier_activation,
            include_preprocessing=include_preprocessing,
            dropout_rate=dropout_rate,
            drop_path_rate=drop_path_rate,
            kernel_regularizer=kernel_regularizer,
            dtype=dtype,
        )
        self.check_fit(options.shape, own)
        graph = VitGraph(own, options)
        self.assemble(own, options, graph.body, name)
        self._graph = graph

    @classmethod
    def misfit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> str | None:
        patch = arguments["patch_size"]
        if any(side is None for side in input_shape[:2]):
            return "both sides must be known"
        if any(side % patch for side in input_shape[:2] if side):
            return f"both sides must be multiples of the patch size {patch}"
        return None

    def attention_maps(self) -> keras.Model:
        """Returns a model of the same weights that gives each block's attention.

        Its output maps "L{i}" to weights `(batch, heads, 1 + patches, 1 + patches)`.
        """
        maps = {
            f"L{i}": AttentionWeights(attention, dtype=attention.dtype_policy)(x)
            for i, (attention, x) in enumerate(self._graph.attended)
        }
        return keras.Model(self.input, maps, name=f"{self.name}_attention")


def _check(own: dict[str, Any]) -> None:
    for key in ("patch_size", "hidden_dim", "depth", "num_heads"):
        check_int(key, own[key])
    check_number("mlp_ratio", own["mlp_ratio"], 0, low_open=True)
    check_choice("pool", own["pool"], ("token", "avg"))
    check_choice("qkv_bias", own["qkv_bias"], (True, False))
    check_number("layer_scale_init", own["layer_scale_init"], 0, optional=True)
    check_choice("pos_embed", own["pos_embed"], ("learned", "sinusoidal", "none"))
    fits = own["hidden_dim"] % own["num_heads"] == 0
    rule = f"a divisor of hidden_dim={own['hidden_dim']}"
    check(fits, "num_heads", rule, own["num_heads"])


ViTTiny16 = variant_function(ViT, "tiny16", "ViTTiny16")
ViTSmall16 = variant_function(ViT, "small16", "ViTSmall16")
ViTBase16 = variant_function(ViT, "base16", "ViTBase16")
