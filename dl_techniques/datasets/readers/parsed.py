"""What every reader returns, and the checks that all of them share."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DataKind, DataTask
from dl_techniques.datasets.readers.limits import MAX_CLASSES

TaskChoice = Literal["auto", "classification", "regression"]
MAX_WHOLE_TARGETS = 50  # more different whole numbers are a regression


@dataclass(frozen=True)
class Parsed:
    """An upload's samples.

    Attributes:
        x: (n, ...) float32, or uint8 images.
        y: (n,) class numbers or float32 targets.
        kind: What one sample is.
        task: What is predicted.
        class_names: One name a class; empty for regression.
        feature_names: Names of the entries of a vector.
        x_test: The upload's own test samples, or None.
        y_test: Their labels.
        notes: What a person should know, one line each.
    """

    x: np.ndarray
    y: np.ndarray
    kind: DataKind
    task: DataTask
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    x_test: np.ndarray | None = None
    y_test: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def encode_labels(
    values: np.ndarray, task: TaskChoice, where: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Returns class numbers and their names, or float targets and no names.

    Args:
        values: (n,) numbers or texts, none missing.
        task: "auto" takes broken numbers, and more than 50 different whole numbers,
            for a regression.
        where: How an error names these labels.
    """
    numeric = values.dtype.kind in "iuf"
    distinct = np.unique(values)
    if len(distinct) < 2:
        raise DatasetError(
            f"{where} has a single value, {_short(distinct)}; there is nothing to learn"
        )
    if task == "regression" or (task == "auto" and numeric and _measures(distinct)):
        if not numeric:
            raise DatasetError(
                f"{where} holds texts such as {_short(distinct)}, which no regression "
                "can predict"
            )
        return _targets(values, where), ()
    if len(distinct) > MAX_CLASSES:
        raise DatasetError(
            f"{where} has {len(distinct)} different values; at most {MAX_CLASSES} "
            "classes are allowed"
        )
    y = np.searchsorted(distinct, values)
    counts = np.bincount(y, minlength=len(distinct))
    if counts.min() < 2:
        raise DatasetError(
            f"{where} has class {_short(distinct[counts.argmin() :])} only once; "
            "training and test set need a sample of each class"
        )
    return y.astype(np.int32), tuple(_name(v) for v in distinct)


def _measures(distinct: np.ndarray) -> bool:
    broken = distinct.dtype.kind == "f" and bool((distinct % 1 != 0).any())
    return broken or len(distinct) > MAX_WHOLE_TARGETS


def _targets(values: np.ndarray, where: str) -> np.ndarray:
    y = values.astype(np.float64)
    if not (abs(y) < np.finfo(np.float32).max).all():
        raise DatasetError(f"{where} holds numbers too large for float32, or none")
    return y.astype(np.float32)


def _name(value: object) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return " ".join(str(value).split())[:80] or "(empty)"


def _short(distinct: np.ndarray) -> str:
    return repr(_name(distinct[0])) if len(distinct) else "none"
