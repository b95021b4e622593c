"""Floating-point operations of one sample's forward pass.

A multiply and an add count as 2 operations. Only products with weights and attention
products are counted; offsets, norms, activations and pooling are not (they stay below
a few percent). Layers without a formula of their own are counted from their weights:
every kernel of rank 2 or more is taken to be applied at each output position.
"""

import math
from typing import Any

from dl_techniques.recipes.steps import Shape


def layer_flops(layer: Any, before: Shape, after: Shape) -> int:
    """Returns the operations of one layer; unknown sizes count as 1."""
    if hasattr(layer, "multiply_adds"):
        return int(2 * layer.multiply_adds(before))
    formula = _FORMULAS.get(type(layer).__name__)
    if formula:
        return int(2 * formula(layer, before, after))
    if hasattr(layer, "layers") and hasattr(layer, "inputs"):
        return model_flops(layer)
    attention = _attention(layer, before)
    return int(2 * (_by_weights(layer, after) + attention))


def model_flops(model: Any) -> int:
    """Returns the operations of a functional model, layer by layer."""
    return sum(
        layer_flops(inner, _shape(inner.input), _shape(inner.output))
        for inner in model.layers
        if inner.weights
    )


def parameters(layer: Any) -> int:
    """Returns the number of weights, whether trained or not, seeds left out."""
    return sum(math.prod(w.shape) for w in layer.weights if "seed" not in w.name)


def _shape(tensor: Any) -> Shape:
    first = tensor[0] if isinstance(tensor, list | tuple) else tensor
    return tuple(first.shape)


def _positions(shape: Shape) -> int:
    return math.prod(n or 1 for n in shape[1:-1])


def _kernels(layer: Any) -> int:
    return sum(
        math.prod(w.shape)
        for w in layer.weights
        if len(w.shape) >= 2 and "bias" not in w.name
    )


def _by_weights(layer: Any, shape: Shape) -> int:
    return _kernels(layer) * _positions(shape)


def _after(layer: Any, before: Shape, after: Shape) -> int:
    return _by_weights(layer, after)


def _none(layer: Any, before: Shape, after: Shape) -> int:
    return 0


def _recurrent(layer: Any, before: Shape, after: Shape) -> int:
    return _kernels(layer) * (before[1] or 1)


def _self_attention(layer: Any, before: Shape, after: Shape) -> int:
    return _kernels(layer) * _positions(before) + _attention(layer, before)


def _attention(layer: Any, before: Shape) -> int:
    """Scores and weighted sums of self-attention: T^2 products of each width."""
    heads = getattr(layer, "num_heads", None) or getattr(layer, "num_query_heads", None)
    if not isinstance(heads, int) or len(before) != 3:
        return 0
    width = getattr(layer, "key_dim", None) or getattr(layer, "head_dim", None)
    width = width if isinstance(width, int) else max(1, (before[-1] or 1) // heads)
    mixed = getattr(layer, "value_dim", None)
    mixed = mixed if isinstance(mixed, int) else width
    return (before[1] or 1) ** 2 * heads * (width + mixed)


def _differential(layer: Any, before: Shape, after: Shape) -> int:
    """Two maps a head; their difference weighs values of twice the width."""
    width = layer.query_dense.kernel.shape[-1]
    pairs = (before[1] or 1) ** 2
    return _kernels(layer) * _positions(before) + 4 * pairs * layer.num_heads * width


def _block(layer: Any, before: Shape, after: Shape) -> int:
    """What its two branches take; residuals and norms are free."""
    parts = (layer.attention, layer.ffn)
    return sum(layer_flops(part, before, after) for part in parts) // 2


def _non_local(layer: Any, before: Shape, after: Shape) -> int:
    """Projections of every position, scores and weighted sums over pooled keys."""
    places, step = _positions(before), layer.subsample or 1
    keys = math.prod(
        n or 1 if len(before) == 5 and i == 0 else max((n or 1) // step, 1)
        for i, n in enumerate(before[1:-1])
    )
    compared = layer.g.units if layer.theta is not None else before[-1] or 1
    scores = 1 if layer.concat is not None else compared
    return _kernels(layer) * places + places * keys * (scores + layer.g.units)


def _hopfield(layer: Any, before: Shape, after: Shape) -> int:
    """Each further update weighs the keys and scores them again."""
    more = 2 * (before[1] or 1) ** 2 * layer.num_heads * layer.key_dim
    return _self_attention(layer, before, after) + layer.update_steps_max * more


def _complex(layer: Any, before: Shape, after: Shape) -> int:
    """Four real products a complex one; two where the input is real."""
    return _by_weights(layer, after) * (1 if layer.real_input else 2)


def _primary_capsule(layer: Any, before: Shape, after: Shape) -> int:
    return _by_weights(layer, after) // layer.num_capsules


def _routing_capsule(layer: Any, before: Shape, after: Shape) -> int:
    """Votes once, a weighted sum each round, agreement between rounds."""
    votes = (before[1] or 1) * layer.num_capsules * layer.dim_capsules
    return _kernels(layer) + (2 * layer.routing_iterations - 1) * votes


def _capsule_block(layer: Any, before: Shape, after: Shape) -> int:
    return _routing_capsule(layer.routing, before, after)


_FORMULAS = {
    "TransformerEncoderBlock": _block,
    "DifferentialTransformerBlock": _block,
    "NonLocalAttention": _non_local,
    "HopfieldAttention": _hopfield,
    "ComplexConv2D": _complex,
    "ComplexDense": _complex,
    "PrimaryCapsule": _primary_capsule,
    "RoutingCapsule": _routing_capsule,
    "CapsuleBlock": _capsule_block,
    "Dense": _after,
    "EinsumDense": _after,
    "Conv1D": _after,
    "Conv2D": _after,
    "DepthwiseConv2D": _after,
    "SeparableConv1D": _after,
    "SeparableConv2D": _after,
    "Embedding": _none,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "MultiHeadAttention": _self_attention,
    "GroupedQueryAttention": _self_attention,
    "AdaptiveMultiHeadAttention": _self_attention,
    "DifferentialMultiHeadAttention": _differential,
    "GroupQueryAttention": _self_attention,
}
