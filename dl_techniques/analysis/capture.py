"""Reads a Keras model out: what its layers put out, and its gradients."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis._activation_analyzer import ActivationDistributionAnalyzer
from dl_techniques.analysis._arrays import Seed
from dl_techniques.analysis._capture_pass import Keeper, batches
from dl_techniques.analysis._gradient_flow import gradient_flow
from dl_techniques.analysis._layer_choice import chosen_layers
from dl_techniques.analysis._samples import draw
from dl_techniques.analysis._streamed_statistics import statistics
from dl_techniques.analysis.activation_report import CaptureReport
from dl_techniques.analysis.gradients import GradientFlow
from dl_techniques.utils.validation import check, check_int

__all__ = [
    "ActivationDistributionAnalyzer",
    "CaptureReport",
    "CapturedActivations",
    "GradientFlow",
    "capture_activations",
    "gradient_flow",
]

Array = np.ndarray[Any, Any]
Reduce = Literal["mean", "stats"] | Callable[[Array], Array] | None


class CapturedActivations(dict[str, Array]):
    """Layer -> (n, positions..., units), in the order in which the layers worked.

    Attributes:
        rows: (n,) places of the samples in the inputs.
        masks: Layer -> (n, positions...) which positions count, where there is a mask.
        bounds: Layer -> largest |output| of its activation function, where known.
        skipped: Layer -> why it is missing.
        flags: SUBSAMPLED when not every position or sample fitted into memory;
            positions are then one axis.
    """

    rows: Array
    masks: dict[str, Array]
    bounds: dict[str, float]
    skipped: dict[str, str]
    flags: tuple[str, ...]


def capture_activations(
    model: Any,
    inputs: Any,
    layers: Iterable[Any] | None = None,
    *,
    batch_size: int = 64,
    max_samples: int = 512,
    max_bytes: int = 512 * 2**20,
    reduce: Reduce = None,
    seed: Seed = 0,
) -> CapturedActivations | CaptureReport:
    """Returns the outputs of many layers from one forward pass a batch.

    Works for functional, sequential and subclassed models and for layers inside
    nested models and blocks. The pass is in inference mode and changes nothing.

    Args:
        model: A Keras model.
        inputs: An array, a nest of arrays, or batches; more than `max_samples` are
            sampled at random.
        layers: Paths ("block/dense"), names or layers; None takes all that compute
            something. A layer called twice gives "name#0" and "name#1", a leaf of a
            nested output "name:key".
        batch_size: Samples of a pass.
        max_samples: Most samples.
        max_bytes: Most memory of the result; beyond, positions are sampled.
        reduce: "mean" averages positions; "stats" returns statistics instead of
            arrays; a function is applied to each layer's batch.
        seed: Of the choices.

    Raises:
        ValueError: If there is no such layer, or an argument is out of range.
    """
    check_int("batch_size", batch_size)
    check_int("max_samples", max_samples)
    check_int("max_bytes", max_bytes)
    known = reduce in (None, "mean", "stats") or callable(reduce)
    check(known, "reduce", "None, 'mean', 'stats' or a function", reduce)
    found = draw(inputs, None, max_samples, seed)
    if not model.built:
        model(found.x, training=False)
    chosen = chosen_layers(model, layers)
    if reduce == "stats":
        return statistics(model, chosen, found.x, batch_size=batch_size, seed=seed)
    keeper = Keeper(len(found.rows), max_bytes, reduce, seed)
    for rows, part in batches(model, chosen, found.x, batch_size):
        keeper.add(rows, part)
    captured = CapturedActivations(keeper.arrays())
    captured.masks, captured.bounds = keeper.masks(), keeper.bounds
    captured.skipped, captured.flags = keeper.skipped, keeper.flags
    captured.rows = found.rows if keeper.kept is None else found.rows[keeper.kept]
    return captured
