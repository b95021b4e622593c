"""Penalties on weights."""

from dl_techniques.regularizers.binary_preference import BinaryPreferenceRegularizer
from dl_techniques.regularizers.entropy import (
    EntropyRegularizer,
    get_entropy_regularizer,
)
from dl_techniques.regularizers.soft_orthogonal import (
    SoftOrthogonalConstraintRegularizer,
)
from dl_techniques.regularizers.soft_orthonormal import (
    SoftOrthonormalConstraintRegularizer,
)
from dl_techniques.regularizers.srip import SRIPRegularizer
from dl_techniques.regularizers.sum_regularizer import SumRegularizer
from dl_techniques.regularizers.tri_state_preference import (
    TriStatePreferenceRegularizer,
)

SoftOrthonormal = SoftOrthonormalConstraintRegularizer
SoftOrthogonal = SoftOrthogonalConstraintRegularizer
SRIP = SRIPRegularizer
BinaryPreference = BinaryPreferenceRegularizer
TriStatePreference = TriStatePreferenceRegularizer

__all__ = [
    "SRIP",
    "BinaryPreference",
    "BinaryPreferenceRegularizer",
    "EntropyRegularizer",
    "SRIPRegularizer",
    "SoftOrthogonal",
    "SoftOrthogonalConstraintRegularizer",
    "SoftOrthonormal",
    "SoftOrthonormalConstraintRegularizer",
    "SumRegularizer",
    "TriStatePreference",
    "TriStatePreferenceRegularizer",
    "get_entropy_regularizer",
]
