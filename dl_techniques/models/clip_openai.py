"""OpenAI's CLIP, which takes its public weights."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.models.clip_openai_graph import ACTIVATIONS, ENDS, OpenAIGraph
from dl_techniques.models.pretrained_model import PretrainedModel
from dl_techniques.models.public_weights import fetch, load_weights
from dl_techniques.models.two_tower import TwoTower
from dl_techniques.models.variants import AUTO, Shape
from dl_techniques.utils.validation import check, check_choice, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class CLIPOpenAI(PretrainedModel, TwoTower):
    """Puts images and texts into one space; weight compatible with OpenAI's CLIP.

        image: patches -> class token -> + positions -> LayerNorm -> blocks
            -> token 0 -> LayerNorm
        text: embedding -> + positions -> causal blocks -> LayerNorm -> end token
        block: x + attention(norm x), then x + mlp(norm x)
        logits_per_image = exp(min(s, max_logit_scale)) u v^T

    u and v are the towers' projections, divided by their length. Images are normalised
    already; `clip_images` prepares them and `CLIPTokenizer` the texts.

    Args:
        image_size: Side of an image, a multiple of `patch_size`.
        patch_size: Side of a patch.
        vision_layers: Blocks of the image tower.
        vision_width: Width of its tokens.
        vision_heads: Its heads, a divisor of the width.
        text_layers: Blocks of the text tower.
        text_width: Width of its tokens.
        text_heads: Its heads.
        embed_dim: Width of the common space.
        vocab_size: Number of token ids.
        context_length: Tokens of a text.
        hidden_act: "quick_gelu", x sigmoid(1.702 x), or "gelu", the exact one.
        epsilon: Of the norms.
        eot: Where a text ends: "argmax" is the largest id, as OpenAI's tokens have it;
            "first_eos" the first `eos_token_id`, for vocabularies with larger ids.
        eos_token_id: The id that ends a text.
        channels: Channels of an image.
        logit_scale_init: Start of s.
        max_logit_scale: s is kept at or below this.
        weights: None, "openai", "hf://org/name[@revision]" or a local file.
        name: Name of the model.
        dtype: Dtype policy of the layers.

    Shapes:
        {"image" `(n, image_size, image_size, channels)`, "text" `(m, context_length)`
        ids} -> {"image_features" `(n, embed_dim)`, "text_features" `(m, embed_dim)`,
        "logits_per_image" `(n, m)`, "logits_per_text" `(m, n)`, "logit_scale" `()`, the
        factor exp(s)}, all float32.

    Weights:
        `vision_patch_embed`, `vision_class_token`, `vision_position_embedding`,
        `vision_pre_norm`, `vision_blocks_{i}_norm1`, `_attention`, `_norm2`, `_mlp`,
        `vision_post_norm`, `vision_projection`; `text_token_embedding`,
        `text_position_embedding`, `text_blocks_{i}_...`, `text_final_norm`,
        `text_projection`; `logits/logit_scale`.

    Raises:
        ValueError: If an argument is out of range.
        WeightsUnavailableError: If `weights` cannot be had.

    Source: Radford et al. (2021), arXiv:2103.00020.
    """

    title = "clip_openai"
    variants = MappingProxyType(
        {
            "vit_base_patch32": MappingProxyType({}),
            "vit_base_patch16": MappingProxyType({"patch_size": 16}),
            "vit_large_patch14": MappingProxyType(
                {
                    "patch_size": 14,
                    "vision_layers": 24,
                    "vision_width": 1024,
                    "vision_heads": 16,
                    "text_width": 768,
                    "text_heads": 12,
                    "embed_dim": 768,
                }
            ),
        }
    )

    def __init__(
        self,
        image_size: int = 224,
        patch_size: int = 32,
        vision_layers: int = 12,
        vision_width: int = 768,
        vision_heads: int = 12,
        text_layers: int = 12,
        text_width: int = 512,
        text_heads: int = 8,
        embed_dim: int = 512,
        vocab_size: int = 49408,
        context_length: int = 77,
        hidden_act: str = "quick_gelu",
        epsilon: float = 1e-5,
        eot: str = "argmax",
        eos_token_id: int = 49407,
        channels: int = 3,
        logit_scale_init: float = 2.6592,
        max_logit_scale: float = 4.6052,
        weights: str | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        own = {k: v for k, v in locals().items() if k not in _NOT_OWN}
        _check(own)
        variant = self.variant_of(own)
        fetch(weights, type(self).__name__, variant)
        policy = keras.dtype_policies.get(dtype)
        own["dtype"] = policy.name
        graph = OpenAIGraph(own, policy)
        self.assemble(own, graph.image(), graph.text(), name)
        self.variant = variant
        load_weights(self, weights)

    @classmethod
    def variant_for(cls, input_shape: Shape | None) -> str:
        return "vit_base_patch32"

    @classmethod
    def from_variant(cls, variant: str = AUTO, **overrides: Any) -> Any:
        """Returns the named variant, "vit_base_patch32" by default."""
        return super().from_variant(variant, **overrides)


_NOT_OWN = ("self", "name", "dtype", "weights", "__class__")
_COUNTS = (
    *("image_size", "patch_size", "channels", "vocab_size", "context_length"),
    *("vision_layers", "vision_width", "vision_heads"),
    *("text_layers", "text_width", "text_heads", "embed_dim"),
)


def _check(own: Mapping[str, Any]) -> None:
    for key in _COUNTS:
        check_int(key, own[key])
    check_int("eos_token_id", own["eos_token_id"], 0)
    check_number("epsilon", own["epsilon"], 0, low_open=True)
    check_choice("hidden_act", own["hidden_act"], tuple(ACTIVATIONS))
    check_choice("eot", own["eot"], tuple(ENDS))
    rule = f"a multiple of patch_size={own['patch_size']}"
    fits = own["image_size"] % own["patch_size"] == 0
    check(fits, "image_size", rule, own["image_size"])
    for tower in ("vision", "text"):
        width, heads = own[f"{tower}_width"], own[f"{tower}_heads"]
        rule = f"a divisor of {tower}_width={width}"
        check(width % heads == 0, f"{tower}_heads", rule, heads)
