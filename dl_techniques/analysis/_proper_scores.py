"""Brier score, its parts, and the negative log-likelihood.

One file: both scores are means over the same checked rows, and are read side by side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis._arrays import NAN, FloatArray, weighted_mean
from dl_techniques.analysis._binning import Strategy, check_bins, fill_bins
from dl_techniques.analysis._predictions import Kind, Prepared, prepare
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

_BLOCK_VALUES = 160_000


@dataclass(frozen=True, slots=True)
class BrierDecomposition(AnalysisResult):
    """Parts of the Brier score.

    Their signed sum is the score:
    reliability - resolution + uncertainty + within_bin_variance - within_bin_covariance

    Attributes:
        reliability: Squared gap of confidence and frequency; 0 is calibrated.
        resolution: Squared distance of the bins' frequencies from the base rate.
        uncertainty: What the base rate alone leaves.
        within_bin_variance: Spread of the probabilities inside bins.
        within_bin_covariance: Twice their covariance with the outcome inside bins.
        brier: The score.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_bin_variance: float
    within_bin_covariance: float
    brier: float

    @property
    def resolution_generalised(self) -> float:
        """Resolution with what happens inside bins; reliability - it + uncertainty."""
        return self.resolution - self.within_bin_variance + self.within_bin_covariance


def brier_score(
    labels: Any, scores: Any, *, sample_weight: Any = None, kind: Kind = "auto"
) -> float:
    """Returns the mean squared distance of probabilities and outcomes.

    Several classes: mean_i sum_k (p_ik - o_ik)^2 in [0, 2]. One column:
    mean (p - y)^2 in [0, 1]. Soft labels are used as they are.

    Source: Brier (1950), Monthly Weather Review 78.
    """
    return brier_of(prepare(labels, scores, kind, sample_weight))


def brier_of(found: Prepared) -> float:
    """Does what `brier_score` says for checked rows."""
    if not len(found.labels):
        return NAN
    if found.scores.ndim == 1:
        o = found.outcome if found.targets is None else found.targets
        each = (found.scores.astype(np.float64) - o) ** 2
    else:
        each = _squared_distances(found)
    return weighted_mean(each, found.sample_weight)


