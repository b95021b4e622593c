"""Sizes of the depth models."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dl_techniques.utils.validation import check


def _encoder(width: int, depth: int, heads: int) -> Mapping[str, Any]:
    return MappingProxyType(
        {
            "hidden_size": width,
            "depth": depth,
            "num_heads": heads,
            "mlp_ratio": 4.0,
            "patch_size": 14,
        }
    )


ENCODERS = {
    "small": _encoder(384, 12, 6),
    "base": _encoder(768, 12, 12),
    "large": _encoder(1024, 24, 16),
}
_NECK = {"large": (256, 512, 1024, 1024)}
_FUSION = {"small": 64, "base": 128, "large": 256}
_V2_TAPS = {"large": (5, 12, 18, 24)}
LAB = MappingProxyType(
    {
        "encoder": {
            "hidden_size": 64,
            "depth": 4,
            "num_heads": 4,
            "mlp_ratio": 2.0,
            "patch_size": 4,
        },
        "image_size": 32,
        "taps": (1, 2, 3, 4),
        "neck_filters": (16, 32, 48, 64),
        "fusion_filters": 32,
        "head_filters": 16,
        "input_shape": (32, 32, 3),
    }
)


def variants() -> dict[str, Mapping[str, Any]]:
    """Returns the arguments of each named variant."""
    public = {
        f"{version}_{name}": MappingProxyType({"encoder": name, "version": version})
        for version in ("v1", "v2")
        for name in ENCODERS
    }
    return {**public, "lab": LAB}


def filled(own: Mapping[str, Any]) -> dict[str, Any]:
    """Returns encoder, taps and channels with what the arguments leave open.

    Raises:
        ValueError: If the encoder is unknown or the taps are not four of its blocks.
    """
    given = own["encoder"]
    known = given in ENCODERS if isinstance(given, str) else _is_encoder(given)
    rule = "'small', 'base', 'large' or a mapping with hidden_size, depth, num_heads"
    check(known, "encoder", f"{rule} and perhaps mlp_ratio, patch_size", given)
    name = given if isinstance(given, str) else ""
    encoder = ENCODERS[name] if name else {**_REST, **given}
    width, depth = encoder["hidden_size"], encoder["depth"]
    last = tuple(range(depth - 3, depth + 1))
    spread = tuple(depth * k // 4 for k in range(1, 5))
    usual = last if own["version"] == "v1" else _V2_TAPS.get(name, spread)
    taps = usual if own["taps"] is None else tuple(own["taps"])
    whole = all(isinstance(t, int) and 1 <= t <= depth for t in taps)
    rule = f"four rising numbers of the blocks 1 to {depth}"
    fits = whole and len(taps) == 4 and list(taps) == sorted(taps)
    check(fits, "taps", rule, taps)
    neck = _NECK.get(name, tuple(max(1, width // n) for n in (8, 4, 2, 1)))
    fusion = _FUSION.get(name, max(2, width // 6))
    return {
        "encoder": dict(encoder),
        "taps": taps,
        "neck_filters": neck if own["neck_filters"] is None else own["neck_filters"],
        "fusion_filters": own["fusion_filters"] or fusion,
    }


_REST = {"mlp_ratio": 4.0, "patch_size": 14}


def _is_encoder(given: Any) -> bool:
    needed = {"hidden_size", "depth", "num_heads"}
    named = isinstance(given, Mapping) and needed <= set(given)
    return named and set(given) <= needed | set(_REST)
