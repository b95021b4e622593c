"""Runs the spectral analysis over all weights of a model."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from dl_techniques.analysis import flags
from dl_techniques.analysis._spectral_report import SpectralReport
from dl_techniques.analysis._spectral_run import (
    SpectralOptions,
    analyze_matrices,
    reason_to_skip,
    scaled,
)
from dl_techniques.analysis._spectrum import eigenvalues
from dl_techniques.analysis._weight_matrix import WeightMatrix
from dl_techniques.utils.validation import check

if TYPE_CHECKING:
    import pandas as pd


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
