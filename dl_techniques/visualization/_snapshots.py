"""Finds the parts of a live snapshot, or of its stored form."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dl_techniques.visualization._view import View, view

_MISSING = object()


def reach(snapshot: Any, *path: str) -> Any:
    """Returns what lies at `path` in a snapshot or its stored form, or None."""
    found = View(snapshot) if isinstance(snapshot, Mapping) else snapshot
    for name in path:
        found = getattr(found, name, _MISSING)
        if found is _MISSING or found is None:
            return None
        if isinstance(found, Mapping):
            found = View(found)
    return found


def diagram(snapshot: Any) -> Any:
    """Returns the reliability diagram of a snapshot, or None."""
    found = reach(snapshot, "calibration")
    inner = reach(found, "diagram") if found is not None else None
    return inner if inner is not None else found


def spectra(snapshot: Any) -> tuple[Any, ...]:
    """Returns the layer spectra of a snapshot."""
    layers = reach(snapshot, "spectra", "layers") or reach(snapshot, "spectra") or ()
    return tuple(view(v) for v in layers) if isinstance(layers, list | tuple) else ()


def records(snapshot: Any, section: str) -> dict[str, Any]:
    """Returns the records of a section (activations, weights) by layer name."""
    found = reach(snapshot, section, "layers") or reach(snapshot, section, "records")
    found = found if found is not None else reach(snapshot, section)
    if isinstance(found, View):
        return {k: View(v) for k, v in found._values.items() if isinstance(v, Mapping)}
    if not isinstance(found, list | tuple):
        return {}
    views = [View(v) if isinstance(v, Mapping) else v for v in found]
    named = [(reach(v, "path") or reach(v, "name"), v) for v in views]
    return {str(n or i): v for i, (n, v) in enumerate(named)}


def scalar(record: Any, *names: str) -> float:
    """Returns the first of these numbers that a record has, or NaN."""
    for name in names:
        for found in (reach(record, name), reach(record, "stats", name)):
            if isinstance(found, int | float):
                return float(found)
    return math.nan


def histogram(record: Any) -> tuple[Sequence[float], Sequence[float]] | None:
    """Returns edges and counts of a record's histogram, or None."""
    for place in (record, reach(record, "stats"), reach(record, "histogram")):
        for left, right in (
            ("edges", "counts"),
            ("edges", "count"),
            ("histogram_edges", "histogram_counts"),
            ("histogram_edges", "histogram"),
            ("hist_edges", "hist_counts"),
        ):
            edges, counts = reach(place, left), reach(place, right)
            if edges is not None and counts is not None and len(edges) > 1:
                return edges, counts
    return None
