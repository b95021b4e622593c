"""Norms, ranks and concentration of a spectrum."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN, FloatArray
from dl_techniques.analysis._power_law_fit import PowerLawFit
from dl_techniques.analysis._spectrum import Spectrum, as_stack
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True, eq=False)
class SpectralMetrics(AnalysisResult):
    """Scalars of one spectrum; logarithms to base 10, lambda the eigenvalues.

    Attributes:
        norm: sum lambda, the squared Frobenius norm.
        log_norm: Its logarithm.
        spectral_norm: lambda_max, the squared 2-norm.
        log_spectral_norm: Its logarithm.
        sv_max: sqrt(lambda_max).
        sv_min: Smallest singular value of any slice.
        stable_rank: norm / lambda_max, in [1, count].
        matrix_rank: See `Spectrum.rank`.
        entropy: -sum p ln p / ln(rank), p = lambda / sum, in [0, 1].
        effective_rank: exp(-sum p ln p).
        alpha_weighted: alpha log lambda_max.
        log_alpha_norm: log sum lambda^alpha.
        gini: Concentration of lambda, 0 for a constant spectrum.
        dominance: lambda_max / (sum - lambda_max); NaN at rank one.
        participation_ratio: (sum lambda)^2 / sum lambda^2.
    """

    norm: float = NAN
    log_norm: float = NAN
    spectral_norm: float = NAN
    log_spectral_norm: float = NAN
    sv_max: float = NAN
    sv_min: float = NAN
    stable_rank: float = NAN
    matrix_rank: float = NAN
    entropy: float = NAN
    effective_rank: float = NAN
    alpha_weighted: float = NAN
    log_alpha_norm: float = NAN
    gini: float = NAN
    dominance: float = NAN
    participation_ratio: float = NAN


def spectral_metrics(spectrum: Spectrum, fit: PowerLawFit) -> SpectralMetrics:
    """Computes all scalars; what is not defined is NaN, an all-zero spectrum too."""
    x, total, top = spectrum.values, spectrum.total, spectrum.lambda_max
    if len(x) == 0 or not top > 0:
        raised = (*spectrum.flags, flags.DEGENERATE_SPECTRUM)
        return SpectralMetrics(flags=tuple(dict.fromkeys(raised)))
    whole = spectrum.complete
    p = x / total
    entropy = -float(special.xlogy(p, p).sum()) if whole else NAN
    rank = spectrum.rank
    rest = total - top
    single = rest <= total * 1e-14
    n = len(x)
    gini = float((2 * np.arange(1, n + 1) - n - 1) @ x) / (n * total)
    log_top = float(np.log10(top))
    return SpectralMetrics(
        norm=total,
        log_norm=float(np.log10(total)),
        spectral_norm=top,
        log_spectral_norm=log_top,
        sv_max=float(np.sqrt(top)),
        sv_min=spectrum.sv_min,
        stable_rank=total / top,
        matrix_rank=rank,
        entropy=entropy / float(np.log(rank)) if rank > 1 else NAN,
        effective_rank=float(np.exp(entropy)),
        alpha_weighted=fit.alpha * log_top,
        log_alpha_norm=log_power_sum(x, fit.alpha) if whole else NAN,
        gini=max(gini, 0.0) if whole else NAN,
        dominance=NAN if single else top / rest,
        participation_ratio=total**2 / float(x @ x) if whole else NAN,
        flags=spectrum.flags,
    )


def log_power_sum(x: FloatArray, alpha: float) -> float:
    """Returns log10 sum x^alpha without overflow; zeros add nothing."""
    if not np.isfinite(alpha):
        return NAN
    powers = alpha * np.log(x[x > 0])
    return float(special.logsumexp(powers) / np.log(10))


@dataclass(frozen=True, slots=True, eq=False)
class VectorLocalization(AnalysisResult):
    """How concentrated the leading singular vectors are.

    Attributes:
        left_participation: `(k,)` 1 / sum v^4 of the left vectors: 1 when a single
            entry holds all, the length when all hold the same.
        right_participation: The same of the right vectors.
        left_entropy: `(k,)` -sum v^2 ln v^2.
        right_entropy: The same of the right vectors.
    """

    left_participation: FloatArray
    right_participation: FloatArray
    left_entropy: FloatArray
    right_entropy: FloatArray


def vector_localization(
    matrix: Any, k: int = 1, *, seed: int | np.random.Generator = 0
) -> VectorLocalization:
    """Measures the top `k` singular vectors of a matrix, of the first slice of a stack.

    By a randomized SVD when the short side is above 256.
    """
    check(k >= 1, "k", "at least 1", k)
    given = np.asarray(matrix)
    check(given.ndim in (2, 3), "matrix", "of shape (a, b) or (s, a, b)", given.shape)
    first = given if given.ndim == 2 else given[0]
    w = first.astype(np.complex128 if first.dtype.kind == "c" else np.float64)
    flipped = as_stack(first).shape[1] != first.shape[0]
    tall = w.T if flipped else w
    if min(w.shape) > 256:
        rng = np.random.default_rng(seed)
        basis = tall @ rng.standard_normal((tall.shape[1], k + 16))
        for _ in range(4):
            basis = np.linalg.qr(basis)[0]
            basis = tall @ np.linalg.qr(tall.conj().T @ basis)[0]
        basis = np.linalg.qr(basis)[0]
        small, _, right = np.linalg.svd(basis.conj().T @ tall, full_matrices=False)
        left = basis @ small
    else:
        left, _, right = np.linalg.svd(tall, full_matrices=False)
    sides = [np.abs(left[:, :k].T) ** 2, np.abs(right[:k]) ** 2]
    a, b = sides[::-1] if flipped else sides
    return VectorLocalization(
        1 / (a**2).sum(axis=1),
        1 / (b**2).sum(axis=1),
        -special.xlogy(a, a).sum(axis=1),
        -special.xlogy(b, b).sum(axis=1),
    )
