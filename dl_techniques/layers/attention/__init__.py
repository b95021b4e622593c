"""Layers that mix information across positions."""

from dl_techniques.layers.attention.adaptive_multi_head_attention import (
    AdaptiveMultiHeadAttention,
)
from dl_techniques.layers.attention.differential_multi_head_attention import (
    DifferentialMultiHeadAttention,
)
from dl_techniques.layers.attention.group_query_attention import (
    GroupedQueryAttention,
    GroupQueryAttention,
)
from dl_techniques.layers.attention.hopfield import hopfield_energy, hopfield_retrieve
from dl_techniques.layers.attention.hopfield_attention import HopfieldAttention
from dl_techniques.layers.attention.multi_head_attention import MultiHeadAttention
from dl_techniques.layers.attention.non_local_attention import NonLocalAttention
from dl_techniques.layers.attention.sparse_attention import SparseAttention
from dl_techniques.layers.attention.sparse_maps import entmax, entmax15, sparsemax

__all__ = [
    "AdaptiveMultiHeadAttention",
    "DifferentialMultiHeadAttention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "HopfieldAttention",
    "MultiHeadAttention",
    "NonLocalAttention",
    "SparseAttention",
    "entmax",
    "entmax15",
    "hopfield_energy",
    "hopfield_retrieve",
    "sparsemax",
]
