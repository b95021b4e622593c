"""Half precision to float32, without a package that knows bfloat16."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def widened(values: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Returns float32 for "F16" and "BF16" (stored as uint16), else `values`."""
    if dtype == "F16":
        return values.astype(np.float32)
    if dtype == "BF16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values
