"""Soft orthonormality of a kernel."""

from typing import Any

import keras
from keras import ops

from dl_techniques.regularizers.orthogonality import OrthogonalityPenalty
from dl_techniques.utils.kernels import gram, upright


@keras.saving.register_keras_serializable(package="dl_techniques")
class SoftOrthonormalConstraintRegularizer(OrthogonalityPenalty):
    """Pulls a kernel towards an orthonormal frame.

        lambda ||G - I||_F^2 / s + l1 sum|w| + l2 sum w^2

    `G` is the smaller of `M^T M` and `M M^T`, of size `n`, where `M` is the kernel as
    a matrix `(everything else, last axis)`; only that side can reach zero. `s` is 1
    ("none"), `n` ("diagonal") or `n^2` ("matrix"). The first term equals
    `lambda sum_i (sigma_i^2 - 1)^2` over the `n` singular values. A positive `l2`
    moves their minimum to `sqrt(1 - l2 / (2 lambda))` for "none".

    Args:
        lambda_coefficient: Weight of the orthonormality term, at least 0.
        l1_coefficient: Weight of the sum of sizes, at least 0.
        l2_coefficient: Weight of the sum of squares, at least 0.
        scaling: "none", "diagonal" or "matrix".
        view: "kernel", or "depthwise" for a kernel `(h, w, c, m)` seen as
            `(h * w, c * m)`.
        schedulable: Whether `strength` is a variable that a callback may change.
        use_matrix_scaling: True means `scaling="matrix"`.

    Raises:
        ValueError: For an illegal argument; when called on a weight of rank 1.

    Source: Bansal, Chen, Wang (2018), arXiv:1810.09102, eq. 3. The smaller Gram side
    replaces `M^T M`, which is bounded away from `I` for wide kernels.
    """

    def penalty(self, matrix: Any) -> Any:
        g = gram(upright(matrix))
        n = g.shape[0]
        scale = {"none": 1, "diagonal": n, "matrix": n * n}[self.scaling]
        return ops.sum(ops.square(g - ops.eye(n, dtype=g.dtype))) / scale
