"""From a table to features and labels."""

import numpy as np
import pandas as pd

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.knobs import did_you_mean
from dl_techniques.datasets.readers.limits import (
    MAX_CATEGORIES,
    MAX_CELLS,
    MAX_CLASSES,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_TEXT,
)
from dl_techniques.datasets.readers.parsed import Parsed, TaskChoice, encode_labels

LABELS = ("label", "class", "target", "y")


def parse_table(
    frame: pd.DataFrame, name: str, label: str | None, task: TaskChoice
) -> Parsed:
    """Turns columns into float32 features; few different texts become one-hot.

    Raises:
        DatasetError: No rows, no label column, a missing cell, or a column that is
            neither numbers nor a few texts; the column is named.
    """
    check_size(name, len(frame), frame.shape[1])
    if frame.shape[1] < 2:
        raise DatasetError(f"{name} needs a label column and at least one other column")
    frame.columns = pd.Index([str(c).strip() for c in frame.columns])
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DatasetError(f"{name} has two columns called {twice[0]!r}")
    label = _label_column(list(frame.columns), name, label)
    _check_cells(frame, name)
    where = f"{name}: column {label!r}"
    y, names = _labels(frame[label], where, task)
    blocks: list[np.ndarray] = []
    features: list[str] = []
    for column in frame.columns.drop(label):
        block, titles = _features(frame[column], name, column, len(features))
        blocks.append(block)
        features += titles
    return Parsed(
        np.concatenate(blocks, axis=1),
        y,
        "vector",
        "classification" if names else "regression",
        names,
        tuple(features),
    )


def check_size(name: str, rows: int, columns: int) -> None:
    """Raises `DatasetError` for an empty or an oversized table."""
    if rows < 1:
        raise DatasetError(f"{name} has no rows")
    if rows > MAX_ROWS:
        raise DatasetError(f"{name} has {rows} rows; at most {MAX_ROWS} are allowed")
    if columns > MAX_COLUMNS:
        raise DatasetError(
            f"{name} has {columns} columns; at most {MAX_COLUMNS} are allowed"
        )
    if rows * columns > MAX_CELLS:
        raise DatasetError(
            f"{name} has {rows * columns} cells; at most {MAX_CELLS} are allowed"
        )


def _label_column(columns: list[str], name: str, label: str | None) -> str:
    shown = ", ".join(columns[:20]) + (", ..." if len(columns) > 20 else "")
    if label is not None:
        if label in columns:
            return label
        raise DatasetError(
            f"{name} has no column called {label!r}.{did_you_mean(label, columns)} "
            f"Columns: {shown}"
        )
    found = [c for c in columns if c.lower() in LABELS]
    if len(found) == 1:
        return found[0]
    raise DatasetError(
        f"{name}: say which column holds the labels, since "
        f"{'several are' if found else 'none is'} called {', '.join(LABELS)}. "
        f"Columns: {shown}"
    )


def _check_cells(frame: pd.DataFrame, name: str) -> None:
    missing = frame.isna()
    counts = missing.sum()
    if counts.max():
        column = counts.index[int(np.argmax(counts.to_numpy() > 0))]
        row = int(np.argmax(missing[column].to_numpy()))
        raise DatasetError(
            f"{name}: column {column!r} has {counts[column]} empty or NaN cells, the "
            f"first in data row {row + 1}; fill or remove them"
        )


def _numbers(column: pd.Series, where: str) -> np.ndarray | None:
    """Returns numbers as they are and truth values as 0 and 1; None for texts."""
    if pd.api.types.is_bool_dtype(column):
        return column.to_numpy(np.int64)
    if pd.api.types.is_complex_dtype(column):
        raise DatasetError(f"{where} holds complex numbers")
    if not pd.api.types.is_numeric_dtype(column):
        return None
    values = column.to_numpy(np.float64)
    if not np.isfinite(values).all():
        raise DatasetError(f"{where} holds an infinite number")
    if abs(values).max() > np.finfo(np.float32).max:
        raise DatasetError(f"{where} holds numbers too large for float32")
    return values


def _texts(column: pd.Series, where: str, limit: int) -> tuple[np.ndarray, list[str]]:
    """Returns each row's place in the sorted list of distinct texts, and that list."""
    codes, found = pd.factorize(column)
    words = [str(w) for w in found]
    if len(words) > limit:
        raise DatasetError(
            f"{where} holds {len(words)} different texts, such as {words[0][:40]!r}; "
            f"at most {limit} are allowed there. Remove it or turn it into numbers"
        )
    if max(map(len, words)) > MAX_TEXT:
        raise DatasetError(f"{where} holds a text of more than {MAX_TEXT} letters")
    order = np.argsort(np.array(words), kind="stable")
    place = np.empty(len(words), np.int64)
    place[order] = np.arange(len(words))
    return place[codes], [" ".join(words[i].split()) for i in order]


def _labels(
    column: pd.Series, where: str, task: TaskChoice
) -> tuple[np.ndarray, tuple[str, ...]]:
    numbers = _numbers(column, where)
    if numbers is not None:
        return encode_labels(numbers, task, where)
    codes, words = _texts(column, where, MAX_CLASSES)
    return encode_labels(np.array(words)[codes], task, where)


def _features(
    column: pd.Series, name: str, title: str, before: int
) -> tuple[np.ndarray, list[str]]:
    where = f"{name}: column {title!r}"
    numbers = _numbers(column, where)
    if numbers is not None:
        return numbers.astype(np.float32)[:, None], [title]
    codes, words = _texts(column, where, MAX_CATEGORIES)
    check_size(name, len(codes), before + len(words))
    return np.eye(len(words), dtype=np.float32)[codes], [f"{title}={w}" for w in words]
