"""What a training history tells; NumPy only."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dl_techniques.analysis import flags as flag
from dl_techniques.analysis._arrays import NAN, FloatArray, float64
from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.metric_names import best_mode
from dl_techniques.utils.validation import check


@dataclass(frozen=True, slots=True)
class TrainingDynamics(AnalysisResult):
    """Summary of a history. Epochs count from 1; NaN where data are missing.

    Attributes:
        metric: The one judged.
        mode: "min" or "max".
        n_epochs: Epochs recorded.
        best_epoch: Epoch of the best value; None without one.
        best_value: That value.
        epochs_to_convergence: First epoch whose best so far covers the share
            `convergence` of the way from the first to the best value; None without one.
        stability: Standard deviation of the last `window` validation losses.
        overfitting_index: Mean of validation - training loss over the final part.
        final_gap: The same at the last epoch.
        generalisation_gap: The same at the epoch of the best validation loss.
        diverged: Whether the last loss is not finite or above 10 times the best.
        plateau_epochs: Epochs since the best value last improved.
        auc_loss: Mean of the (validation, else training) loss over the epochs.
        seconds_per_epoch: Mean, when the history has "seconds" or "time".
    """

    metric: str
    mode: str
    n_epochs: int
    best_epoch: int | None
    best_value: float
    epochs_to_convergence: int | None
    stability: float
    overfitting_index: float
    final_gap: float
    generalisation_gap: float
    diverged: bool
    plateau_epochs: int | None
    auc_loss: float
    seconds_per_epoch: float


def training_dynamics(
    history: Any,
    *,
    metric: str = "auto",
    mode: Literal["auto", "min", "max"] = "auto",
    convergence: float = 0.95,
    window: int = 10,
    final_fraction: float = 1 / 3,
) -> TrainingDynamics:
    """Summarises {name: values an epoch} or an object whose `history` is that.

    Args:
        history: With "loss", "val_loss" and whatever metrics there are.
        metric: Judged; "auto" takes val_accuracy, accuracy, val_loss, loss in turn.
        mode: "auto" goes by the name.
        convergence: Share of the way that counts as converged.
        window: Epochs of `stability`.
        final_fraction: Share of the epochs in `overfitting_index`.
    """
    given = getattr(history, "history", history)
    check(isinstance(given, dict), "history", "a dictionary of lists", type(given))
    check(0 < convergence <= 1, "convergence", "above 0 and at most 1", convergence)
    check(is_int(window) and window > 1, "window", "at least 2", window)
    good = 0 < final_fraction <= 1
    check(good, "final_fraction", "above 0 and at most 1", final_fraction)
    series = {k: float64(v, k, 1) for k, v in given.items()}
    name = _metric(series) if metric == "auto" else metric
    check(name in series or not series, "metric", f"one of {sorted(series)}", name)
    way = mode if mode != "auto" else _mode(name)
    check(way in ("min", "max"), "mode", "'auto', 'min' or 'max'", mode)
    values = series.get(name, np.empty(0))
    best, reached, plateau = _progress(values, way, convergence)
    train, val = series.get("loss", values[:0]), series.get("val_loss", values[:0])
    n = min(len(train), len(val))
    gap = val[:n] - train[:n]
    last = max(1, round(n * final_fraction)) if n else 0
    loss = val if len(val) else train
    seconds = series.get("seconds", series.get("time", values[:0]))
    recent = val[-window:][np.isfinite(val[-window:])]
    lowest = _best_index(val[:n])
    return TrainingDynamics(
        metric=name,
        mode=way,
        n_epochs=max((len(v) for v in series.values()), default=0),
        best_epoch=None if best is None else best + 1,
        best_value=NAN if best is None else float(values[best]),
        epochs_to_convergence=reached,
        stability=float(recent.std()) if len(recent) >= 3 else NAN,
        overfitting_index=_mean(gap[n - last :]),
        final_gap=float(gap[-1]) if n else NAN,
        generalisation_gap=NAN if lowest is None else float(gap[lowest]),
        diverged=_diverged(loss) or _diverged(train),
        plateau_epochs=plateau,
        auc_loss=_mean(loss),
        seconds_per_epoch=_mean(seconds),
        flags=() if len(values) else (flag.EMPTY,),
    )


def _metric(series: dict[str, FloatArray]) -> str:
    for name in ("val_accuracy", "accuracy", "val_loss", "loss"):
        if name in series:
            return name
    return next(iter(series), "loss")


def _mode(name: str) -> str:
    found = best_mode(name)
    if not found:
        raise ValueError(
            "`mode` must be 'min' or 'max' where the name does not tell. "
            f"Received: metric={name!r}"
        )
    return found


def _best_index(values: FloatArray) -> int | None:
    finite = np.isfinite(values)
    return int(np.where(finite, values, np.inf).argmin()) if finite.any() else None


def _progress(
    values: FloatArray, mode: str, share: float
) -> tuple[int | None, int | None, int | None]:
    cost = values if mode == "min" else -values
    best = _best_index(cost)
    if best is None:
        return None, None, None
    finite = np.isfinite(cost)
    so_far = np.minimum.accumulate(np.where(finite, cost, np.inf))
    first = cost[finite][0]
    goal = first + share * (cost[best] - first)
    slack = 1e-12 * max(abs(goal), abs(first))
    reached = int(np.flatnonzero(so_far <= goal + slack)[0]) + 1
    return best, reached, len(values) - 1 - best


def _mean(values: FloatArray) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else NAN


def _diverged(loss: FloatArray) -> bool:
    if not len(loss):
        return False
    best = _best_index(loss)
    if best is None or not np.isfinite(loss[-1]):
        return True
    return bool(loss[best] > 0 and loss[-1] > 10 * loss[best])


def smooth(
    values: Any, window: int = 5, kind: Literal["mean", "ema"] = "mean"
) -> FloatArray:
    """Returns (n,) smoothed values; NaN stays out of the means.

    "mean" averages the window around each point, shrunk at the ends; "ema" is the
    exponential mean with weight 2 / (window + 1), corrected for its start.
    """
    check(is_int(window) and window > 0, "window", "at least 1", window)
    check(kind in ("mean", "ema"), "kind", "'mean' or 'ema'", kind)
    x = float64(values, "values", 1)
    good = np.isfinite(x)
    filled = np.where(good, x, 0.0)
    n = len(x)
    if kind == "mean":
        sums, counts = (
            np.concatenate([[0.0], np.cumsum(v)]) for v in (filled, good.astype(float))
        )
        at = np.arange(n)
        low = np.maximum(at - (window - 1) // 2, 0)
        high = np.minimum(at + window // 2 + 1, n)
        count = counts[high] - counts[low]
        return np.asarray((sums[high] - sums[low]) / np.where(count > 0, count, np.nan))
    out, level, weight, a = np.full(n, NAN), 0.0, 0.0, 2 / (window + 1)
    for i in range(n):
        if good[i]:
            level, weight = (1 - a) * level + a * x[i], (1 - a) * weight + a
        out[i] = level / weight if weight else NAN
    return out
