"""How far models differ on the same samples, and whether by chance; NumPy only.

One file: classes and numbers take the same way and differ in how `_Rows` is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._agreement import mcnemar
from dl_techniques.analysis._arrays import NAN, FloatArray, Seed, rng
from dl_techniques.analysis._predictions import Kind, prepare
from dl_techniques.analysis._resampling import check_level
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check, check_int

METRICS = ("accuracy", "ece", "nll", "brier")
ERRORS = ("mae", "rmse")
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class PairedDifference(AnalysisResult):
    """A measure of model b less that of model a, over the same rows.

    Attributes:
        a, b: Models.
        metric: "accuracy", "ece", "nll", "brier", "mae" or "rmse".
        value_a, value_b: Each model's.
        difference: value_b - value_a.
        low, high: Ends of the bootstrap interval of the difference.
        level: Its coverage.
        p_value: McNemar's, for "accuracy"; NaN otherwise.
        n: Rows.
    """

    a: str
    b: str
    metric: str
    value_a: float
    value_b: float
    difference: float
    low: float
    high: float
    level: float
    p_value: float
    n: int

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def paired_differences(
    labels: Any,
    scores: Mapping[str, Any],
    *,
    metrics: Sequence[str] = METRICS[:3],
    n_bins: int = 15,
    n_boot: int = 1000,
    level: float = 0.95,
    kind: Kind = "auto",
    seed: Seed = 0,
) -> tuple[PairedDifference, ...]:
    """Compares every two models by drawing the same rows again for both.

    Args:
        labels: (n,) class numbers of the rows.
        scores: {model: (n, K) or (n,) probabilities of the same rows}.
        metrics: Of "accuracy", "ece", "nll", "brier".
        n_bins: Bins of the calibration error.
        n_boot: Draws.
        level: Coverage of the intervals.
        kind: As for `check_predictions`.
        seed: Of the draws.

    Source: Efron and Tibshirani (1993), chapter 13; McNemar (1947).
    """
    check(set(metrics) <= set(METRICS), "metrics", f"of {METRICS}", metrics)
    check_int("n_boot", n_boot)
    check_level(level)
    y, kept = _common(labels, scores)
    each = {name: _Rows.of(y, p, kind, n_bins) for name, p in kept.items()}
    dropped = len(y) < len(np.asarray(labels))
    return _pairs(each, metrics, n_boot, level, seed, dropped=dropped)


def paired_errors(
    targets: Any,
    predictions: Mapping[str, Any],
    *,
    metrics: Sequence[str] = ERRORS,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: Seed = 0,
) -> tuple[PairedDifference, ...]:
    """Does the same for predicted numbers.

    Args:
        targets: (n, ...) numbers.
        predictions: {model: numbers of the same size}.
        metrics: Of "mae", "rmse".
        n_boot: Draws.
        level: Coverage of the intervals.
        seed: Of the draws.
    """
    check(set(metrics) <= set(ERRORS), "metrics", f"of {ERRORS}", metrics)
    check_int("n_boot", n_boot)
    check_level(level)
    y = np.asarray(targets, dtype=np.float64)
    y = y.reshape(len(y), int(np.prod(y.shape[1:])))
    given = {
        k: np.asarray(p, np.float64).reshape(y.shape) for k, p in predictions.items()
    }
    good = np.isfinite(y).all(axis=1)
    for p in given.values():
        good &= np.isfinite(p).all(axis=1)
    each = {k: _Rows.of_numbers(y[good], p[good]) for k, p in given.items()}
    dropped = not bool(good.all())
    return _pairs(each, metrics, n_boot, level, seed, dropped=dropped)


def _pairs(
    each: Mapping[str, "_Rows"],
    metrics: Sequence[str],
    n_boot: int,
    level: float,
    seed: Seed,
    *,
    dropped: bool,
) -> tuple[PairedDifference, ...]:
    n = next((r.n for r in each.values()), 0)
    drawn = _drawn(each, metrics, n_boot, n, rng(seed))
    doubts = [flag.NONFINITE_DROPPED] if dropped else []
    doubts += [] if n else [flag.EMPTY]
    found = []
    for a, b in combinations(each, 2):
        for metric in metrics:
            spread = drawn[b][metric] - drawn[a][metric]
            ends = np.quantile(spread, (0.5 - level / 2, 0.5 + level / 2)) if n else ()
            low, high = (float(v) for v in ends) if n else (NAN, NAN)
            own = [each[m].value(metric) for m in (a, b)]
            p_value = NAN
            if n and metric == "accuracy":
                right = [each[m].each["accuracy"] for m in (a, b)]
                p_value = mcnemar(*right).p_value
            found.append(
                PairedDifference(
                    a=a,
                    b=b,
                    metric=metric,
                    value_a=own[0],
                    value_b=own[1],
                    difference=own[1] - own[0],
                    low=low,
                    high=high,
                    level=level,
                    p_value=p_value,
                    n=n,
                    flags=tuple(doubts),
                )
            )
    return tuple(found)


def _common(labels: Any, scores: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Returns the rows that are finite for every model."""
    y = np.asarray(labels)
    given = {name: np.asarray(p) for name, p in scores.items()}
    sizes = sorted({len(p) for p in given.values()} | {len(y)})
    check(len(sizes) == 1, "scores", "of as many rows as `labels`", sizes)
    good = np.ones(len(y), bool)
    for p in given.values():
        finite = np.isfinite(p.astype(np.float64))
        good &= finite if p.ndim == 1 else finite.all(axis=tuple(range(1, p.ndim)))
    return y[good], {name: p[good] for name, p in given.items()}


