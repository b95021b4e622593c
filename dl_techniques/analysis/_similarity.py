"""How alike two representations of the same samples are.

One file: all measures pair and centre the samples by the same few functions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import (
    NAN,
    FloatArray,
    Seed,
    flag_tuple,
    float64,
    rng,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class CKAMatrix(AnalysisResult):
    """CKA of every layer of one model with every layer of another.

    Unpacks to names_a, names_b, matrix.

    Attributes:
        names_a: Rows.
        names_b: Columns.
        matrix: (rows, columns); NaN for a layer without variance.
        n: Samples used.
    """

    names_a: tuple[str, ...]
    names_b: tuple[str, ...]
    matrix: FloatArray
    n: int

    def __iter__(self) -> Iterator[Any]:
        return iter((self.names_a, self.names_b, self.matrix))


def rows_of(features: Any, argument: str) -> FloatArray:
    """Returns (n, d) with every position a feature of its own."""
    x = np.asarray(features)
    check(x.ndim >= 1, argument, "of at least one axis", x.shape)
    flat = x.reshape(len(x), -1) if x.size else np.zeros((len(x), 1))
    return float64(flat, argument, 2)


def _paired(x: Any, y: Any) -> tuple[FloatArray, FloatArray]:
    a, b = rows_of(x, "x"), rows_of(y, "y")
    if len(a) != len(b):
        raise ValueError(
            "`x` and `y` must have the same number of samples. "
            f"Received: shapes {np.shape(x)} and {np.shape(y)}"
        )
    good = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    return a[good], b[good]


def _centred(x: FloatArray) -> FloatArray:
    """Returns centred columns divided by their norm; zeros without variance."""
    if not len(x):
        return x
    scale = float(np.abs(x).max(initial=0.0))
    c = (x - x.mean(axis=0)) / (scale or 1.0)
    norm = float(np.linalg.norm(c))
    return c / norm if norm > _ROUNDING * np.sqrt(c.size) else np.zeros_like(c)


def linear_cka(x: Any, y: Any, *, unbiased: bool = False) -> float:
    """Returns ||Y'X||^2 / (||X'X|| ||Y'Y||) of centred columns (Frobenius norms).

    In [0, 1]; invariant to orthogonal maps and scaling of either side. `unbiased` takes
    HSIC_1 instead, which may be slightly negative. NaN without variance.

    Args:
        x: (n, ...) features; other axes are flattened.
        y: (n, ...) features of the same samples.
        unbiased: Needs at least four samples.

    Source: Kornblith et al. (2019), arXiv 1905.00414; Song et al. (2012), JMLR 13.
    """
    a, b = _paired(x, y)
    n = len(a)
    if unbiased:
        check(n >= 4, "x", "of at least 4 samples for unbiased", np.shape(x))
    a, b = _centred(a), _centred(b)
    if not (a.any() and b.any()):
        return NAN
    if unbiased or n < max(a.shape[1], b.shape[1]):
        return _gram_cka(_gram(a, unbiased), _gram(b, unbiased), unbiased)
    cross = float(((b.T @ a) ** 2).sum())
    own = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return min(cross / float(own), 1.0)


def _gram(centred: FloatArray, unbiased: bool) -> FloatArray:
    gram = centred @ centred.T
    if unbiased:
        np.fill_diagonal(gram, 0.0)
    return gram


def _hsic(a: FloatArray, b: FloatArray, unbiased: bool) -> float:
    product = float((a * b).sum())
    if not unbiased:
        return product
    n = len(a)
    rows_a, rows_b = a.sum(axis=0), b.sum(axis=0)
    product += float(rows_a.sum() * rows_b.sum()) / ((n - 1) * (n - 2))
    return product - 2 * float(rows_a @ rows_b) / (n - 2)


def _gram_cka(a: FloatArray, b: FloatArray, unbiased: bool) -> float:
    own = _hsic(a, a, unbiased) * _hsic(b, b, unbiased)
    return min(_hsic(a, b, unbiased) / float(np.sqrt(own)), 1.0) if own > 0 else NAN


def cka_matrix(
    acts_a: Mapping[str, Any],
    acts_b: Mapping[str, Any] | None = None,
    *,
    max_samples: int = 512,
    minibatch: int | None = None,
    unbiased: bool = True,
    seed: Seed = 0,
) -> CKAMatrix:
    """Compares layers; each layer's Gram matrix is computed once.

    Args:
        acts_a: {layer: (n, ...)}.
        acts_b: The same samples through another model; None compares `acts_a` with
            itself.
        max_samples: Of more samples a random choice is used (SUBSAMPLED).
        minibatch: Averages HSIC over batches of this size instead.
        unbiased: See `linear_cka`.
        seed: Of the choice.

    Source: Nguyen, Raghu and Kornblith (2021), arXiv 2010.15327, for minibatches.
    """
    check(
        is_int(max_samples) and max_samples > 1,
        "max_samples",
        "at least 2",
        max_samples,
    )
    other = acts_a if acts_b is None else acts_b
    sizes = {len(np.asarray(v)) for v in (*acts_a.values(), *other.values())}
    check(len(sizes) < 2, "acts_b", "of as many samples everywhere", sorted(sizes))
    n, doubts, rows = sizes.pop() if sizes else 0, [], None
    if n > max_samples:
        rows = np.sort(rng(seed).choice(n, max_samples, replace=False))
        n, doubts = max_samples, [flag.SUBSAMPLED]
    size = n if minibatch is None else minibatch
    fewest = 4 if unbiased else 2
    check(not n or size >= fewest, "minibatch", f"at least {fewest}", size)
    side_a = _grams(acts_a, rows, size, unbiased)
    side_b = side_a if acts_b is None else _grams(other, rows, size, unbiased)
    matrix = np.array([[_mean_cka(a, b, unbiased) for b in side_b] for a in side_a])
    doubts += [flag.CONSTANT] if np.isnan(matrix).any() else []
    return CKAMatrix(
        tuple(acts_a), tuple(other), matrix.reshape(len(side_a), len(side_b)), n,
        flags=flag_tuple(doubts),
    )  # fmt: skip


def _grams(acts: Mapping[str, Any], rows: Any, size: int, unbiased: bool) -> list[Any]:
    found = []
    for name, value in acts.items():
        x = rows_of(value if rows is None else np.asarray(value)[rows], name)
        x = np.where(np.isfinite(x), x, 0.0)
        batches = [x[i : i + size] for i in range(0, len(x) - size + 1, size or 1)]
        found.append([_gram(_centred(b), unbiased) for b in batches])
    return found


def _mean_cka(a: list[FloatArray], b: list[FloatArray], unbiased: bool) -> float:
    pairs = list(zip(a, b, strict=True))
    if not pairs:
        return NAN
    cross = float(np.mean([_hsic(x, y, unbiased) for x, y in pairs]))
    own = np.mean([_hsic(x, x, unbiased) for x in a])
    own = own * np.mean([_hsic(y, y, unbiased) for y in b])
    return min(cross / float(np.sqrt(own)), 1.0) if own > 0 else NAN


def rsa(x: Any, y: Any) -> float:
    """Returns Spearman's correlation of the samples' dissimilarities (1 - Pearson).

    NaN below three samples or where all dissimilarities agree.

    Source: Kriegeskorte, Mur and Bandettini (2008), Frontiers in Systems Neuroscience.
    """
    a, b = (_dissimilarities(v) for v in _paired(x, y))
    good = np.isfinite(a) & np.isfinite(b)
    if good.sum() < 3:
        return NAN
    ra, rb = _ranks(a[good]), _ranks(b[good])
    ra, rb = ra - ra.mean(), rb - rb.mean()
    norm = float(np.linalg.norm(ra) * np.linalg.norm(rb))
    return float(ra @ rb) / norm if norm > 0 else NAN


def _dissimilarities(x: FloatArray) -> FloatArray:
    c = x - x.mean(axis=1, keepdims=True) if x.size else x
    norm = np.linalg.norm(c, axis=1, keepdims=True)
    c = c / np.where(norm > 0, norm, np.nan)
    return np.asarray(np.round(1 - (c @ c.T)[np.triu_indices(len(c), 1)], 12))


def _ranks(x: FloatArray) -> FloatArray:
    s = np.sort(x)
    return (np.searchsorted(s, x, "left") + np.searchsorted(s, x, "right")) / 2


def procrustes_distance(x: Any, y: Any) -> float:
    """Returns sqrt(2 - 2 ||X'Y||_*) of centred features of norm 1, in [0, sqrt 2].

    0 when an orthogonal map and a scale make them equal; NaN without variance.
    """
    a, b = (_centred(v) for v in _paired(x, y))
    if not (a.any() and b.any()):
        return NAN
    nuclear = float(np.linalg.svd(a.T @ b, compute_uv=False).sum())
    return float(np.sqrt(max(0.0, 2 - 2 * nuclear)))
