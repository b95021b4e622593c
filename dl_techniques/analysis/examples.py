"""The samples worth looking at, and measures over parts of the data; NumPy only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, BoolArray, FloatArray, IntArray
from dl_techniques.analysis._binning import bin_predictions
from dl_techniques.analysis._predictions import Kind, prepare
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check_choice, check_int

Order = Literal["hardest", "overconfident", "unsure", "easiest"]


@dataclass(frozen=True, slots=True)
class Examples(AnalysisResult):
    """Some samples with what a model says about them, the most telling first.

    Attributes:
        order: What they were chosen for.
        rows: (k,) places in the arrays given.
        labels: (k,) classes.
        chosen: (k,) likeliest classes.
        confidence: (k,) probability of the chosen class.
        own: (k,) probability of the label.
        loss: (k,) -ln of it, in nats.
    """

    order: str
    rows: IntArray
    labels: IntArray
    chosen: IntArray
    confidence: FloatArray
    own: FloatArray
    loss: FloatArray


@dataclass(frozen=True, slots=True)
class Slices(AnalysisResult):
    """Measures over parts of the data.

    Attributes:
        names: Parts in the order given.
        n: (s,) rows.
        accuracy, confidence, ece, nll: (s,); NaN of an empty part.
    """

    names: tuple[str, ...]
    n: IntArray
    accuracy: FloatArray
    confidence: FloatArray
    ece: FloatArray
    nll: FloatArray


class _Rows:
    """Labels, chosen classes and probabilities of the valid rows."""

    def __init__(self, labels: Any, scores: Any, kind: Kind) -> None:
        scores = np.asarray(scores)
        flat = scores.reshape(len(scores), int(np.prod(scores.shape[1:])))
        good = np.isfinite(flat.astype(np.float64)).all(axis=1)
        self.at = np.flatnonzero(good)
        found = prepare(np.asarray(labels)[good], scores[good], kind)
        p = np.asarray(found.scores, dtype=np.float64)
        full = np.stack([1 - p, p], axis=1) if p.ndim == 1 else p
        self.labels = np.asarray(found.labels)
        self.chosen = full.argmax(axis=1)
        self.confidence = full.max(axis=1, initial=0.0)
        self.own = full[np.arange(len(full)), self.labels]
        self.loss = -np.log(np.clip(self.own, found.epsilon, 1.0))
        self.right: BoolArray = self.chosen == self.labels
        self.dropped = len(self.at) < len(scores)


def pick_examples(
    labels: Any,
    scores: Any,
    *,
    order: Order = "hardest",
    k: int = 25,
    kind: Kind = "auto",
) -> Examples:
    """Picks samples of one kind.

    Args:
        labels: (n,) classes.
        scores: (n, K) or (n,) probabilities.
        order: "hardest" by the loss; "overconfident" wrong ones by confidence;
            "unsure" by the least confidence; "easiest" by the least loss.
        k: Most samples.
        kind: As for `check_predictions`.
    """
    check_choice("order", order, ("hardest", "overconfident", "unsure", "easiest"))
    check_int("k", k)
    rows = _Rows(labels, scores, kind)
    rank = {
        "hardest": -rows.loss,
        "overconfident": np.where(rows.right, np.inf, -rows.confidence),
        "unsure": rows.confidence,
        "easiest": rows.loss,
    }[order]
    first = np.argsort(rank, kind="stable")[:k]
    first = first[np.isfinite(rank[first])]
    doubts = [flag.NONFINITE_DROPPED] if rows.dropped else []
    doubts += [] if len(first) else [flag.EMPTY]
    return Examples(
        order=order,
        rows=rows.at[first],
        labels=rows.labels[first],
        chosen=rows.chosen[first],
        confidence=rows.confidence[first],
        own=rows.own[first],
        loss=rows.loss[first],
        flags=tuple(doubts),
    )


def slice_metrics(
    labels: Any,
    scores: Any,
    parts: Mapping[str, Any] | NDArray[Any],
    *,
    n_bins: int = 15,
    kind: Kind = "auto",
) -> Slices:
    """Measures every part of the data by itself.

    Args:
        labels: (n,) classes.
        scores: (n, K) or (n,) probabilities.
        parts: {name: (n,) whether a row belongs to it}, or (n,) names of parts.
        n_bins: Bins of the calibration error.
        kind: As for `check_predictions`.
    """
    rows = _Rows(labels, scores, kind)
    if not isinstance(parts, Mapping):
        given = np.asarray(parts)
        parts = {str(v): given == v for v in np.unique(given)}
    table = []
    for belongs in parts.values():
        mine = np.asarray(belongs, bool)[rows.at]
        n = int(mine.sum())
        if not n:
            table.append((0, NAN, NAN, NAN, NAN))
            continue
        bins = bin_predictions(rows.confidence[mine], rows.right[mine], n_bins=n_bins)
        gaps = np.abs(np.nan_to_num(bins.gap)) * bins.count / n
        means = (v[mine].mean() for v in (rows.right, rows.confidence, rows.loss))
        accuracy, confidence, nll = (float(m) for m in means)
        table.append((n, accuracy, confidence, float(gaps.sum()), nll))
    columns = np.array(table, dtype=np.float64).reshape(len(table), 5).T
    return Slices(
        tuple(parts), columns[0].astype(np.int64), columns[1], columns[2], columns[3],
        columns[4], flags=(flag.NONFINITE_DROPPED,) if rows.dropped else (),
    )  # fmt: skip
