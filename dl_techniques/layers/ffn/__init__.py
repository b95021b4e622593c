"""Feed-forward and gated layers."""

from dl_techniques.layers.ffn.conv_gated_mlp import ConvGatedMLP
from dl_techniques.layers.ffn.differential_ffn import DifferentialFFN
from dl_techniques.layers.ffn.gated_mlp import GatedMLP
from dl_techniques.layers.ffn.glu_ffn import GLUFFN
from dl_techniques.layers.ffn.mlp import MLP
from dl_techniques.layers.ffn.power_mlp import PowerMLP
from dl_techniques.layers.ffn.power_mlp_layer import PowerMLPLayer
from dl_techniques.layers.ffn.spatial_gating_unit import SpatialGatingUnit
from dl_techniques.layers.ffn.swiglu_ffn import SwiGLUFFN

__all__ = [
    "GLUFFN",
    "MLP",
    "ConvGatedMLP",
    "DifferentialFFN",
    "GatedMLP",
    "PowerMLP",
    "PowerMLPLayer",
    "SpatialGatingUnit",
    "SwiGLUFFN",
]
