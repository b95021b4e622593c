"""Building without allocating: shapes and sizes are known, weights are not made."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras

# Keras keeps variables made in a stateless scope on a list and makes them real when
# the next scope ends; there is no public way to drop them.
from keras.src.backend.common import global_state

_LIST = "uninitialized_variables"


@contextmanager
def weightless() -> Iterator[None]:
    """Layers built inside have weights with shapes but no values."""
    before = global_state.get_global_attribute(_LIST)
    global_state.set_global_attribute(_LIST, [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        global_state.set_global_attribute(_LIST, before or [])
