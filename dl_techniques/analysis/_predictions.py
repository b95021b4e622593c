"""Checks labels and scores once, for every calibration and confidence measure.

One file: these are the steps of one check, each of which needs what the last found.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import FloatArray, IntArray, flag_tuple, numeric
from dl_techniques.analysis._labels import match_labels, match_weight
from dl_techniques.analysis._top_label import top_label
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

Kind = Literal["auto", "multiclass", "binary", "multilabel", "logits"]
_KINDS = ("auto", "multiclass", "binary", "multilabel", "logits")
_OUTSIDE = 1e-6


class Prepared(NamedTuple):
    """Rows that passed the check; see `CheckedPredictions`. Nothing is copied."""

    kind: str
    labels: IntArray
    scores: NDArray[Any]
    confidence: NDArray[Any]
    outcome: NDArray[np.bool_]
    targets: FloatArray | None
    sample_weight: FloatArray | None
    logits: FloatArray | None
    n_invalid: int
    epsilon: float
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckedPredictions(AnalysisResult):
    """Labels and scores that every calibration measure can use.

    Attributes:
        kind: "binary", "multiclass" or "multilabel" (then a row is a pair of sample
            and label).
        labels: (n,) class numbers.
        scores: (n, K) probabilities, or (n,) of class 1.
        confidence: (n,) largest probability; binary: probability of class 1.
        outcome: (n,) whether the class with that probability is the label.
        targets: (n, K) or (n,) soft labels, None when each is a class.
        sample_weight: (n,) or None.
        logits: What the scores were computed from, or None.
        n_invalid: Rows left out.
        epsilon: Relative rounding of the scores as given.
    """

    kind: str
    labels: IntArray
    scores: NDArray[Any]
    confidence: NDArray[Any]
    outcome: NDArray[np.bool_]
    targets: FloatArray | None
    sample_weight: FloatArray | None
    logits: FloatArray | None
    n_invalid: int
    epsilon: float


def check_predictions(
    labels: Any,
    scores: Any,
    *,
    kind: Kind = "auto",
    on_invalid: Literal["drop", "raise"] = "drop",
    sum_tol: float = 1e-3,
    sample_weight: Any = None,
) -> CheckedPredictions:
    """Brings labels and scores into one form, or says what is wrong with them.

    Args:
        labels: (n,) class numbers, or (n, K) one-hot or soft.
        scores: (n, K) probabilities, or (n,) or (n, 1) of class 1. More axes before
            the last are rows too.
        kind: "auto" means binary for one column and multiclass otherwise; logits are
            never guessed.
        on_invalid: Rows with NaN, inf or an unknown label are dropped and counted, or
            raise.
        sum_tol: How far a row's sum may lie from 1.
        sample_weight: (n,) non-negative.

    Raises:
        ValueError: Shapes do not fit, or the scores are no probabilities.
    """
    found = prepare(labels, scores, kind, sample_weight, on_invalid, sum_tol)
    return CheckedPredictions(**found._asdict())


def prepare(
    labels: Any,
    scores: Any,
    kind: str = "auto",
    sample_weight: Any = None,
    on_invalid: str = "drop",
    sum_tol: float = 1e-3,
) -> Prepared:
    """Does what `check_predictions` says, without copying what is already right."""
    check(kind in _KINDS, "kind", "one of " + ", ".join(_KINDS), kind)
    check(
        on_invalid in ("drop", "raise"), "on_invalid", "'drop' or 'raise'", on_invalid
    )
    raw = np.asarray(scores)
    epsilon = _epsilon(raw)
    found = numeric(raw, "scores")
    if found.dtype.kind != "f":
        found = found.astype(np.float64)
    check(found.ndim > 0, "scores", "an array with at least one axis", found.shape)
    logits = kind == "logits"
    one_column = found.ndim == 1 or found.shape[-1] == 1
    if kind in ("auto", "logits"):
        kind = "binary" if one_column else "multiclass"
    rows, width = _rows(found, kind)
    y, targets = match_labels(labels, found.shape, kind, width)
    weight = match_weight(sample_weight, found.shape, len(y))
    parts = _valid((rows, y, targets, weight), width, on_invalid)
    return _judge(parts, kind, logits, sum_tol, epsilon)


def _judge(
    parts: Any, kind: str, logits: bool, sum_tol: float, epsilon: float
) -> Prepared:
    rows, y, targets, weight, n_invalid, deviation = parts
    doubts = [flag.NONFINITE_DROPPED] if n_invalid else []
    z = rows.astype(np.float64) if logits else None
    p = rows if z is None else from_logits(z)
    if kind == "multiclass":
        confidence, outcome, lowest = top_label(p, y)
        if not logits:
            _check_rows(deviation, lowest, confidence, sum_tol, p)
            doubts += [flag.NOT_NORMALISED] if deviation > sum_tol / 10 else []
    else:
        confidence, outcome = p, y == 1
        _check_range(p)
    doubts += [] if len(y) else [flag.EMPTY]
    return Prepared(
        kind, y, p, confidence, outcome, targets, weight, z,
        n_invalid, epsilon, flag_tuple(doubts),
    )  # fmt: skip


def from_logits(logits: FloatArray) -> FloatArray:
    """Returns softmax over the last of two axes, or the sigmoid of one axis."""
    if logits.ndim == 1:
        small = np.exp(-np.abs(logits))
        return np.where(logits >= 0, 1.0, small) / (1.0 + small)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def _epsilon(raw: NDArray[Any]) -> float:
    if raw.dtype.kind == "f":
        return float(np.finfo(raw.dtype).eps)
    if raw.dtype.name == "bfloat16":
        return 2.0**-7
    return float(np.finfo(np.float64).eps)


def _rows(scores: NDArray[Any], kind: str) -> tuple[NDArray[Any], int]:
    if kind == "multiclass":
        check(
            scores.ndim > 1 and scores.shape[-1] > 1,
            "scores", "of shape (n, K) with K at least 2", scores.shape,
        )  # fmt: skip
        width = scores.shape[-1]
        return scores if scores.ndim == 2 else scores.reshape(-1, width), width
    return scores.reshape(-1), 2


def _valid(columns: tuple[Any, Any, Any, Any], width: int, on_invalid: str) -> Any:
    rows, y, targets, weight = columns
    with np.errstate(invalid="ignore", over="ignore"):
        sums = rows if rows.ndim == 1 else rows @ np.ones(width, rows.dtype)
    good = np.isfinite(sums)
    if y.size and (y.min() < 0 or y.max() >= width):
        good &= (y >= 0) & (y < width)
    if targets is not None:
        good &= np.isfinite(targets if targets.ndim == 1 else targets.sum(axis=1))
    n_invalid = int(good.size - np.count_nonzero(good))
    deviation = float(np.abs(sums[good] - 1 if n_invalid else sums - 1).max(initial=0))
    if not n_invalid:
        return rows, y, targets, weight, 0, deviation
    if on_invalid == "raise":
        raise ValueError(
            "`scores` and `labels` must be finite, labels in "
            f"[0, {width}). Received: {n_invalid} invalid of {good.size} rows"
        )
    kept = [None if part is None else part[good] for part in columns]
    return *kept, n_invalid, deviation


def _check_rows(
    deviation: float, low: float, top: NDArray[Any], sum_tol: float, p: NDArray[Any]
) -> None:
    high = float(top.max(initial=0.0))
    if deviation > sum_tol or low < -_OUTSIDE or high > 1 + _OUTSIDE:
        raise ValueError(
            "`scores` must be probabilities in [0, 1] whose rows sum to 1; pass "
            f"kind='logits' for logits. Received: shape {p.shape}, row sums up to "
            f"{deviation:.3g} from 1, values in [{low:.3g}, {high:.3g}]"
        )


def _check_range(p: NDArray[Any]) -> None:
    low, high = float(p.min(initial=0.0)), float(p.max(initial=0.0))
    if low < -_OUTSIDE or high > 1 + _OUTSIDE:
        raise ValueError(
            "`scores` must be probabilities in [0, 1]; pass kind='logits' for logits. "
            f"Received: shape {p.shape}, values in [{low:.3g}, {high:.3g}]"
        )
