"""Eigenvalues of weight matrices and their power laws."""

from dl_techniques.visualization._spectra_changes import (
    esd_evolution_figure,
    smoothing_figure,
)
from dl_techniques.visualization._spectra_layer import (
    esd_figure,
)
from dl_techniques.visualization._spectra_layers import (
    alpha_by_layer_figure,
    spectral_norm_figure,
    stable_rank_figure,
)
from dl_techniques.visualization._spectra_more import (
    alpha_vs_generalisation_figure,
    trap_figure,
)
from dl_techniques.visualization._spectra_summary import (
    alpha_histogram_figure,
    spectral_summary_figure,
)
from dl_techniques.visualization._spectra_tail import ccdf_figure, ks_figure

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
