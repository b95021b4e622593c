"""Starting values of weights."""

from dl_techniques.initializers.haar_wavelet import (
    HaarWaveletInitializer,
    haar_depthwise_conv2d,
)
from dl_techniques.initializers.he_orthonormal import HeOrthonormalInitializer
from dl_techniques.initializers.orthogonal_hypersphere import (
    OrthogonalHypersphereInitializer,
)
from dl_techniques.initializers.orthonormal import OrthonormalInitializer

__all__ = [
    "HaarWaveletInitializer",
    "HeOrthonormalInitializer",
    "OrthogonalHypersphereInitializer",
    "OrthonormalInitializer",
    "haar_depthwise_conv2d",
]
