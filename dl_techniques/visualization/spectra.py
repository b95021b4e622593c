"""Eigenvalues of weight matrices and their power laws."""

from dl_techniques.visualization._spectra_layer import (
    ccdf_figure,
    esd_figure,
    ks_figure,
)
from dl_techniques.visualization._spectra_layers import (
    alpha_by_layer_figure,
    alpha_histogram_figure,
    spectral_norm_figure,
    spectral_summary_figure,
    stable_rank_figure,
)
from dl_techniques.visualization._spectra_more import (
    alpha_vs_generalisation_figure,
    esd_evolution_figure,
    smoothing_figure,
    trap_figure,
)

__all__ = [
    "alpha_by_layer_figure",
    "alpha_histogram_figure",
    "alpha_vs_generalisation_figure",
    "ccdf_figure",
    "esd_evolution_figure",
    "esd_figure",
    "ks_figure",
    "smoothing_figure",
    "spectral_norm_figure",
    "spectral_summary_figure",
    "stable_rank_figure",
    "trap_figure",
]