def _drawn(
    each: Mapping[str, "_Rows"],
    metrics: Sequence[str],
    n_boot: int,
    n: int,
    generator: np.random.Generator,
) -> dict[str, dict[str, FloatArray]]:
    """Returns {model: {metric: (n_boot,)}}, every draw the same for all models."""
    found: dict[str, dict[str, list[FloatArray]]] = {
        name: {m: [] for m in metrics} for name in each
    }
    for start in range(0, n_boot if n else 0, _BLOCK):
        counts = np.stack([
            np.bincount(generator.integers(0, n, n), minlength=n)
            for _ in range(min(_BLOCK, n_boot - start))
        ]).astype(np.float64)  # fmt: skip
        for name, rows in each.items():
            for metric in metrics:
                found[name][metric].append(rows.drawn(counts, metric))
    return {
        name: {m: np.concatenate(v) if v else np.empty(0) for m, v in values.items()}
        for name, values in found.items()
    }


class _Rows:
    """One model's rows, ready to be drawn again."""

    def __init__(self, each: dict[str, Any], gap: Any = None, bins: Any = None) -> None:
        self.each, self.gap, self.bins = each, gap, bins
        self.n = len(next(iter(each.values())))

    @classmethod
    def of(cls, labels: Any, scores: Any, kind: Kind, n_bins: int) -> "_Rows":
        found = prepare(labels, scores, kind)
        p = np.asarray(found.scores, dtype=np.float64)
        y = np.asarray(found.labels)
        full = np.stack([1 - p, p], axis=1) if p.ndim == 1 else p
        own = full[np.arange(len(y)), y]
        squares = (full**2).sum(axis=1) - 2 * own + 1
        each = {
            "accuracy": (full.argmax(axis=1) == y).astype(np.float64),
            "nll": -np.log(np.clip(own, found.epsilon, 1.0)),
            "brier": squares / 2 if p.ndim == 1 else squares,
        }
        confidence = np.asarray(found.confidence, dtype=np.float64)
        gap = np.asarray(found.outcome, dtype=np.float64) - confidence
        edges = np.linspace(0, 1, n_bins + 1)[1:-1]
        bins = np.searchsorted(edges, confidence, side="left")
        return cls(each, gap, np.eye(n_bins)[bins])

    @classmethod
    def of_numbers(cls, y: FloatArray, p: FloatArray) -> "_Rows":
        error = p - y
        each = {"mae": np.abs(error).mean(axis=1), "rmse": (error**2).mean(axis=1)}
        return cls(each)

    def value(self, metric: str) -> float:
        """Returns the measure over all rows."""
        if not self.n:
            return NAN
        return float(self.drawn(np.ones((1, self.n)), metric)[0])

    def drawn(self, counts: FloatArray, metric: str) -> FloatArray:
        """Returns the measure over every draw."""
        n = counts.shape[1]
        if metric == "ece":
            sums = counts @ (self.gap[:, None] * self.bins)
            return np.asarray(np.abs(sums).sum(axis=1) / n)
        mean = counts @ self.each[metric] / n
        return np.asarray(np.sqrt(mean) if metric == "rmse" else mean)
