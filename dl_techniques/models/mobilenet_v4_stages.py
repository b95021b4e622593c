"""The published stages of MobileNetV4, and how their rows are read."""

from collections.abc import Sequence
from typing import Any

from dl_techniques.layers.mobilenet_v4_blocks import (
    ConvNorm,
    FusedInvertedBottleneck,
    MobileMQA,
    UniversalInvertedBottleneck,
)
from dl_techniques.utils.validation import check

Stages = Sequence[Sequence[str]]

_HEAD = ("conv 1 1 960",)
CONV_SMALL = (
    ("conv 3 2 32", "conv 1 1 32"),
    ("conv 3 2 96", "conv 1 1 64"),
    ("uib 5 5 2 3 96", "uib 0 3 1 2 96 x4", "uib 3 0 1 4 96"),
    (
        "uib 3 3 2 6 128",
        "uib 5 5 1 4 128",
        "uib 0 5 1 4 128",
        "uib 0 5 1 3 128",
        "uib 0 3 1 4 128 x2",
    ),
    _HEAD,
)
_MEDIUM = (("fused 3 2 4 48",), ("uib 3 5 2 4 80", "uib 3 3 1 2 80"))
CONV_MEDIUM = (
    *_MEDIUM,
    (
        "uib 3 5 2 6 160",
        "uib 3 3 1 4 160 x2",
        "uib 3 5 1 4 160",
        "uib 3 3 1 4 160",
        "uib 3 0 1 4 160",
        "uib 0 0 1 2 160",
        "uib 3 0 1 4 160",
    ),
    (
        "uib 5 5 2 6 256",
        "uib 5 5 1 4 256",
        "uib 3 5 1 4 256 x2",
        "uib 0 0 1 4 256",
        "uib 3 0 1 4 256",
        "uib 3 5 1 2 256",
        "uib 5 5 1 4 256",
        "uib 0 0 1 4 256 x2",
        "uib 5 0 1 2 256",
    ),
    _HEAD,
)
_LARGE = (("fused 3 2 4 48",), ("uib 3 5 2 4 96", "uib 3 3 1 4 96"))
_LARGE_3 = (
    "uib 5 5 2 4 512",
    "uib 5 5 1 4 512 x3",
    "uib 5 0 1 4 512",
    "uib 5 3 1 4 512",
    "uib 5 0 1 4 512 x2",
    "uib 5 3 1 4 512",
    "uib 5 5 1 4 512",
)
CONV_LARGE = (
    *_LARGE,
    (
        "uib 3 5 2 4 192",
        "uib 3 3 1 4 192 x3",
        "uib 3 5 1 4 192",
        "uib 5 3 1 4 192 x5",
        "uib 3 0 1 4 192",
    ),
    (*_LARGE_3, "uib 5 0 1 4 512 x3"),
    _HEAD,
)
HYBRID_MEDIUM = (
    *_MEDIUM,
    (
        "uib 3 5 2 6 160",
        "uib 0 0 1 2 160",
        "uib 3 3 1 4 160",
        "uib 3 5 1 4 160",
        "mqa 2 4 64",
        "uib 3 3 1 4 160",
        "mqa 2 4 64",
        "uib 3 0 1 4 160",
        "mqa 2 4 64",
        "uib 3 3 1 4 160",
        "mqa 2 4 64",
        "uib 3 0 1 4 160",
    ),
    (
        "uib 5 5 2 6 256",
        "uib 5 5 1 4 256",
        "uib 3 5 1 4 256 x2",
        "uib 0 0 1 2 256",
        "uib 3 5 1 2 256",
        "uib 0 0 1 2 256",
        "uib 0 0 1 4 256",
        "mqa 1 4 64",
        "uib 3 0 1 4 256",
        "mqa 1 4 64",
        "uib 5 5 1 4 256",
        "mqa 1 4 64",
        "uib 5 0 1 4 256",
        "mqa 1 4 64",
        "uib 5 0 1 4 256",
    ),
    _HEAD,
)
HYBRID_LARGE = (
    *_LARGE,
    (
        "uib 3 5 2 4 192",
        "uib 3 3 1 4 192 x3",
        "uib 3 5 1 4 192",
        "uib 5 3 1 4 192 x2",
        *("mqa 2 8 48", "uib 5 3 1 4 192") * 3,
        "mqa 2 8 48",
        "uib 3 0 1 4 192",
    ),
    (*_LARGE_3, *("mqa 1 8 64", "uib 5 0 1 4 512") * 4),
    _HEAD,
)

_FIELDS = {
    "conv": ("kernel_size", "strides", "filters"),
    "fused": ("kernel_size", "strides", "expansion_ratio", "filters"),
    "uib": ("start_kernel", "mid_kernel", "strides", "expansion_ratio", "filters"),
    "mqa": ("kv_stride", "num_heads", "key_dim"),
}
_CLASSES: dict[str, Any] = {
    "conv": ConvNorm,
    "fused": FusedInvertedBottleneck,
    "uib": UniversalInvertedBottleneck,
    "mqa": MobileMQA,
}


def read_stage(rows: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Returns kind and arguments of each block, repeats written out.

    Args:
        rows: "conv k s c", "fused k s e c", "uib a k s e c" or "mqa v h d"; a trailing
            "xN" repeats, with the step on the first only.

    Raises:
        ValueError: If a row is none of these.
    """
    found: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        words = row.split() if isinstance(row, str) else []
        many = words[-1:] and words[-1][:1] == "x" and words[-1][1:].isdigit()
        times = int(words.pop()[1:]) if many else 1
        kind = words[0] if words else ""
        fields = _FIELDS.get(kind, ())
        fits = kind in _FIELDS and len(words) == len(fields) + 1 and times > 0
        rule = 'rows "conv k s c", "fused k s e c", "uib a k s e c", "mqa v h d"'
        check(fits, "stages", rule, row)
        values = dict(zip(fields, map(_number, words[1:]), strict=True))
        found.append((kind, values))
        again = {**values, "strides": 1} if "strides" in values else values
        found += [(kind, dict(again)) for _ in range(times - 1)]
    return found


def _number(word: str) -> float:
    try:
        return int(word) if word.isdigit() else float(word)
    except ValueError:
        check(False, "stages", "rows of a kind and numbers", word)
        raise


def block_class(kind: str) -> Any:
    """Returns the layer of this kind of row."""
    return _CLASSES[kind]
