"""SVD smoothing of a Keras model."""

from typing import Any, Literal

import keras
import numpy as np

from dl_techniques.analysis._smoothing import (
    SmoothedLayer,
    SmoothingReport,
    smooth_matrix,
    values_to_keep,
)
from dl_techniques.analysis._spectral_analyzer import SpectralAnalyzer
from dl_techniques.analysis._spectral_report import LayerSpectrum
from dl_techniques.analysis.matrices import kernel_stack, kernel_variables

__all__ = ["SmoothedLayer", "SmoothingReport", "smooth_matrix", "smooth_model"]


def smooth_model(
    model: Any,
    *,
    method: Literal["detx", "power_law", "fraction"] = "detx",
    fraction: float = 0.8,
    layers: Any = None,
    inplace: bool = False,
) -> SmoothingReport:
    """Keeps the leading singular triplets of every weight; biases stay.

    Convolutions are smoothed slice by slice, each to ceil(kept / slices) triplets.

    Args:
        model: A built Keras model; untouched unless `inplace`.
        method: "detx" keeps the det X = 1 tail, "power_law" the fitted tail (weights
            whose fit is rejected are skipped), "fraction" this share.
        fraction: Share for "fraction".
        layers: Indices or names; None is all.
        inplace: Whether the given model is changed.
    """
    target = model
    if not inplace:
        target = keras.models.clone_model(model)
        target.set_weights(model.get_weights())
    report = SpectralAnalyzer(target).analyze(layers=layers, detx=method == "detx")
    found = kernel_variables(target)
    done: list[SmoothedLayer] = []
    skipped = list(report.skipped)
    for layer in report.layers:
        keep = values_to_keep(layer, method, fraction)
        if keep is None:
            skipped.append((layer.path, f"no {method} tail"))
        elif layer.path not in found:
            skipped.append((layer.path, "its matrix is not a variable"))
        else:
            done.append(_smooth(layer, keep, *found[layer.path]))
    return SmoothingReport(tuple(done), tuple(skipped), target)


def _smooth(
    layer: LayerSpectrum, keep: int, owner: Any, variable: Any
) -> SmoothedLayer:
    stack, restore = kernel_stack(owner, variable)
    s, a, b = stack.shape
    each = int(np.clip(-(-keep // s), 1, min(a, b)))
    smoothed = smooth_matrix(stack, each)
    variable.assign(restore(smoothed))
    before = float((stack.astype(np.float64) ** 2).sum())
    lost = float(((stack.astype(np.float64) - smoothed) ** 2).sum())
    return SmoothedLayer(
        path=layer.path,
        kept=each * s,
        total=s * min(a, b),
        relative_change=float(np.sqrt(lost / before)) if before else 0.0,
        parameters=int(stack.size),
        factored_parameters=s * each * (a + b),
    )
