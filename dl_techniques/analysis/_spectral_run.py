"""The spectral analysis of one weight, and of many at once."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from os import cpu_count
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN
from dl_techniques.analysis._marchenko_pastur import fit_marchenko_pastur
from dl_techniques.analysis._power_law_fit import clip_fingers, fit_power_law
from dl_techniques.analysis._randomized import randomized_spectrum
from dl_techniques.analysis._spectral_metrics import (
    spectral_metrics,
    vector_localization,
)
from dl_techniques.analysis._spectral_report import LayerSpectrum, SpectralReport
from dl_techniques.analysis._spectral_tails import detx_tail
from dl_techniques.analysis._spectrum import Spectrum, eigenvalues
from dl_techniques.analysis._weight_matrix import WeightMatrix
from dl_techniques.utils.validation import check

PARALLEL_COST = 5e8  # floating-point operations below which threads do not pay


@dataclass(frozen=True, slots=True)
class SpectralOptions:
    """What is computed for each weight; see `SpectralAnalyzer.analyze`."""

    mp_fit: bool | Literal["density", "trace"] = False
    randomize: bool = False
    detx: bool = False
    vectors: int = 0
    fix_fingers: bool = False
    n_bootstrap: int = 0
    method: Literal["auto", "gram", "svd"] = "auto"
    min_evals: int = 8
    max_evals: int = 15000
    max_n: int = 50000
    seed: int = 0


def scaled(spectrum: Spectrum, factor: float) -> Spectrum:
    """Returns the spectrum of `factor` times the matrix."""
    if factor == 1.0:
        return spectrum
    square = factor * factor
    return replace(
        spectrum,
        values=spectrum.values * square,
        lambda_max=spectrum.lambda_max * square,
        total=spectrum.total * square,
        sv_min=spectrum.sv_min * factor,
    )


def analyze_matrix(matrix: WeightMatrix, options: SpectralOptions) -> LayerSpectrum:
    """Computes everything asked for about one weight."""
    seeds = np.random.SeedSequence([options.seed, matrix.layer_id]).spawn(3)
    rngs = [np.random.default_rng(s) for s in seeds]
    raw = eigenvalues(matrix.mats, method=options.method, seed=rngs[0])
    spectrum = scaled(raw, matrix.scale)
    values = spectrum.values
    fit_options: dict[str, Any] = {"n_bootstrap": options.n_bootstrap, "seed": rngs[1]}
    n_fingers, raw_alpha = 0, NAN
    if options.fix_fingers:
        clipped = clip_fingers(values, **fit_options)
        fit, n_fingers = clipped.fit, clipped.n_fingers
        raw_alpha = clipped.raw_fit.alpha
    else:
        fit = fit_power_law(values, **fit_options)
    mp = randomized = detx = vectors = None
    if options.mp_fit and spectrum.complete:
        kind = "density" if options.mp_fit is True else options.mp_fit
        mp = fit_marchenko_pastur(values, matrix.q, matrix.n_short, method=kind)
    if options.randomize:
        mats = matrix.mats if matrix.scale == 1 else matrix.mats * matrix.scale
        randomized = randomized_spectrum(mats, seed=rngs[2], spectrum=spectrum)
    if options.detx and spectrum.complete:
        detx = detx_tail(values)
    if options.vectors and spectrum.lambda_max > 0:
        vectors = vector_localization(matrix.mats, options.vectors)
    return LayerSpectrum(
        layer_id=matrix.layer_id,
        name=matrix.layer,
        path=matrix.path,
        variable=matrix.variable,
        layer_type=matrix.layer_type,
        kind=matrix.kind,
        scale=matrix.scale,
        n_parameters=int(matrix.mats.size),
        spectrum=spectrum,
        fit=fit,
        metrics=spectral_metrics(spectrum, fit),
        mp=mp,
        randomized=randomized,
        detx=detx,
        vectors=vectors,
        n_fingers=n_fingers,
        raw_alpha=raw_alpha,
    )


def analyze_matrices(
    matrices: Sequence[WeightMatrix],
    options: SpectralOptions | None = None,
    *,
    n_jobs: int | None = None,
    time_budget: float | None = None,
    skipped: Sequence[tuple[str, str]] = (),
) -> SpectralReport:
    """Analyses weights in order; neither order nor numbers depend on `n_jobs`.

    Args:
        matrices: The weights.
        options: What to compute.
        n_jobs: Threads; None is min(4, cores). Each uses one BLAS thread.
        time_budget: Seconds after which no further weight is begun; the rest is
            listed as skipped and the report flagged OUT_OF_BUDGET.
        skipped: Entries that are already known to be skipped.
    """
    options = options or SpectralOptions()
    why = [(m, reason_to_skip(m, options)) for m in matrices]
    left_out = [*skipped, *((m.path, text) for m, text in why if text)]
    wanted = [m for m, text in why if not text]
    n_jobs = min(4, cpu_count() or 1) if n_jobs is None else n_jobs
    check(n_jobs >= 1, "n_jobs", "at least 1", n_jobs)
    deadline = np.inf if time_budget is None else time.perf_counter() + time_budget

    def one(matrix: WeightMatrix) -> LayerSpectrum | None:
        late = time.perf_counter() > deadline
        return None if late else analyze_matrix(matrix, options)

    with single_blas_thread():
        if n_jobs == 1 or sum(m.cost for m in wanted) < PARALLEL_COST:
            found = [one(m) for m in wanted]
        else:
            with ThreadPoolExecutor(n_jobs) as pool:
                found = list(pool.map(one, wanted))
    late = [m.path for m, f in zip(wanted, found, strict=True) if f is None]
    left_out += [(path, flags.OUT_OF_BUDGET) for path in late]
    layers = tuple(f for f in found if f is not None)
    raised = [flags.OUT_OF_BUDGET] if late else []
    raised += [] if layers else [flags.NO_WEIGHTS]
    return SpectralReport(layers, tuple(left_out), flags=tuple(raised))


def reason_to_skip(matrix: WeightMatrix, options: SpectralOptions) -> str:
    """Says why a weight is not analysed; empty when it is."""
    if matrix.n_values < options.min_evals:
        return f"{matrix.n_values} eigenvalues, fewer than {options.min_evals}"
    if matrix.n_short > options.max_evals:
        return f"short side {matrix.n_short}, above {options.max_evals}"
    if matrix.n_long > options.max_n:
        return f"long side {matrix.n_long}, above {options.max_n}"
    return ""


@cache
def _blas() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return None
    return ThreadpoolController()


def single_blas_thread() -> AbstractContextManager[Any]:
    """Holds NumPy's linear algebra to one thread where threadpoolctl is installed."""
    controller = _blas()
    if controller is None:
        return nullcontext()
    return controller.limit(limits=1, user_api="blas")
