"""Kolmogorov-Arnold layers: a learned curve on every edge."""

from dl_techniques.layers.kan.kan import KAN
from dl_techniques.layers.kan.kan_conv2d import KANConv2D, KANvolution
from dl_techniques.layers.kan.kan_linear import KANLinear

__all__ = ["KAN", "KANConv2D", "KANLinear", "KANvolution"]
