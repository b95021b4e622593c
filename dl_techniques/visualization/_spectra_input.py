"""Spectra as they are given: reports, layers, stored snapshots."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dl_techniques.visualization._text import number, shown
from dl_techniques.visualization._view import expect, view

BINS = 40


def layers_of(result: Any) -> tuple[Any, ...]:
    """Returns the layer spectra of a report, of a sequence, or of one layer."""
    if isinstance(result, list | tuple):
        return tuple(expect(view(v), "LayerSpectrum", "fit", "path") for v in result)
    if hasattr(result, "fit") and hasattr(result, "path"):
        return (result,)
    found = expect(result, "SpectralReport", "layers").layers
    return tuple(view(v) for v in found)


def models_of(result: Any) -> dict[str, tuple[Any, ...]]:
    """Returns the layer spectra by model; a bare result has the name ""."""
    if isinstance(result, Mapping) and "layers" not in result and "fit" not in result:
        return {str(k): layers_of(v) for k, v in result.items()}
    return {"": layers_of(result)}


def metric(layer: Any, name: str) -> float:
    """Returns a scalar of a layer's spectrum, NaN where there is none."""
    return number(getattr(getattr(layer, "metrics", None), name, None))


def positive(values: Any) -> Any:
    """Returns the ascending eigenvalues above rounding."""
    found = np.asarray([math.nan if v is None else v for v in values], float)
    found = np.sort(found[np.isfinite(found)])
    return found[found > max(found[-1] * 1e-12, 0)] if found.size else found


def spaced(low: float, high: float, scale: str, bins: int = BINS) -> Any:
    """Returns bin edges, spaced for the scale of the axis."""
    high = high * (1 + 1e-9)
    low = low if low < high * (1 - 1e-6) else low * 0.9
    return (np.linspace if scale == "linear" else np.geomspace)(low, high, bins + 1)


def density(layer: Any, scale: str) -> tuple[Any, Any, float]:
    """Returns edges, density over positive eigenvalues, and the tail's share."""
    stored = getattr(layer, "histogram", None)
    if stored is not None:
        edges = np.asarray(stored.edges, float)
        count = np.asarray(stored.counts, float)
    else:
        values = positive(layer.spectrum.values)
        if not values.size:
            return np.empty(0), np.empty(0), math.nan
        edges = spaced(values[0], values[-1], scale)
        count = np.histogram(values, edges)[0]
    total = count.sum()
    heights = count / (total * np.diff(edges)) if total else np.empty(0)
    return edges, heights, layer.fit.num_pl_spikes / total if total else math.nan


def verdict(fit: Any) -> str:
    """Returns what the fit says: its numbers, or that it is none."""
    if math.isfinite(number(fit.reported_alpha)):
        return (
            f"α {number(fit.reported_alpha):.2f} ± {number(fit.sigma):.2f}, "
            f"D {number(fit.D):.2f}, k {fit.num_pl_spikes}"
        )
    if fit.verdict == "undefined":
        return "no fit"
    return f"not a power law (K = {shown(fit.K, 3)})"


def marchenko_pastur(layer: Any, points: int = 120) -> tuple[Any, Any] | None:
    """Returns the curve of the random bulk in the units of the eigenvalues.

    Its area is the share of eigenvalues that the bulk holds.
    """
    mp, spectrum = getattr(layer, "mp", None), getattr(layer, "spectrum", None)
    if mp is None or spectrum is None:
        return None
    low, high, sigma = (number(v) for v in (mp.bulk_min, mp.bulk_max, mp.sigma))
    scale = number(mp.w_scale) ** 2
    n = len(spectrum.values)
    if not (n and all(map(math.isfinite, (low, high, sigma, scale))) and sigma > 0):
        return None
    q = spectrum.n_long / spectrum.n_short
    start = low if low > 0 else high * 1e-4
    x = np.geomspace(start, high, points)
    inside = np.maximum((high - x) * (x - low), 0)
    y = q * scale / (2 * np.pi * sigma**2 * x) * np.sqrt(inside)
    return x, y * (1 - mp.num_spikes / n)
