"""Layers that mix information across positions."""

from dl_techniques.layers.attention.non_local_attention import NonLocalAttention

__all__ = ["NonLocalAttention"]
