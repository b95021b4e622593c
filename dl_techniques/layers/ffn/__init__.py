"""Feed-forward and gated layers."""

from dl_techniques.layers.ffn.glu_ffn import GLUFFN
from dl_techniques.layers.ffn.mlp import MLP
from dl_techniques.layers.ffn.swiglu_ffn import SwiGLUFFN

__all__ = ["GLUFFN", "MLP", "SwiGLUFFN"]
