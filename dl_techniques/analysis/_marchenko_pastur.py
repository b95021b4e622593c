"""Fit of the Marchenko-Pastur bulk of a spectrum."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis import flags
from dl_techniques.analysis._arrays import NAN, FloatArray, float64
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

BANDWIDTH, POINTS, FLOOR = 0.1, 1000, 0.01


@dataclass(frozen=True, slots=True, eq=False)
class MPFit(AnalysisResult):
    """The bulk a random matrix of the same shape would have.

    Attributes:
        sigma: Scale of the entries; 1 for a random matrix.
        bulk_min: Lower bulk edge, in the units given.
        bulk_max: Upper bulk edge b, in the units given.
        edge: b plus the Tracy-Widom allowance, in the units given.
        num_spikes: Number of eigenvalues above `edge`.
        mp_softrank: b / lambda_max; can exceed 1 a little.
        w_scale: sqrt(count / sum): the factor on W that makes the mean eigenvalue 1.
        residual: Sum of squared differences of the densities; NaN for "trace".
        method: "density" or "trace".
    """

    sigma: float = NAN
    bulk_min: float = NAN
    bulk_max: float = NAN
    edge: float = NAN
    num_spikes: int = 0
    mp_softrank: float = NAN
    w_scale: float = NAN
    residual: float = NAN
    method: str = "density"


def fit_marchenko_pastur(
    evals: Any,
    q: float,
    n_short: int,
    *,
    method: Literal["density", "trace"] = "density",
) -> MPFit:
    """Fits sigma of the Marchenko-Pastur law after scaling the mean eigenvalue to 1.

        edges = (sigma (1 -/+ 1 / sqrt(q)))^2
        edge  = b + sqrt(q^(-1/2) b^(2/3) n_short^(-2/3))

    "density" matches a triangular kernel estimate (bandwidth 0.1); at q = 1 that of
    the singular values with the quarter circle. "trace" takes sigma^2 as the mean of
    the values below the edge, until no more values fall out; it suits few values.

    Args:
        evals: `(n,)` eigenvalues of W^T W.
        q: N / M >= 1.
        n_short: M.
        method: See above.

    Source: Martin, Mahoney (2021), JMLR 22, sections 3 and 6.
    """
    check(q >= 1, "q", "at least 1", q)
    check(n_short >= 1, "n_short", "at least 1", n_short)
    check(method in ("density", "trace"), "method", "density or trace", method)
    x = float64(evals, "evals", 1)
    x = np.sort(x[np.isfinite(x)])
    if len(x) == 0 or x.sum() <= 0:
        flag = flags.DEGENERATE_SPECTRUM if len(x) else flags.EMPTY
        return _nothing(method, flag)
    scale = len(x) / float(x.sum())
    unit = x * scale
    if method == "trace":
        sigma, residual = _from_trace(unit, q, n_short), NAN
    else:
        sigma, residual = _from_density(unit, q)
    if not np.isfinite(sigma):
        return _nothing(method, flags.DEGENERATE_SPECTRUM)
    low, high, edge = _edges(sigma, q, n_short)
    return MPFit(
        sigma=sigma,
        bulk_min=low / scale,
        bulk_max=high / scale,
        edge=edge / scale,
        num_spikes=int((unit > edge).sum()),
        mp_softrank=high / float(unit[-1]),
        w_scale=float(np.sqrt(scale)),
        residual=residual,
        method=method,
    )


def _edges(sigma: float, q: float, n_short: int) -> tuple[float, float, float]:
    low = (sigma * (1 - q**-0.5)) ** 2
    high = (sigma * (1 + q**-0.5)) ** 2
    return low, high, high + (q**-0.5 * high ** (2 / 3) * n_short ** (-2 / 3)) ** 0.5


def _from_trace(unit: FloatArray, q: float, n_short: int) -> float:
    total = np.cumsum(unit)
    count, sigma = len(unit), 1.0
    while True:
        edge = _edges(sigma, q, n_short)[2]
        below = int(np.searchsorted(unit, edge, side="right"))
        if below >= count or below == 0:
            return sigma
        count = below
        sigma = float(np.sqrt(total[below - 1] / below))


def _from_density(unit: FloatArray, q: float) -> tuple[float, float]:
    data = np.sqrt(unit) if q == 1 else unit
    grid, density = kernel_density(data)
    keep = density > FLOOR
    if not keep.any():
        return NAN, NAN
    grid, density = grid[keep], density[keep]
    scale = float(np.sqrt(unit[-1])) / (1 + q**-0.5)
    step = 0.01 * scale
    sigmas = np.arange(5, 200) * step
    best, residual = NAN, np.inf
    for _ in range(3):
        loss = _losses(sigmas, grid, density, q)
        at = int(loss.argmin())
        if not np.isfinite(loss[at]):
            break
        best, residual = float(sigmas[at]), float(loss[at])
        sigmas = best + np.linspace(-step, step, 33)
        sigmas = sigmas[sigmas > 0]
        step /= 16
    return best, residual


def kernel_density(data: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Returns 1000 points of [0, max + 0.5] and the triangular estimate there.

    Exact in O(n + points): the kernel is a second difference of ramps, whose sums over
    sorted data are prefix sums.
    """
    grid = np.linspace(0, float(data[-1]) + 0.5, POINTS)
    total = np.concatenate([[0.0], np.cumsum(data)])

    def ramps(at: FloatArray) -> FloatArray:
        below = np.searchsorted(data, at, side="right")
        return at * below - total[below]

    h = BANDWIDTH
    second = ramps(grid + h) - 2 * ramps(grid) + ramps(grid - h)
    return grid, second / (len(data) * h * h)


def _losses(
    sigmas: FloatArray, x: FloatArray, density: FloatArray, q: float
) -> FloatArray:
    square = (sigmas**2)[:, None]
    if q == 1:
        inside = np.maximum(4 * square - x * x, 0)
        return ((np.sqrt(inside) / (np.pi * square) - density) ** 2).sum(axis=1)
    low, high = square * (1 - q**-0.5) ** 2, square * (1 + q**-0.5) ** 2
    peak = x[density.argmax()]
    legal = ((high >= peak) & (high <= x[-1]) & (low <= peak))[:, 0]
    loss = np.full(len(sigmas), np.inf)
    if legal.any():
        low, high, square = low[legal], high[legal], square[legal]
        inside = np.sqrt(np.maximum((high - x) * (x - low), 0))
        law = q * inside / (2 * np.pi * square * np.maximum(x, 1e-300))
        loss[legal] = ((law - density) ** 2).sum(axis=1)
    return loss


def _nothing(method: str, flag: str) -> MPFit:
    return MPFit(method=method, flags=(flag,))
