"""Runs the spectral analysis over all weights of a model."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from os import cpu_count
from typing import TYPE_CHECKING, Any, Literal

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

if TYPE_CHECKING:
    import pandas as pd

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
    todo = [m for m, text in why if not text]
    n_jobs = min(4, cpu_count() or 1) if n_jobs is None else n_jobs
    check(n_jobs >= 1, "n_jobs", "at least 1", n_jobs)
    deadline = np.inf if time_budget is None else time.perf_counter() + time_budget

    def one(matrix: WeightMatrix) -> LayerSpectrum | None:
        late = time.perf_counter() > deadline
        return None if late else analyze_matrix(matrix, options)

    with single_blas_thread():
        if n_jobs == 1 or sum(m.cost for m in todo) < PARALLEL_COST:
            found = [one(m) for m in todo]
        else:
            with ThreadPoolExecutor(n_jobs) as pool:
                found = list(pool.map(one, todo))
    late = [m.path for m, f in zip(todo, found, strict=True) if f is None]
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


class SpectralAnalyzer:
    """Weight spectra of a Keras model; `WeightWatcher` is another name for it.

    The model is only read: no weight, seed or flag changes.

    Args:
        model: A Keras model, or a sequence of `WeightMatrix`. May be given later.
    """

    def __init__(self, model: Any = None) -> None:
        self.model = model
        self.report: SpectralReport | None = None

    def matrices(
        self, model: Any = None, layers: Any = None, **options: Any
    ) -> tuple[WeightMatrix, ...]:
        """Returns the weights, of the chosen layers (indices or names) only."""
        model = self.model if model is None else model
        check(model is not None, "model", "given here or to SpectralAnalyzer", model)
        if isinstance(model, list | tuple):
            found = tuple(model)
        else:
            from dl_techniques.analysis.matrices import layer_matrices

            found = layer_matrices(model, **options)
        return found if layers is None else _chosen(found, layers)

    def describe(
        self,
        model: Any = None,
        *,
        layers: Any = None,
        min_evals: int = 8,
        max_evals: int = 15000,
        max_n: int = 50000,
    ) -> "pd.DataFrame":
        """Returns the table of weights without computing a spectrum."""
        import pandas as pd

        options = SpectralOptions(min_evals=min_evals, max_evals=max_evals, max_n=max_n)
        found = self.matrices(model, layers)
        return pd.DataFrame([_description(m, options) for m in found])

    def analyze(
        self,
        model: Any = None,
        *,
        layers: Any = None,
        conv_mode: Literal["slices", "unfold"] = "slices",
        n_jobs: int | None = None,
        time_budget: float | None = None,
        **options: Any,
    ) -> SpectralReport:
        """Computes spectrum, power-law fit and scalars of every weight.

        Args:
            model: Instead of the one given to the constructor.
            layers: Indices or names of layers; None is all.
            conv_mode: See `layer_matrices`.
            n_jobs: See `analyze_matrices`.
            time_budget: See `analyze_matrices`.
            **options: Fields of `SpectralOptions`: mp_fit (True, "density" or
                "trace"), randomize, detx, vectors (how many), fix_fingers,
                n_bootstrap, method, min_evals, max_evals, max_n, seed.
        """
        chosen = SpectralOptions(**options)
        model = self.model if model is None else model
        found = self.matrices(model, layers, conv_mode=conv_mode)
        self.report = analyze_matrices(
            found,
            chosen,
            n_jobs=n_jobs,
            time_budget=time_budget,
            skipped=_unsupported(model) if layers is None else (),
        )
        return self.report

    def get_summary(
        self, report: SpectralReport | None = None, **options: Any
    ) -> dict[str, float]:
        """Returns `SpectralReport.summary` of the given or the latest report."""
        report = report or self.report
        if report is None:
            report = self.analyze()
        return report.summary(**options)

    def get_esd(self, layer: int | str, model: Any = None) -> Any:
        """Returns the ascending eigenvalues of one layer, scaled as in `analyze`."""
        found = self.matrices(model, [layer])
        spectra = [scaled(eigenvalues(m.mats), m.scale).values for m in found]
        return np.sort(np.concatenate(spectra))

    def smooth(self, model: Any = None, **options: Any) -> Any:
        """Smooths a copy of the model; `options` go to `smooth_model`."""
        from dl_techniques.analysis.smoothing import smooth_model

        return smooth_model(self.model if model is None else model, **options)


def _unsupported(model: Any) -> list[tuple[str, str]]:
    if isinstance(model, list | tuple):
        return []
    from dl_techniques.analysis.matrices import unsupported_variables

    return [(path, flags.SHAPE_UNSUPPORTED) for path in unsupported_variables(model)]


def _chosen(found: tuple[WeightMatrix, ...], layers: Any) -> tuple[WeightMatrix, ...]:
    wanted = [layers] if isinstance(layers, int | str) else list(layers)
    known = {n for m in found for n in (m.layer_id, m.layer, m.path)}
    unknown = [w for w in wanted if w not in known]
    names = sorted(str(m.path) for m in found)
    check(not unknown, "layers", f"among {', '.join(names)}", unknown)
    return tuple(m for m in found if {m.layer_id, m.layer, m.path}.intersection(wanted))


def _description(matrix: WeightMatrix, options: SpectralOptions) -> dict[str, Any]:
    return {
        "layer_id": matrix.layer_id,
        "name": matrix.layer,
        "path": matrix.path,
        "variable": matrix.variable,
        "layer_type": matrix.layer_type,
        "kind": matrix.kind,
        "N": matrix.n_long,
        "M": matrix.n_short,
        "rf": matrix.receptive_field,
        "Q": matrix.q,
        "num_evals": matrix.n_values,
        "params": int(matrix.mats.size),
        "scale": matrix.scale,
        "skipped": reason_to_skip(matrix, options),
    }
