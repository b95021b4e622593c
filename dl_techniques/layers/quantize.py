"""Rounding of weights and activations to a few levels."""

from typing import Any

from keras import ops

WEIGHT_QUANTIZERS = ("ternary", "binary", "int4", "int8", None)
WEIGHT_MEASURES = ("absmean", "absmedian", "absmax")
ACTIVATION_MEASURES = ("absmax", "absmean", "absmedian")


def measure(x: Any, name: str, epsilon: float, axis: int | None = None) -> Any:
    """Returns the scale of `x` along `axis` (kept) or of all of it, floored."""
    reduce = {"absmean": ops.mean, "absmedian": ops.median, "absmax": ops.max}[name]
    return ops.maximum(
        reduce(ops.abs(x), axis=axis, keepdims=axis is not None), epsilon
    )


def quantize_activations(
    x: Any, bits: int, scale_by: str, epsilon: float, noise: Any = None
) -> Any:
    """Returns `x` rounded to `2 ** bits` levels, scaled along the last axis."""
    top = 2.0 ** (bits - 1) - 1.0
    scale = top / measure(x, scale_by, epsilon, axis=-1)
    return ops.clip(_round(x * scale, noise), -top - 1.0, top) / scale


def quantize_weights(
    w: Any, quantizer: str, scale_by: str, epsilon: float, noise: Any = None
) -> tuple[Any, Any]:
    """Returns integer levels and the scale that multiplies them."""
    if quantizer == "binary":
        sign = ops.where(w >= ops.mean(w), 1.0, -1.0)
        return ops.cast(sign, w.dtype), measure(w, "absmean", epsilon)
    if quantizer == "ternary":
        scale = measure(w, scale_by, epsilon)
        return ops.clip(_round(w / scale, noise), -1.0, 1.0), scale
    top = {"int4": 7.0, "int8": 127.0}[quantizer]
    scale = measure(w, "absmax", epsilon) / top
    return ops.clip(_round(w / scale, noise), -top - 1.0, top), scale


def _round(x: Any, noise: Any) -> Any:
    """Rounds half to even; uniform noise in [-1/2, 1/2) makes it stochastic."""
    return ops.round(x if noise is None else x + noise)
