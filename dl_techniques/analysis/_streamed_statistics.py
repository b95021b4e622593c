"""Describes what every layer of a model puts out, batch by batch."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, Seed
from dl_techniques.analysis._capture_pass import batches, over_positions
from dl_techniques.analysis._dimensions import effective_dimension
from dl_techniques.analysis._recording import bound_of
from dl_techniques.analysis._samples import length
from dl_techniques.analysis.activation_report import ActivationReport, LayerActivations
from dl_techniques.analysis.activations import StreamingStats

Array = np.ndarray[Any, Any]


def statistics(
    model: Any,
    layers: Mapping[str, Any],
    x: Any,
    labels: Any = None,
    *,
    batch_size: int = 64,
    dimensions: bool = True,
    time_budget: float | None = None,
    seed: Seed = 0,
    **options: Any,
) -> ActivationReport:
    """Describes every layer's output without keeping it.

    Args:
        model: The model.
        layers: Name -> layer.
        x: Inputs.
        labels: (n,) classes for the selectivity.
        batch_size: Samples of a pass.
        dimensions: Whether the effective dimension is measured too.
        time_budget: Seconds after which no further batch is begun (OUT_OF_BUDGET).
        seed: Of the sample for the quantiles.
        **options: Of `StreamingStats`.
    """
    streams: dict[str, StreamingStats] = {}
    features: dict[str, list[Array]] = {}
    about: dict[str, tuple[str, tuple[int, ...], float | None]] = {}
    skipped: dict[str, str] = {}
    end = time.perf_counter() + (np.inf if time_budget is None else time_budget)
    done = 0
    for rows, part in batches(model, layers, x, batch_size, end):
        done = rows.stop
        skipped |= part.skipped
        for name, array in part.arrays.items():
            if name not in streams:
                bound = bound_of(part.layers[name])
                kind = type(part.layers[name]).__name__
                about[name] = (kind, array.shape[1:], bound)
                streams[name] = StreamingStats(bound=bound, seed=seed, **options)
            mask = part.masks.get(name)
            own = None if labels is None else np.asarray(labels)[rows]
            streams[name].update(array, own, mask)
            if dimensions:
                features.setdefault(name, []).append(over_positions(array, mask))
    found = tuple(
        _layer(name, *about[name], stream, features.get(name))
        for name, stream in streams.items()
    )
    late = (flag.OUT_OF_BUDGET,) if done < length(x) else ()
    return ActivationReport(found, done, skipped, flags=late)


def _layer(
    path: str,
    kind: str,
    shape: tuple[int, ...],
    bound: float | None,
    stream: StreamingStats,
    features: list[Array] | None,
) -> LayerActivations:
    stats = stream.result()
    full = stats.unit_saturated_fraction
    usable = full is not None and bool(np.isfinite(full).any())
    dimension = None
    if features:
        rows = np.concatenate(features)
        dimension = effective_dimension(rows if rows.ndim > 1 else rows[:, None])
    return LayerActivations(
        path=path,
        layer_type=kind,
        shape=tuple(int(s) for s in shape),
        bound=bound,
        saturated_fraction=float(np.nanmean(full)) if usable else NAN,  # type: ignore[arg-type]  # not None when usable
        stats=stats,
        dimension=dimension,
        flags=stats.flags,
    )
