"""Complex numbers as one real tensor: the last axis is [real part | imaginary part]."""

from dl_techniques.layers.complex_layers.complex_average_pooling2d import (
    ComplexAveragePooling2D,
)
from dl_techniques.layers.complex_layers.complex_conv2d import ComplexConv2D
from dl_techniques.layers.complex_layers.complex_dense import ComplexDense
from dl_techniques.layers.complex_layers.complex_relu import ComplexReLU
from dl_techniques.layers.complex_layers.complex_to_real import ComplexToReal
from dl_techniques.layers.complex_layers.mod_relu import ModReLU
from dl_techniques.layers.complex_layers.parts import join_complex, split_complex

__all__ = [
    "ComplexAveragePooling2D",
    "ComplexConv2D",
    "ComplexDense",
    "ComplexReLU",
    "ComplexToReal",
    "ModReLU",
    "join_complex",
    "split_complex",
]
