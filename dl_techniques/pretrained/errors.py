"""What can go wrong with public weights.

ValueError
  WeightMappingError        the file does not fit the model; nothing was assigned
OSError
  WeightsUnavailableError   the file is neither here nor can it be fetched
"""


class WeightMappingError(ValueError):
    """Tensors of a file do not fit the variables of a model."""


class WeightsUnavailableError(OSError):
    """A file of weights cannot be had."""
