"""Sizes of the modern CLIP: its variants, and what its numbers must obey."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dl_techniques.utils.validation import check, check_choice, check_int, check_number


def _variant(
    patch: int, vision: tuple[int, int, int], text: tuple[int, int], embed: int
) -> Mapping[str, Any]:
    layers, width, heads = vision
    return MappingProxyType(
        {
            "patch_size": patch,
            "vision_layers": layers,
            "vision_width": width,
            "vision_heads": heads,
            "vision_kv_heads": 4,
            "text_width": text[0],
            "text_heads": text[1],
            "text_kv_heads": text[1],
            "embed_dim": embed,
        }
    )


def _lab(side: int, channels: int, patch: int, layers: int = 2) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            "image_size": side,
            "channels": channels,
            "patch_size": patch,
            "vision_layers": layers,
            "vision_width": 64,
            "vision_heads": 4,
            "vision_kv_heads": 2,
            "text_layers": 2,
            "text_width": 64,
            "text_heads": 4,
            "text_kv_heads": 2,
            "vocab_size": 64,
            "context_length": 8,
            "embed_dim": 32,
            "ffn_multiple_of": 8,
            "drop_path_rate": 0.0,
        }
    )


VARIANTS = MappingProxyType(
    {
        "lab8": _lab(8, 1, 2),
        "lab28": _lab(28, 1, 7),
        "lab32": _lab(32, 3, 4),
        "vit_b32": _variant(32, (12, 768, 12), (512, 8), 512),
        "vit_b16": _variant(16, (12, 768, 12), (512, 8), 512),
        "vit_l14": _variant(14, (24, 1024, 16), (768, 12), 768),
        "vit_h14": _variant(14, (32, 1280, 16), (1024, 16), 1024),
    }
)
_COUNTS = (
    *("image_size", "patch_size", "channels", "vocab_size", "context_length"),
    *("vision_layers", "vision_width", "vision_heads", "vision_kv_heads"),
    *("text_layers", "text_width", "text_heads", "text_kv_heads"),
    *("embed_dim", "ffn_multiple_of"),
)


def check_sizes(own: Mapping[str, Any]) -> None:
    """Raises `ValueError` that names the argument out of range."""
    for key in _COUNTS:
        check_int(key, own[key])
    for key in ("ffn_expansion_factor", "epsilon"):
        check_number(key, own[key], 0, low_open=True)
    for key in ("dropout", "attention_dropout", "drop_path_rate"):
        check_number(key, own[key], 0, high=1, high_open=True)
    check_number("rope_fraction", own["rope_fraction"], 0, high=1)
    check_choice("vision_rope", own["vision_rope"], ("1d", "2d"))
    check_int("pad_token_id", own["pad_token_id"], 0, high=own["vocab_size"] - 1)
    rule = f"a multiple of patch_size={own['patch_size']}"
    fits = own["image_size"] % own["patch_size"] == 0
    check(fits, "image_size", rule, own["image_size"])
    for tower in ("vision", "text"):
        _check_heads(tower, own)


def _check_heads(tower: str, own: Mapping[str, Any]) -> None:
    width, heads = own[f"{tower}_width"], own[f"{tower}_heads"]
    rule = f"a divisor of {tower}_width={width}"
    check(width % heads == 0, f"{tower}_heads", rule, heads)
    few = own[f"{tower}_kv_heads"]
    rule = f"a divisor of {tower}_heads={heads}"
    check(heads % few == 0, f"{tower}_kv_heads", rule, few)
