"""How far the predictions of several models agree."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import FloatArray, float64, same_length
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class AgreementMatrix(AnalysisResult):
    """Share of rows on which two models choose the same class.

    Unpacks to names, matrix.

    Attributes:
        names: Models in the order given.
        matrix: (models, models).
    """

    names: tuple[str, ...]
    matrix: FloatArray

    def __iter__(self) -> Iterator[Any]:
        return iter((self.names, self.matrix))


@dataclass(frozen=True, slots=True)
class McNemar(AnalysisResult):
    """Test that two models err equally often; unpacks to n01, n10, p_value.

    Attributes:
        n01: Rows that only the second model has right.
        n10: Rows that only the first has right.
        p_value: Two-sided.
    """

    n01: int
    n10: int
    p_value: float

    def __iter__(self) -> Iterator[Any]:
        return iter((self.n01, self.n10, self.p_value))


def agreement_matrix(scores: Mapping[str, Any]) -> AgreementMatrix:
    """Compares the chosen classes of {name: (n, K) or (n,) scores}."""
    chosen = {k: _chosen(float64(v, k)) for k, v in scores.items()}
    same_length(**chosen)
    table = np.array(list(chosen.values()))
    matrix = np.array(
        [[np.mean(a == b) if a.size else np.nan for b in table] for a in table]
    )
    return AgreementMatrix(tuple(scores), matrix.reshape(len(table), len(table)))


def _chosen(p: FloatArray) -> Any:
    return (p > 0.5).reshape(-1) if p.ndim == 1 or p.shape[-1] == 1 else p.argmax(-1)


def distribution_distances(p: Any, q: Any) -> dict[str, float]:
    """Returns means over rows of distances between (n, K) or (n,) probabilities.

    kl_pq, kl_qp and the Jensen-Shannon divergence in nats; its distance (the root),
    total variation and Hellinger. A class that only one side excludes makes the
    Kullback-Leibler divergence infinite.
    """
    a, b = float64(p, "p"), float64(q, "q")
    check(a.shape == b.shape and a.ndim in (1, 2), "q", f"of shape {a.shape}", b.shape)
    if a.ndim == 1 or a.shape[1] == 1:
        a, b = (np.stack([1 - x.ravel(), x.ravel()], axis=1) for x in (a, b))
    middle = (a + b) / 2
    js = np.clip((_kl(a, middle) + _kl(b, middle)) / 2, 0.0, math.log(2))
    each = {
        "kl_pq": _kl(a, b),
        "kl_qp": _kl(b, a),
        "jensen_shannon_divergence": js,
        "jensen_shannon_distance": np.sqrt(js),
        "total_variation": np.abs(a - b).sum(axis=1) / 2,
        "hellinger": np.sqrt(((np.sqrt(a) - np.sqrt(b)) ** 2).sum(axis=1) / 2),
    }
    return {k: float(v.mean()) if v.size else math.nan for k, v in each.items()}


def _kl(a: FloatArray, b: FloatArray) -> FloatArray:
    used = a > 0
    with np.errstate(divide="ignore"):
        logs = np.log(np.where(used, a, 1.0)) - np.log(np.where(used, b, 1.0))
    return np.asarray((a * logs).sum(axis=1))


def mcnemar(correct_a: Any, correct_b: Any) -> McNemar:
    """Tests paired rows; exact below 25 rows on which the models differ.

    Source: McNemar (1947), Psychometrika 12; with Edwards' correction.
    """
    a, b = (
        float64(correct_a, "correct_a", 1) > 0.5,
        float64(correct_b, "correct_b", 1) > 0.5,
    )
    same_length(correct_a=a, correct_b=b)
    n01, n10 = int((~a & b).sum()), int((a & ~b).sum())
    n = n01 + n10
    if n < 25:
        tail = sum(math.comb(n, k) for k in range(min(n01, n10) + 1)) / 2**n
        return McNemar(n01, n10, min(1.0, 2 * tail))
    statistic = (abs(n01 - n10) - 1) ** 2 / n
    return McNemar(n01, n10, math.erfc(math.sqrt(statistic / 2)))
