"""How a transformer block makes each of its parts from its own sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from dl_techniques.layers.attention import (
    AdaptiveMultiHeadAttention,
    DifferentialMultiHeadAttention,
    GroupQueryAttention,
    HopfieldAttention,
    MultiHeadAttention,
    SparseAttention,
)
from dl_techniques.layers.ffn import (
    GLUFFN,
    MLP,
    DifferentialFFN,
    GatedMLP,
    PowerMLP,
    SwiGLUFFN,
)
from dl_techniques.layers.norms import BandRMS, DynamicTanh, RMSNorm
from dl_techniques.utils.validation import check


@dataclass(frozen=True)
class Sizes:
    """What a block tells its parts.

    Attributes:
        features: D.
        num_heads: Number of attention heads.
        hidden: Width of the feed-forward layer; None where it has a rule of its own.
        activation: Of the feed-forward layers that have one to choose.
        dropout: Of the feed-forward layer.
        attention_dropout: Of the attention weights.
        epsilon: Of the norms.
        causal: Whether positions see earlier ones only.
    """

    features: int
    num_heads: int
    hidden: int | None
    activation: Any
    dropout: float
    attention_dropout: float
    epsilon: float
    causal: bool

    @property
    def head_width(self) -> int:
        """D / H; raises `ValueError` if it is not whole."""
        divides = self.features % self.num_heads == 0
        rule = f"a divisor of the {self.features} features"
        check(divides, "num_heads", rule, self.num_heads)
        return self.features // self.num_heads

    @property
    def even_hidden(self) -> int | None:
        return self.hidden and self.hidden + self.hidden % 2


Maker = tuple[Callable[..., Any], Callable[[Sizes], dict[str, Any]]]


def _heads(size: Sizes) -> dict[str, Any]:
    return {"num_heads": size.num_heads, "dropout": size.attention_dropout}


def _keyed(size: Sizes) -> dict[str, Any]:
    return {**_heads(size), "key_dim": size.head_width}


def _grouped(size: Sizes) -> dict[str, Any]:
    many = size.num_heads
    return {
        "head_dim": size.head_width,
        "num_query_heads": many,
        "num_key_value_heads": many // 2 if many % 2 == 0 else many,
        "dropout": size.attention_dropout,
    }


def _plain(size: Sizes) -> dict[str, Any]:
    return {"hidden_dim": size.hidden, "dropout": size.dropout}


def _spatial(size: Sizes) -> dict[str, Any]:
    """The block has a norm and a residual itself."""
    return {
        "hidden_dim": size.even_hidden,
        "dropout": size.dropout,
        "activation": size.activation,
        "causal": size.causal,
        "use_norm": False,
        "residual": False,
        "epsilon": size.epsilon,
    }


def _power(size: Sizes) -> dict[str, Any]:
    return {"hidden_units": [size.hidden or size.features, size.features]}


def _gate(variant: str) -> Maker:
    return GLUFFN, lambda size: {**_plain(size), "variant": variant}


def _epsilon(size: Sizes) -> dict[str, Any]:
    return {"epsilon": size.epsilon}


MAKERS: dict[str, dict[str, Maker]] = {
    "attention": {
        "mha": (MultiHeadAttention, _heads),
        "gqa": (GroupQueryAttention, _grouped),
        "differential": (
            DifferentialMultiHeadAttention,
            lambda size: {**_heads(size), "epsilon": size.epsilon},
        ),
        "hopfield": (HopfieldAttention, _keyed),
        "sparse": (SparseAttention, _keyed),
        "adaptive": (AdaptiveMultiHeadAttention, _heads),
    },
    "ffn": {
        "mlp": (MLP, lambda size: {**_plain(size), "activation": size.activation}),
        **{name: _gate(name) for name in ("glu", "geglu", "reglu", "bilinear")},
        "swiglu": (SwiGLUFFN, _plain),
        "gated_mlp": (GatedMLP, _spatial),
        "differential": (DifferentialFFN, _plain),
        "power": (PowerMLP, _power),
    },
    "norm": {
        "layer": (keras.layers.LayerNormalization, _epsilon),
        "rms": (RMSNorm, _epsilon),
        "band_rms": (BandRMS, _epsilon),
        "dynamic_tanh": (DynamicTanh, lambda size: {}),
        "none": (keras.layers.Identity, lambda size: {}),
    },
}
