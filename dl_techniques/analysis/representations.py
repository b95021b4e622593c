"""How layers arrange samples, and what changes from layer to layer; NumPy only."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import NAN, FloatArray, Seed, flag_tuple
from dl_techniques.analysis._class_separation import (
    ClassSeparation,
    class_separation,
    linear_probe_accuracy,
)
from dl_techniques.analysis._dimensions import effective_dimension
from dl_techniques.analysis._pca_projection import PCAProjection, pca_projection
from dl_techniques.analysis._similarity import (
    CKAMatrix,
    cka_matrix,
    linear_cka,
    procrustes_distance,
    rsa,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

__all__ = [
    "CKAMatrix",
    "ClassSeparation",
    "InformationFlow",
    "PCAProjection",
    "cka_matrix",
    "class_separation",
    "information_flow",
    "linear_cka",
    "linear_probe_accuracy",
    "pca_projection",
    "procrustes_distance",
    "rsa",
]


@dataclass(frozen=True, slots=True)
class InformationFlow(AnalysisResult):
    """Measures of the layers in order; NaN where one is not defined.

    Attributes:
        layers: (l,) names.
        effective_rank, participation_ratio: (l,) of the position means.
        ceiling: (l,) the largest rank the samples allow.
        cka_input, cka_previous, cka_last: (l,) linear CKA with the input, the layer
            before and the last layer.
        norm_ratio: (l,) mean norm over that of the layer before.
        probe_accuracy: (l,) of a linear classifier on held-out samples.
        n: Samples.
    """

    layers: tuple[str, ...]
    effective_rank: FloatArray
    participation_ratio: FloatArray
    ceiling: FloatArray
    cka_input: FloatArray
    cka_previous: FloatArray
    cka_last: FloatArray
    norm_ratio: FloatArray
    probe_accuracy: FloatArray
    n: int

    def to_frame(self) -> Any:
        """Returns a row a layer."""
        import pandas as pd

        skipped = ("layers", "n", "flags", "schema_version")
        columns = {k: v for k, v in self.field_items() if k not in skipped}
        return pd.DataFrame({"layer": list(self.layers), **columns})


def information_flow(
    activations: Mapping[str, Any],
    labels: Any = None,
    inputs: Any = None,
    *,
    max_samples: int = 512,
    seed: Seed = 0,
) -> InformationFlow:
    """Measures every layer's output for the same samples.

    Args:
        activations: {layer: (n, ...)} in model order.
        labels: (n,) classes for the linear probe.
        inputs: (n, ...) what the model was given.
        max_samples: The similarities use at most so many.
        seed: Of that choice and of the probe's split.
    """
    names = list(activations)
    acts = {k: np.asarray(activations[k]) for k in names}
    sizes = {len(v) for v in acts.values()}
    if inputs is not None:
        sizes.add(len(np.asarray(inputs)))
    check(len(sizes) < 2, "activations", "of as many samples", sorted(sizes))
    n = sizes.pop() if sizes else 0
    if labels is not None:
        check(np.shape(labels) == (n,), "labels", f"of shape ({n},)", np.shape(labels))
    spaces = [
        effective_dimension(a if a.ndim > 1 else a[:, None]) for a in acts.values()
    ]
    table = {"input": np.asarray(inputs)} if inputs is not None else {}
    table |= {f"layer {i}": a for i, a in enumerate(acts.values())}
    cka = np.full((len(table), len(table)), NAN)
    if table and n > 1:
        found = cka_matrix(table, max_samples=max_samples, unbiased=False, seed=seed)
        cka = found.matrix
    skip = len(table) - len(names)
    norms = [_norm(a) for a in acts.values()]
    ratio = [
        NAN,
        *(b / a if a > 0 else NAN for a, b in pairwise(norms)),
    ]
    at = np.arange(len(names)) + skip
    before = [NAN if i == 0 else cka[i, i - 1] for i in at]
    probes = [
        NAN if labels is None else linear_probe_accuracy(a, labels, seed=seed)
        for a in acts.values()
    ]
    return InformationFlow(
        tuple(names),
        np.array([s.effective_rank for s in spaces]),
        np.array([s.participation_ratio for s in spaces]),
        np.array([float(s.ceiling) for s in spaces]),
        cka[at, 0] if skip else np.full(len(names), NAN),
        np.array(before, dtype=np.float64),
        cka[at, -1] if names else np.empty(0),
        np.array(ratio[: len(names)]),
        np.array(probes, dtype=np.float64),
        n,
        flags=flag_tuple(f for s in spaces for f in s.flags),
    )


def _norm(array: Any) -> float:
    x = array.reshape(len(array), -1).astype(np.float64)
    norms = np.linalg.norm(x, axis=1)
    norms = norms[np.isfinite(norms)]
    return float(norms.mean()) if norms.size else NAN
