"""Soft orthogonality of a kernel, lengths left free."""

from typing import Any

import keras
from keras import ops

from dl_techniques.regularizers.orthogonality import OrthogonalityPenalty
from dl_techniques.utils.kernels import gram, upright
from dl_techniques.utils.validation import check

TINY = 1e-24  # square of the floor 1e-12 under a column's norm


@keras.saving.register_keras_serializable(package="dl_techniques")
class SoftOrthogonalConstraintRegularizer(OrthogonalityPenalty):
    """Decorrelates the vectors of a kernel without fixing their lengths.

        lambda sum_{i != j} G_ij^2 / s + l1 sum|w| + l2 sum w^2

    `G` is the Gram matrix of the `n` columns of the kernel as a matrix, transposed
    when it is wider than high. `s` is 1 ("none"), `n` ("diagonal") or `n (n - 1)`
    ("matrix"). Without `normalize` the penalty has degree 4 in the weights, so
    shrinking them lowers it too; with it, the value is a sum of squared cosines and
    does not depend on scale.

    Args:
        lambda_coefficient: Weight of the orthogonality term, at least 0.
        l1_coefficient: Weight of the sum of sizes, at least 0.
        l2_coefficient: Weight of the sum of squares, at least 0.
        scaling: "none", "diagonal" or "matrix".
        normalize: Whether columns are divided by their norms.
        view: "kernel", or "depthwise" for a kernel `(h, w, c, m)` seen as
            `(h * w, c * m)`.
        schedulable: Whether `strength` is a variable that a callback may change.
        use_matrix_scaling: True means `scaling="matrix"`.

    Raises:
        ValueError: For an illegal argument; when called on a weight of rank 1.

    Source: Bansal, Chen, Wang (2018), arXiv:1810.09102, eq. 3 without its diagonal.
    """

    def __init__(
        self,
        lambda_coefficient: float = 1e-3,
        l1_coefficient: float = 0.0,
        l2_coefficient: float = 0.0,
        scaling: str = "none",
        normalize: bool = False,
        view: str = "kernel",
        schedulable: bool = False,
        use_matrix_scaling: bool = False,
    ) -> None:
        super().__init__(
            lambda_coefficient,
            l1_coefficient,
            l2_coefficient,
            scaling,
            view,
            schedulable,
            use_matrix_scaling,
        )
        check(isinstance(normalize, bool), "normalize", "true or false", normalize)
        self.normalize = normalize

    def penalty(self, matrix: Any) -> Any:
        m = upright(matrix)
        if self.normalize:
            total = ops.sum(ops.square(m), axis=0, keepdims=True)
            m = m * ops.rsqrt(ops.maximum(total, TINY))
        g = gram(m)
        n = g.shape[0]
        scale = {"none": 1, "diagonal": n, "matrix": max(n * (n - 1), 1)}[self.scaling]
        return ops.sum(ops.square(g * (1 - ops.eye(n, dtype=g.dtype)))) / scale

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "normalize": self.normalize}
