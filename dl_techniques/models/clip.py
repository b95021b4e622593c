"""CLIP with the parts of newer language models: two towers that meet in one space."""

from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.models.clip_graph import ClipGraph
from dl_techniques.models.clip_sizes import VARIANTS, check_sizes
from dl_techniques.models.two_tower import TwoTower
from dl_techniques.models.variants import AUTO, Shape


@keras.saving.register_keras_serializable(package="dl_techniques")
class CLIP(TwoTower):
    """Puts images and texts into one space, where a pair lies close together.

        image: patches -> class token -> blocks -> RMSNorm -> token 0
        text: embedding -> causal blocks -> RMSNorm -> last token that is no padding
        block: x + attention(RMSNorm x), then x + SwiGLU(RMSNorm x)
        logits_per_image = exp(min(s, max_logit_scale)) u v^T

    u and v are the towers' projections, divided by their length. Positions come from
    rotation alone. Images are normalised already. The weights of OpenAI's CLIP do not
    fit; `CLIPOpenAI` takes them.

    Args:
        image_size: Side of an image, a multiple of `patch_size`.
        patch_size: Side of a patch.
        vision_layers: Blocks of the image tower.
        vision_width: Width of its tokens.
        vision_heads: Its query heads; a divisor of the width.
        vision_kv_heads: Its key-value heads, a divisor of the query heads.
        vocab_size: Number of token ids.
        context_length: Tokens of a text.
        text_layers: Blocks of the text tower.
        text_width: Width of its tokens.
        text_heads: Its query heads.
        text_kv_heads: Its key-value heads.
        embed_dim: Width of the common space.
        channels: Channels of an image.
        ffn_expansion_factor: See `SwiGLUFFN`.
        ffn_multiple_of: The feed-forward width is rounded up to this.
        rope_fraction: Share of a head's features that turn.
        vision_rope: "1d" turns by the place in the row of tokens, class token first;
            "2d" half of the pairs by row, half by column, the class token not at all.
        dropout: Share of each branch's output dropped in training.
        attention_dropout: Share of the attention weights dropped in training.
        drop_path_rate: Share of samples that skip the last block of a tower.
        epsilon: Of the norms.
        logit_scale_init: Start of s.
        max_logit_scale: s is kept at or below this.
        pad_token_id: The id of padding, on the right.
        name: Name of the model.
        dtype: Dtype policy of the layers.

    Shapes:
        {"image" `(n, image_size, image_size, channels)`, "text" `(m, context_length)`
        ids} -> {"image_features" `(n, embed_dim)`, "text_features" `(m, embed_dim)`,
        "logits_per_image" `(n, m)`, "logits_per_text" `(m, n)`, "logit_scale" `()`, the
        factor exp(s)}, all float32.

    Weights:
        `vision_patch_embed`, `vision_class_token`, `vision_blocks_{i}_norm1`,
        `_attention`, `_norm2`, `_ffn`, `vision_norm`, `vision_projection`; the same
        with `text_`, which begins with `text_token_embedding`; `logits/logit_scale`.

    Raises:
        ValueError: If an argument is out of range.

    Source: Radford et al. (2021), arXiv:2103.00020; blocks as in Touvron et al. (2023),
    arXiv:2302.13971, and Ainslie et al. (2023), arXiv:2305.13245.
    """

    title = "clip"
    variants = VARIANTS

    def __init__(
        self,
        image_size: int = 224,
        patch_size: int = 32,
        vision_layers: int = 12,
        vision_width: int = 768,
        vision_heads: int = 12,
        vision_kv_heads: int = 4,
        vocab_size: int = 49408,
        context_length: int = 77,
        text_layers: int = 12,
        text_width: int = 512,
        text_heads: int = 8,
        text_kv_heads: int = 8,
        embed_dim: int = 512,
        channels: int = 3,
        ffn_expansion_factor: float = 4,
        ffn_multiple_of: int = 256,
        rope_fraction: float = 0.5,
        vision_rope: str = "1d",
        dropout: float = 0.0,
        attention_dropout: float = 0.0,
        drop_path_rate: float = 0.1,
        epsilon: float = 1e-6,
        logit_scale_init: float = 2.6592,
        max_logit_scale: float = 4.6052,
        pad_token_id: int = 0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        own = {k: v for k, v in locals().items() if k not in _NOT_OWN}
        check_sizes(own)
        policy = keras.dtype_policies.get(dtype)
        own["dtype"] = policy.name
        graph = ClipGraph(own, policy)
        self.assemble(own, graph.image(), graph.text(), name)

    @classmethod
    def from_variant(cls, variant: str = AUTO, **overrides: Any) -> Any:
        """Returns a variant; the papers' names, such as "ViT-B/32", are known too.

        Args:
            variant: A name in `variants`; "auto" is the small one for this
                `image_size`.
            overrides: Constructor arguments.
        """
        variant = PAPER_NAMES.get(variant, variant)
        if variant == AUTO:
            variant = cls.variant_for((overrides.get("image_size"),))
        return super().from_variant(variant, **overrides)

    @classmethod
    def variant_for(cls, input_shape: Shape | None) -> str:
        side = input_shape[0] if input_shape else None
        lab = {"lab8": 8, "lab28": 28, "lab32": 32}
        near = sorted(lab, key=lambda name: abs(lab[name] - (side or 8)))
        fits = [n for n in near if not (side or 8) % cls.variants[n]["patch_size"]]
        return (fits or near)[0]


_NOT_OWN = ("self", "name", "dtype", "__class__")
PAPER_NAMES = MappingProxyType(
    {
        "lab": "lab8",
        "ViT-B/32": "vit_b32",
        "ViT-B/16": "vit_b16",
        "ViT-L/14": "vit_l14",
        "ViT-H/14": "vit_h14",
    }
)


def create_clip_model(**arguments: Any) -> CLIP:
    """Returns `CLIP(**arguments)`."""
    return CLIP(**arguments)


def create_clip_variant(variant: str, **overrides: Any) -> CLIP:
    """Returns a variant: "ViT-B/32", "ViT-B/16", "ViT-L/14", "ViT-H/14" or "lab8".

    Args:
        variant: Its name.
        overrides: Constructor arguments.
    """
    made: CLIP = CLIP.from_variant(variant, **overrides)
    return made


CLIPModel = CLIP
