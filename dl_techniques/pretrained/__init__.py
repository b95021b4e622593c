"""Public checkpoints into this library's models, all or nothing.

Reading and mapping need keras and NumPy only; fetching a file needs the extra
`pip install dl_techniques[pretrained]`.
"""

from dl_techniques.pretrained.errors import (
    WeightMappingError,
    WeightsUnavailableError,
)
from dl_techniques.pretrained.hub import resolve_file
from dl_techniques.pretrained.load import load_pretrained
from dl_techniques.pretrained.reader import LazyTensor, read_tensors
from dl_techniques.pretrained.report import LoadReport

__all__ = [
    "LazyTensor",
    "LoadReport",
    "WeightMappingError",
    "WeightsUnavailableError",
    "load_pretrained",
    "read_tensors",
    "resolve_file",
]
