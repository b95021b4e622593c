"""How sure a model is, whether rightly, and how far models agree; NumPy only."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._agreement import (
    AgreementMatrix,
    McNemar,
    agreement_matrix,
    distribution_distances,
    mcnemar,
)
from dl_techniques.analysis._arrays import NAN, BoolArray, FloatArray, float64
from dl_techniques.analysis._moments import quantiles
from dl_techniques.analysis._predictions import Kind, Prepared, prepare
from dl_techniques.analysis._selection import (
    AccuracyCoverage,
    accuracy_coverage_curve,
    confidence_auroc,
    threshold_table,
)
from dl_techniques.analysis.results import AnalysisResult

__all__ = [
    "AccuracyCoverage",
    "AgreementMatrix",
    "ConfidenceStats",
    "McNemar",
    "accuracy_coverage_curve",
    "agreement_matrix",
    "confidence_auroc",
    "confidence_statistics",
    "distribution_distances",
    "mcnemar",
    "threshold_table",
]

LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class ConfidenceStats(AnalysisResult):
    """Measures of every prediction's confidence, and their summary.

    Attributes:
        max_probability: (n,) of the likeliest class.
        margin: (n,) distance of the two likeliest; of one column |2 p - 1|.
        entropy: (n,) in nats.
        normalised_entropy: (n,) entropy / log K, in [0, 1].
        gini_impurity: (n,) 1 - sum p^2.
        energy: (n,) logsumexp of the logits; None without them.
        correct: (n,) whether the likeliest class is the label; None without labels.
        levels: (7,) of the quantiles.
        quantiles: Measure -> (7,).
        mean_right: Measure -> mean over right predictions, NaN when there is none.
        mean_wrong: Measure -> mean over wrong predictions.
        n_invalid: Rows left out.
    """

    max_probability: FloatArray
    margin: FloatArray
    entropy: FloatArray
    normalised_entropy: FloatArray
    gini_impurity: FloatArray
    energy: FloatArray | None
    correct: BoolArray | None
    levels: FloatArray
    quantiles: dict[str, FloatArray]
    mean_right: dict[str, float]
    mean_wrong: dict[str, float]
    n_invalid: int


def confidence_statistics(
    scores: Any, *, labels: Any = None, logits: Any = None, kind: Kind = "auto"
) -> ConfidenceStats:
    """Measures the confidence of every prediction.

    Args:
        scores: (n, K) probabilities, or (n,) of class 1; logits with `kind="logits"`.
        labels: As for `check_predictions`; splits the summary by right and wrong.
        logits: (n, K) for the energy, when `scores` are probabilities.
        kind: As for `check_predictions`.

    Entropy takes 0 log 0 as 0 exactly; rows that sum to 1 only nearly are used as they
    are, the entropy kept within [0, log K].
    """
    shape = np.shape(scores)
    known = labels is not None
    if labels is None:
        wide = kind != "multilabel" and len(shape) > 1 and shape[-1] > 1
        labels = np.zeros(shape[:-1] if wide and kind != "binary" else shape, int)
    found = prepare(labels, scores, kind)
    each = _measures(found)
    z = found.logits
    if logits is not None:
        z = float64(logits, "logits").reshape(-1, np.shape(logits)[-1])
    if z is not None and z.ndim == 2 and len(z) == len(found.labels):
        top = z.max(axis=1, keepdims=True, initial=-np.inf)
        each["energy"] = np.log(np.exp(z - top).sum(axis=1)) + top[:, 0]
    right = _right(found) if known else None
    none: dict[str, float] = {}
    return ConfidenceStats(
        **{name: each.get(name) for name in (*_NAMES, "energy")},  # type: ignore[arg-type]  # energy may be None
        correct=right,
        levels=np.array(LEVELS),
        quantiles={name: quantiles(v, LEVELS) for name, v in each.items()},
        mean_right=none if right is None else _means(each, right),
        mean_wrong=none if right is None else _means(each, ~right),
        n_invalid=found.n_invalid,
        flags=found.flags,
    )


_NAMES = (
    "max_probability",
    "margin",
    "entropy",
    "normalised_entropy",
    "gini_impurity",
)


def _measures(found: Prepared) -> dict[str, FloatArray]:
    p = found.scores.astype(np.float64)
    if p.ndim == 1:
        p = np.stack([1 - p, p], axis=1)
    width = p.shape[1]
    two = np.partition(p, width - 2, axis=1)[:, -2:]
    safe = np.where(p > 0, p, 1.0)
    entropy = np.clip(-(safe * np.log(safe)).sum(axis=1), 0.0, np.log(width))
    return {
        "max_probability": two[:, 1],
        "margin": two[:, 1] - two[:, 0],
        "entropy": entropy,
        "normalised_entropy": entropy / np.log(width),
        "gini_impurity": 1.0 - (p * p).sum(axis=1),
    }


def _right(found: Prepared) -> BoolArray:
    if found.scores.ndim == 2:
        return found.outcome
    return np.asarray((found.scores > 0.5) == (found.labels == 1))


def _means(each: dict[str, FloatArray], rows: BoolArray) -> dict[str, float]:
    return {k: float(v[rows].mean()) if rows.any() else NAN for k, v in each.items()}
