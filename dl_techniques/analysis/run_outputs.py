"""What finished runs stored, and runs side by side; NumPy only.

One file: runs are compared by the keys of samples that are read and made here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._agreement import AgreementMatrix, agreement_matrix
from dl_techniques.analysis._arrays import Seed
from dl_techniques.analysis._similarity import CKAMatrix, cka_matrix
from dl_techniques.analysis.comparison import (
    PairedDifference,
    paired_differences,
    paired_errors,
)
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.validation import check

Keys = NDArray[np.uint64]
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class RunOutputs(AnalysisResult):
    """What one run said about its held-out samples, and how its layers see some.

    Attributes:
        y_true: (n,) classes, or targets.
        outputs: (n, ...) what the model returned.
        y_prob: (n, K) probabilities; None for numbers.
        keys: (n,) a number made of each sample's content: equal for equal samples.
        features: Layer -> (m, d) for m of the samples; the last is before the head.
        feature_keys: (m,) of these samples.
        feature_labels: (m,) their classes or targets.
    """

    y_true: NDArray[Any]
    outputs: NDArray[Any]
    y_prob: NDArray[Any] | None
    keys: Keys
    features: dict[str, NDArray[Any]]
    feature_keys: Keys
    feature_labels: NDArray[Any]

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Reads predictions.npz and, if there, representation.npz of a run.

        Raises:
            FileNotFoundError: If the run stored no predictions.
        """
        folder = Path(folder)
        with np.load(folder / "predictions.npz", allow_pickle=False) as file:
            said = dict(file)
        features: dict[str, Any] = {}
        seen: dict[str, Any] = {}
        path = folder / "representation.npz"
        if path.exists():
            with np.load(path, allow_pickle=False) as file:
                seen = dict(file)
            names = seen.get("layers", np.empty(0, str)).tolist()
            features = {str(n): seen[f"layer_{i}"] for i, n in enumerate(names)}
            features = features or {"features": seen["features"]}
        nothing = np.empty(0, np.uint64)
        return cls(
            y_true=said["y_true"],
            outputs=said["outputs"],
            y_prob=said.get("y_prob"),
            keys=said.get("keys", nothing),
            features=features,
            feature_keys=seen.get("keys", nothing),
            feature_labels=seen.get("y_true", np.empty(0)),
        )


@dataclass(frozen=True, slots=True)
class RunComparison(AnalysisResult):
    """Runs on the samples that all of them held out.

    Attributes:
        names: Runs in the order given.
        n: Samples in common.
        agreement: Share of equal answers; None for numbers or without samples.
        differences: Every two runs, with intervals and McNemar's test.
        cka: Similarity of the layers before the heads; None without samples.
        notes: What could not be compared, in words.
    """

    names: tuple[str, ...]
    n: int
    agreement: AgreementMatrix | None
    differences: tuple[PairedDifference, ...]
    cka: CKAMatrix | None
    notes: tuple[str, ...]


def sample_keys(x: Any) -> Keys:
    """Returns (n,) 64-bit numbers made of each sample's bytes."""
    rows = np.ascontiguousarray(x)
    digests = (hashlib.blake2b(r.tobytes(), digest_size=8).digest() for r in rows)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def common_rows(keys: Mapping[str, Any]) -> dict[str, NDArray[np.int64]]:
    """Returns {run: rows} so that the rows of all runs are the same samples.

    The order is the first run's; the second of two equal samples pairs with the
    second.
    """
    placed = {name: _places(k) for name, k in keys.items()}
    if not placed:
        return {}
    first = next(iter(placed.values()))
    shared = [k for k in first if all(k in p for p in placed.values())]
    return {
        name: np.array([p[k] for k in shared], dtype=np.int64)
        for name, p in placed.items()
    }


def _places(keys: Any) -> dict[tuple[int, int], int]:
    turn: dict[int, int] = {}
    found = {}
    for row, key in enumerate(np.asarray(keys).tolist()):
        turn[key] = turn.get(key, -1) + 1
        found[key, turn[key]] = row
    return found


def compare_runs(
    runs: Mapping[str, RunOutputs],
    *,
    n_bins: int = 15,
    n_boot: int = 500,
    level: float = 0.95,
    seed: Seed = 0,
) -> RunComparison:
    """Compares stored runs on the samples they have in common.

    Args:
        runs: {name: what it stored}.
        n_bins: Bins of the calibration error.
        n_boot: Draws of the bootstrap.
        level: Coverage of the intervals.
        seed: Of the draws.
    """
    check(len(runs) > 0, "runs", "at least one", runs)
    notes: list[str] = []
    rows = common_rows({name: r.keys for name, r in runs.items()})
    n = len(next(iter(rows.values())))
    agreement: AgreementMatrix | None = None
    differences: tuple[PairedDifference, ...] = ()
    if n < _FEWEST:
        notes.append(f"the runs held out only {n} samples in common")
    else:
        options: dict[str, Any] = {"n_boot": n_boot, "level": level, "seed": seed}
        agreement, differences = _answers(runs, rows, n_bins, options, notes)
    return RunComparison(
        names=tuple(runs),
        n=n,
        agreement=agreement,
        differences=differences,
        cka=_heads(runs, notes),
        notes=tuple(notes),
        flags=() if n else (flag.EMPTY,),
    )


def _answers(
    runs: Mapping[str, RunOutputs],
    rows: Mapping[str, Any],
    n_bins: int,
    options: dict[str, Any],
    notes: list[str],
) -> tuple[AgreementMatrix | None, tuple[PairedDifference, ...]]:
    first = next(iter(runs))
    y = runs[first].y_true[rows[first]]
    same = all(np.array_equal(r.y_true[rows[n]], y) for n, r in runs.items())
    if not same:
        notes.append("the runs were given different labels or targets")
        return None, ()
    if all(r.y_prob is not None for r in runs.values()):
        p = {n: np.asarray(r.y_prob)[rows[n]] for n, r in runs.items()}
        if len({v.shape for v in p.values()}) > 1:
            notes.append("the runs tell different numbers of classes apart")
            return None, ()
        found = paired_differences(y, p, n_bins=n_bins, **options)
        return agreement_matrix(p), found
    values = {n: r.outputs[rows[n]] for n, r in runs.items()}
    if any(v.size != y.size for v in values.values()):
        notes.append("not every run's output is one number a target")
        return None, ()
    return None, paired_errors(y, values, **options)


def _heads(runs: Mapping[str, RunOutputs], notes: list[str]) -> CKAMatrix | None:
    known = {n: r for n, r in runs.items() if r.features and len(r.feature_keys)}
    rows = common_rows({n: r.feature_keys for n, r in known.items()})
    if len(known) < 2:
        return None
    n = len(next(iter(rows.values())))
    if n < _FEWEST:
        notes.append(f"the runs' layers saw only {n} samples in common")
        return None
    last = {name: r.features[list(r.features)[-1]] for name, r in known.items()}
    return cka_matrix({name: v[rows[name]] for name, v in last.items()})


def layer_similarity(a: RunOutputs, b: RunOutputs) -> CKAMatrix | None:
    """Returns the CKA of every layer of one run with every layer of another.

    None when they have fewer than 8 samples in common.
    """
    rows = common_rows({"a": a.feature_keys, "b": b.feature_keys})
    if len(rows["a"]) < _FEWEST:
        return None
    return cka_matrix(
        {name: v[rows["a"]] for name, v in a.features.items()},
        {name: v[rows["b"]] for name, v in b.features.items()},
    )
