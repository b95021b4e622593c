"""The likelihood of targets under a mixture density network."""

from typing import Any

import keras

from dl_techniques.losses.targets import float_tensor
from dl_techniques.utils.mixture_nll import mixture_nll
from dl_techniques.utils.validation import check, check_int


@keras.saving.register_keras_serializable(package="dl_techniques")
class MDNLoss(keras.losses.Loss):
    """Returns the negative log-likelihood of targets under predicted mixtures.

        -ln sum_k pi_k prod_d N(y_d; mu_kd, sigma_kd)

    One value a sample, computed as a log-sum-exp. It may be below 0: a density is not
    a probability.

    Args:
        num_mixtures: K, as in the `MDNLayer` that made the predictions.
        output_dimension: D, as there.

    Shapes:
        Targets (..., D), or (...) when D is 1; predictions (..., 2 K D + K) -> (...).

    Raises:
        ValueError: If an argument is out of range or shapes do not match.

    Source: Bishop (1994), Mixture density networks, NCRG/94/004, eq. 22-29.
    """

    def __init__(
        self,
        num_mixtures: int,
        output_dimension: int,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        check_int("num_mixtures", num_mixtures)
        check_int("output_dimension", output_dimension)
        self.num_mixtures = num_mixtures
        self.output_dimension = output_dimension

    def call(self, y_true: Any, y_pred: Any) -> Any:
        k, d = self.num_mixtures, self.output_dimension
        y, params = float_tensor(y_true), float_tensor(y_pred)
        wide = 2 * k * d + k
        right = len(params.shape) > 1 and params.shape[-1] == wide
        check(right, "y_pred", f"of width 2 K D + K = {wide}", tuple(params.shape))
        flat = len(y.shape) == len(params.shape) - 1
        same = len(y.shape) == len(params.shape) and y.shape[-1] == d
        rule = f"(..., {d})" + (" or (...)" if d == 1 else "")
        rule += f" for predictions of shape {tuple(params.shape)}"
        lead = zip(y.shape, params.shape[:-1], strict=False)
        fits = all(a == b or None in (a, b) for a, b in lead)
        check(fits and (same or (flat and d == 1)), "y_true", rule, tuple(y.shape))
        return mixture_nll(y, params, k, d)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "dtype": self.dtype,
            "num_mixtures": self.num_mixtures,
            "output_dimension": self.output_dimension,
        }
