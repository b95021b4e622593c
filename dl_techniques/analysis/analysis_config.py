"""What `ModelAnalyzer` is asked to do."""

from dataclasses import dataclass, field
from typing import Any

from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

SECTIONS = (
    *("performance", "confidence", "calibration", "weights", "spectra"),
    *("activations", "representations", "dynamics"),
)
WITHOUT_LABELS = ("weights", "spectra", "activations", "dynamics")
OUTPUTS = (
    *("auto", "softmax", "logits", "sigmoid", "binary_logits", "multilabel"),
    *("multilabel_logits", "regression", "mdn"),
)


@dataclass(frozen=True, slots=True)
class AnalysisConfig(AnalysisResult):
    """Sizes, limits and options of an analysis.

    Attributes:
        max_samples: Samples that are looked at.
        n_bins: Bins of the calibration.
        strategy: "uniform" or "quantile" bins.
        spectral: Options of `SpectralAnalyzer.analyze`.
        layers: Paths or names of layers to read; None is all.
        cka_samples: Samples of the similarities and projections.
        batch_size: Samples of a forward pass.
        time_budget: Seconds after which what is left is skipped, None without limit.
        seed: Of every random choice.
        n_jobs: Threads of the spectra, None for min(4, cores).
        output: What the model's output is; "auto" asks its loss and last layer.
        keep_rows: Most rows of per-sample arrays that are kept.
        max_layers: Most layers of the similarity matrices, evenly spaced.
        n_boot: Draws of the bootstrap.
        timing: Whether the forward pass is timed and the file size measured.
    """

    max_samples: int = 2000
    n_bins: int = 15
    strategy: str = "uniform"
    spectral: dict[str, Any] = field(default_factory=lambda: {"mp_fit": "trace"})
    layers: tuple[str, ...] | None = None
    cka_samples: int = 512
    batch_size: int = 256
    time_budget: float | None = None
    seed: int = 0
    n_jobs: int | None = None
    output: str = "auto"
    keep_rows: int = 10_000
    max_layers: int = 32
    n_boot: int = 500
    timing: bool = True

    def __post_init__(self) -> None:
        for name in ("max_samples", "batch_size", "n_boot", "max_layers"):
            check_int(name, getattr(self, name))
        check_int("keep_rows", self.keep_rows, 0)
        check_int("cka_samples", self.cka_samples, 2)
        check_int("n_bins", self.n_bins, 1, high=1000)
        check_int("seed", self.seed, 0)
        check_choice("strategy", self.strategy, ("uniform", "quantile"))
        check_choice("output", self.output, OUTPUTS)
        if self.n_jobs is not None:
            check_int("n_jobs", self.n_jobs)
        if self.time_budget is not None:
            check_number("time_budget", self.time_budget, 0)
        check(isinstance(self.spectral, dict), "spectral", "a dict", self.spectral)
        if self.layers is not None:
            object.__setattr__(self, "layers", tuple(self.layers))
        AnalysisResult.__post_init__(self)
