"""Places models on a plane by the statistics of their weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import FloatArray
from dl_techniques.analysis.results import AnalysisResult

_FEATURES = ("mean", "std", "skewness", "kurtosis", "rms", "max_abs", "zero_fraction")


@dataclass(frozen=True, slots=True)
class FingerprintPCA(AnalysisResult):
    """Models as points.

    Attributes:
        names: Models in the order given.
        layers: Layers that all of them have, in the first model's order.
        scores: (models, 2) places, or None with a flag when there is nothing to place.
        explained_ratio: (2,) share of the variance along each axis, or None.
    """

    names: tuple[str, ...]
    layers: tuple[str, ...]
    scores: FloatArray | None
    explained_ratio: FloatArray | None


def model_fingerprint_pca(models: Mapping[str, Mapping[str, Any]]) -> FingerprintPCA:
    """Projects {model: {layer: WeightStats}} on its two main axes.

    Layers are matched by name; each statistic is standardised over the models, and one
    that is undefined in a model is left out. Fewer than two models or no common layer:
    no scores, TOO_FEW_VALUES.
    """
    names = tuple(models)
    shared = _shared_layers(models)
    columns = [
        [getattr(models[name][layer], feature) for name in names]
        for layer in shared
        for feature in _FEATURES
    ]
    table = np.array(columns, dtype=np.float64).reshape(len(columns), len(names)).T
    if len(names) > 1:
        table = table[:, np.isfinite(table).all(axis=0)]
        spread = table.std(axis=0)
        table, spread = table[:, spread > 0], spread[spread > 0]
    if len(names) < 2 or not table.size:
        return FingerprintPCA(names, shared, None, None, flags=(flag.TOO_FEW_VALUES,))
    table = (table - table.mean(axis=0)) / spread
    u, s, v = np.linalg.svd(table, full_matrices=False)
    sign = np.sign(v[np.arange(len(v)), np.abs(v).argmax(axis=1)])
    scores, share = np.zeros((len(names), 2)), np.zeros(2)
    k = min(2, len(s))
    scores[:, :k] = (u * s * sign)[:, :k]
    share[:k] = (s**2 / (s**2).sum())[:k]
    return FingerprintPCA(names, shared, scores, share)


def _shared_layers(models: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    layers = [list(stats) for stats in models.values()]
    if not layers:
        return ()
    common = set(layers[0]).intersection(*layers[1:])
    return tuple(name for name in layers[0] if name in common)
