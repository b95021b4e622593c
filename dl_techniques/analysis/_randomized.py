"""What the spectrum becomes when the entries of each matrix are shuffled."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN, FloatArray
from dl_techniques.analysis._marchenko_pastur import MPFit, fit_marchenko_pastur
from dl_techniques.analysis._spectrum import Spectrum, as_stack, eigenvalues
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

SEVERITY = ((1.0, "critical"), (0.5, "severe"), (0.3, "moderate"), (0.1, "mild"))


@dataclass(frozen=True, slots=True, eq=False)
class RandomizedSpectrum(AnalysisResult):
    """The spectrum after shuffling, and how it differs from the real one.

    Attributes:
        values: `(replicas * count,)` ascending eigenvalues.
        n_replicas: Number of shuffles.
        max_rand_eval: Largest of them.
        ww_softrank: max_rand_eval / lambda_max.
        ww_maxdist: lambda_max - max_rand_eval.
        rand_distance: Jensen-Shannon distance of the sorted spectra, each divided by
            its sum (mean over replicas), in [0, sqrt(ln 2)].
        mp: Marchenko-Pastur fit of `values`; its spikes are the traps.
        num_traps: Eigenvalues above the edge.
        severity: (max_rand_eval - edge) / bulk_max.
        label: none, mild, moderate, severe, critical (at 0.1, 0.3, 0.5, 1) or unknown.
    """

    values: FloatArray
    n_replicas: int = 0
    max_rand_eval: float = NAN
    ww_softrank: float = NAN
    ww_maxdist: float = NAN
    rand_distance: float = NAN
    mp: MPFit = field(default_factory=MPFit)
    num_traps: int = 0
    severity: float = NAN
    label: str = "unknown"


def randomized_spectrum(
    mats: Any,
    *,
    n_replicas: int | None = None,
    seed: int | np.random.Generator = 0,
    spectrum: Spectrum | None = None,
    n_short_max: int = 8192,
) -> RandomizedSpectrum:
    """Shuffles all entries of each matrix and takes the eigenvalues again.

    Args:
        mats: `(a, b)` or `(s, a, b)`.
        n_replicas: None: 1, or 5 when there are fewer than 100 eigenvalues.
        seed: For the shuffles.
        spectrum: The spectrum of `mats` when it is at hand.
        n_short_max: See `eigenvalues`.
    """
    stack = as_stack(mats)
    s, n_long, n_short = stack.shape
    if n_replicas is None:
        n_replicas = 5 if n_short * s < 100 else 1
    check(n_replicas >= 1, "n_replicas", "at least 1", n_replicas)
    rng = np.random.default_rng(seed)
    real = spectrum or eigenvalues(stack, n_short_max=n_short_max)
    if not np.isfinite(real.lambda_max):
        return RandomizedSpectrum(np.empty(0), flags=real.flags)
    flat = stack.reshape(s, -1)
    replicas = []
    for _ in range(n_replicas):
        mixed = rng.permuted(flat, axis=1).reshape(stack.shape)
        replicas.append(eigenvalues(mixed, n_short_max=n_short_max).values)
    values = np.sort(np.concatenate(replicas))
    top = float(values[-1])
    mp = fit_marchenko_pastur(values, n_long / n_short, n_short)
    severity = (top - mp.edge) / mp.bulk_max if mp.bulk_max > 0 else NAN
    known = real.lambda_max > 0
    apart = [_distance(real.values, r) for r in replicas]
    return RandomizedSpectrum(
        values=values,
        n_replicas=n_replicas,
        max_rand_eval=top,
        ww_softrank=top / real.lambda_max if known else NAN,
        ww_maxdist=real.lambda_max - top,
        rand_distance=float(np.mean(apart)),
        mp=mp,
        num_traps=mp.num_spikes,
        severity=severity,
        label=severity_label(severity),
        flags=() if known else (flags.DEGENERATE_SPECTRUM,),
    )


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationTraps(AnalysisResult):
    """Eigenvalues of the shuffled matrix outside the random bulk.

    Attributes:
        present: Whether there are any.
        num_traps: How many.
        severity: (max_rand_eval - edge) / bulk_max.
        label: See `RandomizedSpectrum`.
    """

    present: bool
    num_traps: int
    severity: float
    label: str


def correlation_traps(mats: Any, **options: Any) -> CorrelationTraps:
    """Looks for single large weights: shuffling keeps them, and they stick out.

    `mats` may be a `RandomizedSpectrum`; `options` go to `randomized_spectrum`.
    """
    given = isinstance(mats, RandomizedSpectrum)
    found = mats if given else randomized_spectrum(mats, **options)
    return CorrelationTraps(
        found.num_traps > 0,
        found.num_traps,
        found.severity,
        found.label,
        flags=found.flags,
    )


def severity_label(severity: float) -> str:
    """Returns the word for a trap severity."""
    if np.isnan(severity):
        return "unknown"
    return next((word for at, word in SEVERITY if severity >= at), "none")


def _distance(real: FloatArray, mixed: FloatArray) -> float:
    if len(real) != len(mixed) or real.sum() <= 0 or mixed.sum() <= 0:
        return NAN
    p, q = real / real.sum(), mixed / mixed.sum()
    middle = (p + q) / 2
    apart = special.rel_entr(p, middle).sum() + special.rel_entr(q, middle).sum()
    return float(np.sqrt(max(apart, 0.0) / 2))