def _squared_distances(found: Prepared) -> FloatArray:
    n, width = found.scores.shape
    each = np.empty(n)
    size = max(1, _BLOCK_VALUES // width)
    for start in range(0, n, size):
        part = slice(start, start + size)
        p = found.scores[part].astype(np.float64)
        if found.targets is None:
            p[np.arange(len(p)), found.labels[part]] -= 1
        else:
            p -= found.targets[part]
        each[part] = np.einsum("ik,ik->i", p, p)
    return each


def brier_decomposition(
    labels: Any,
    scores: Any,
    *,
    n_bins: int = 15,
    strategy: Strategy = "uniform",
    sample_weight: Any = None,
    kind: Kind = "auto",
) -> BrierDecomposition:
    """Splits the Brier score; of several classes, the sums of each against the rest.

    With f_b, o_b the mean probability and outcome of bin b and o the base rate:
    reliability sum w_b (f_b - o_b)^2, resolution sum w_b (o_b - o)^2, uncertainty
    o (1 - o), variance mean (p - f_b)^2, covariance 2 mean (y - o_b) (p - f_b).
    Soft labels count as their likeliest class.

    Source: Murphy (1973), J. Appl. Meteorology 12; Stephenson, Coelho and Jolliffe
    (2008), Weather and Forecasting 23.
    """
    check_bins(n_bins, strategy)
    found = prepare(labels, scores, kind, sample_weight)
    return brier_parts(found, n_bins, strategy)


def brier_parts(found: Prepared, n_bins: int, strategy: str) -> BrierDecomposition:
    """Does what `brier_decomposition` says for checked rows."""
    weight = found.sample_weight
    if not len(found.labels) or (weight is not None and not weight.any()):
        return BrierDecomposition(*[NAN] * 6, flags=found.flags)
    p = found.scores
    if p.ndim == 1:
        total = _binary_parts(p, found.outcome, n_bins, strategy, weight)
    else:
        each = [
            _binary_parts(p[:, k], found.labels == k, n_bins, strategy, weight)
            for k in range(p.shape[1])
        ]
        total = np.sum(each, axis=0)
    return BrierDecomposition(*total.tolist(), flags=found.flags)


def _binary_parts(
    p: NDArray[Any],
    y: NDArray[np.bool_],
    n_bins: int,
    strategy: str,
    weight: FloatArray | None,
) -> FloatArray:
    p, o = p.astype(np.float64), y.astype(np.float64)
    table = fill_bins(p, y, n_bins, strategy, weight)
    filled = table.count > 0
    share = (table.count / table.count.sum())[filled]
    f, freq = table.mean_confidence[filled], table.accuracy[filled]
    base = share @ freq
    w = np.ones(len(p)) if weight is None else weight
    w = w / w.sum()
    # With sums over the whole: mean (p - f_b)^2 = mean p^2 - sum w_b f_b^2. Centring
    # p at its mean first keeps the digits.
    centre = float(w @ p)
    q, g = p - centre, f - centre
    variance = max(0.0, float(w @ q**2 - share @ g**2))
    covariance = 2 * float(w @ (o * q) - share @ (freq * g))
    return np.array(
        [
            share @ (f - freq) ** 2,
            share @ (freq - base) ** 2,
            base * (1 - base),
            variance,
            covariance,
            w @ (p - o) ** 2,
        ]
    )


def negative_log_likelihood(
    labels: Any,
    scores: Any,
    *,
    kind: Kind = "auto",
    eps: float | None = None,
    sample_weight: Any = None,
) -> float:
    """Returns the mean of -log p of the label, in nats.

    Exact for `kind="logits"`. Probabilities are clipped from below at `eps`, by default
    the rounding of their dtype.
    """
    found = prepare(labels, scores, kind, sample_weight)
    return log_loss_of(found, eps)[0]


def log_loss_of(found: Prepared, eps: float | None = None) -> tuple[float, int]:
    """Returns the mean -log p of checked rows, and how many needed clipping."""
    if eps is None:
        eps = found.epsilon
    check(0 < eps < 1, "eps", "above 0 and below 1", eps)
    if not len(found.labels):
        return NAN, 0
    if found.logits is not None:
        each, n_clipped = _logit_losses(found), 0
    else:
        each, n_clipped = _probability_losses(found, eps)
    return weighted_mean(each, found.sample_weight), n_clipped


def _logit_losses(found: Prepared) -> FloatArray:
    z = found.logits
    assert z is not None  # noqa: S101  # the caller asked
    rows = np.arange(len(z))
    if z.ndim == 1:
        target = found.outcome if found.targets is None else found.targets
        return np.logaddexp(0.0, z) - target * z
    top = z.max(axis=1)
    shifted = z - top[:, None]
    total = np.log(np.exp(shifted).sum(axis=1))
    if found.targets is None:
        return total - shifted[rows, found.labels]
    return total * found.targets.sum(axis=1) - (found.targets * shifted).sum(axis=1)


def _probability_losses(found: Prepared, eps: float) -> tuple[FloatArray, int]:
    p, t = found.scores, found.targets
    if p.ndim == 1 and t is not None:
        p, t = np.stack([1 - p, p], axis=1), np.stack([1 - t, t], axis=1)
    if t is not None:
        n_clipped = np.count_nonzero(((p < eps) & (t > 0)).any(axis=1))
        logs = np.log(np.clip(p.astype(np.float64), eps, 1.0))
        return -(t * logs).sum(axis=1), int(n_clipped)
    if p.ndim == 1:
        own = p.astype(np.float64)
        own = np.where(found.outcome, own, 1.0 - own)
    else:
        own = p[np.arange(len(p)), found.labels].astype(np.float64)
    return -np.log(np.clip(own, eps, 1.0)), int(np.count_nonzero(own < eps))
