"""The distribution of every layer's output, for one model and many data sets."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import Seed
from dl_techniques.analysis._layer_choice import chosen_layers
from dl_techniques.analysis._samples import class_numbers, draw
from dl_techniques.analysis._streamed_statistics import statistics
from dl_techniques.analysis.activation_report import ActivationReport
from dl_techniques.utils.validation import check_int


class ActivationDistributionAnalyzer:
    """Describes what the layers of a model put out.

    The model is only read. Quantiles and histograms beyond 65,536 values a layer come
    from a sample (SUBSAMPLED); all else is exact.

    Args:
        model: A Keras model, functional, sequential or subclassed.
        layer_names: Paths or names of layers; None takes all that compute something.
        max_samples: Samples used, chosen at random, classes with their shares.
        batch_size: Samples of a forward pass.
        seed: Of the choices.
        n_bins: Bins of the histograms.

    Raises:
        ValueError: If there is no such layer; the known ones are listed.
    """

    def __init__(
        self,
        model: Any,
        layer_names: Iterable[str] | None = None,
        *,
        max_samples: int = 1000,
        batch_size: int = 64,
        seed: Seed = 0,
        n_bins: int = 64,
    ) -> None:
        check_int("max_samples", max_samples)
        check_int("batch_size", batch_size)
        check_int("n_bins", n_bins)
        self.model, self.max_samples, self.batch_size = model, max_samples, batch_size
        self.seed, self.n_bins = seed, n_bins
        self._names = None if layer_names is None else list(layer_names)
        if model.built:
            chosen_layers(model, self._names)

    def analyze(self, x: Any, labels: Any = None) -> ActivationReport:
        """Returns one record a layer, in the order in which the layers work.

        Args:
            x: Inputs, an array or a nest of arrays, or batches of (x, y).
            labels: (n,) class numbers or one-hot rows, for the selectivity.
        """
        return self._analyze(x, labels, self.max_samples)

    def _analyze(self, x: Any, labels: Any, most: int) -> ActivationReport:
        found = draw(x, labels, most, self.seed)
        if not self.model.built:
            self.model(found.x, training=False)
        return statistics(
            self.model,
            chosen_layers(self.model, self._names),
            found.x,
            class_numbers(found.y),
            batch_size=self.batch_size,
            seed=self.seed,
            n_bins=self.n_bins,
        )

    def compute_activation_stats(
        self, x: Any, sample_size: int = 1000
    ) -> dict[str, dict[str, Any]]:
        """Returns layer -> mean, std, min, max, sparsity, ratios and distribution.

        "distribution" is the histogram (counts and edges), "percentiles" maps 1, 5,
        25, 50, 75, 95, 99 to values.
        """
        check_int("sample_size", sample_size)
        return {
            layer.path: _plain(layer.stats)
            for layer in self._analyze(x, None, sample_size)
        }

    def watch(self, x: Any, y: Any, **options: Any) -> Any:
        """Returns a callback that looks at the layers while a model trains.

        `options` are those of `LiveAnalysisCallback`.
        """
        from dl_techniques.analysis.callbacks import LiveAnalysisCallback

        given = {"sections": ("activations",), "seed": self.seed} | options
        return LiveAnalysisCallback(x, y, **given)


def _plain(stats: Any) -> dict[str, Any]:
    edges = np.asarray(stats.histogram.edges)
    levels = (np.asarray(stats.levels) * 100).round().astype(int)
    return {
        "mean": stats.mean,
        "std": stats.std,
        "min": stats.min,
        "max": stats.max,
        "sparsity": stats.sparsity,
        "positive_ratio": stats.positive_fraction,
        "zero_ratio": stats.zero_fraction,
        "distribution": {
            "counts": np.asarray(stats.histogram.counts).tolist(),
            "edges": edges.tolist(),
        },
        "percentiles": dict(
            zip(levels.tolist(), np.asarray(stats.quantiles).tolist(), strict=True)
        ),
    }
