"""Weight spectra: eigenvalues, power-law tails, random-matrix bulk, traps."""

from typing import TYPE_CHECKING, Any

from dl_techniques.analysis._marchenko_pastur import MPFit, fit_marchenko_pastur
from dl_techniques.analysis._power_law_fit import (
    ClippedFit,
    PowerLawFit,
    clip_fingers,
    fit_power_law,
)
from dl_techniques.analysis._randomized import (
    CorrelationTraps,
    RandomizedSpectrum,
    correlation_traps,
    randomized_spectrum,
)
from dl_techniques.analysis._smoothing import (
    SmoothedLayer,
    SmoothingReport,
    smooth_matrix,
)
from dl_techniques.analysis._spectral_analyzer import SpectralAnalyzer
from dl_techniques.analysis._spectral_metrics import (
    SpectralMetrics,
    VectorLocalization,
    spectral_metrics,
    vector_localization,
)
from dl_techniques.analysis._spectral_report import LayerSpectrum, SpectralReport
from dl_techniques.analysis._spectral_run import SpectralOptions, analyze_matrices
from dl_techniques.analysis._spectral_tails import (
    Comparison,
    DetX,
    compare_distributions,
    detx_tail,
)
from dl_techniques.analysis._spectrum import Spectrum, eigenvalues
from dl_techniques.analysis._weight_matrix import WeightMatrix

if TYPE_CHECKING:
    from dl_techniques.analysis.smoothing import smooth_model

WeightWatcher = SpectralAnalyzer

__all__ = [
    "ClippedFit",
    "Comparison",
    "CorrelationTraps",
    "DetX",
    "LayerSpectrum",
    "MPFit",
    "PowerLawFit",
    "RandomizedSpectrum",
    "SmoothedLayer",
    "SmoothingReport",
    "SpectralAnalyzer",
    "SpectralMetrics",
    "SpectralOptions",
    "SpectralReport",
    "Spectrum",
    "VectorLocalization",
    "WeightMatrix",
    "WeightWatcher",
    "analyze_matrices",
    "clip_fingers",
    "compare_distributions",
    "correlation_traps",
    "detx_tail",
    "eigenvalues",
    "fit_marchenko_pastur",
    "fit_power_law",
    "randomized_spectrum",
    "smooth_matrix",
    "smooth_model",
    "spectral_metrics",
    "vector_localization",
]


def __getattr__(name: str) -> Any:
    if name == "smooth_model":  # needs Keras, which this module does not load
        from dl_techniques.analysis.smoothing import smooth_model

        return smooth_model
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
