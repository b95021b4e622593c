"""A few samples in the units they came in, cheap to send to another process."""

from dataclasses import dataclass

import numpy as np

from dl_techniques.datasets.captions import in_words
from dl_techniques.datasets.dataset import Dataset
from dl_techniques.datasets.split import allocate, draw
from dl_techniques.utils.validation import check

MAX_COLUMNS = 30
MAX_POINTS = 500


@dataclass(frozen=True, eq=False)
class Preview:
    """What a page shows of a data set; one of the sample fields is filled.

    Attributes:
        labels: (n,) noisy class numbers or first targets, in their own unit, of
            `images`, `rows` or `sequences`; of pairs the place in `captions`.
        clean_labels: (n,) the same before label noise.
        class_names: One name a class; empty for regression.
        train_counts: (classes,) training samples a class; empty for regression.
        test_counts: (classes,) test samples a class.
        images: (n, height, width, channels) uint8.
        columns: Names of the columns of `rows`.
        rows: (n, columns) numbers, at most 30 columns.
        sequences: (n, time) tokens or (n, time, features).
        points: (m, 2) training points, of data in the plane or of x and its target.
        point_labels: (m,) class numbers or targets of `points`.
        extent: Plotting bounds of data in the plane, as `points` are scaled.
        captions: (n,) what `images` show in words, of pairs.
        maps: (n, height, width) targets of every place of `images`, in their own unit.
        notes: What a person should know, one line each.
    """

    labels: np.ndarray
    clean_labels: np.ndarray
    class_names: tuple[str, ...]
    train_counts: np.ndarray
    test_counts: np.ndarray
    images: np.ndarray | None = None
    columns: tuple[str, ...] = ()
    rows: np.ndarray | None = None
    sequences: np.ndarray | None = None
    points: np.ndarray | None = None
    point_labels: np.ndarray | None = None
    extent: tuple[float, float, float, float] | None = None
    captions: tuple[str, ...] = ()
    maps: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def preview(dataset: Dataset, n: int = 24, seed: int = 0) -> Preview:
    """Returns `n` random training samples, as even over the classes as they are."""
    check(n >= 1, "n", "at least 1", n)
    chosen = _choose(dataset, n, seed)
    shown = dataset.x_train[chosen] * dataset.x_scale + dataset.x_mean
    images = rows = sequences = None
    columns: tuple[str, ...] = ()
    if dataset.kind in ("image", "pairs"):
        images = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
    elif dataset.kind == "vector":
        rows = shown[:, :MAX_COLUMNS]
        names = dataset.info.feature_names or map(str, range(shown.shape[1]))
        columns = tuple(names)[:MAX_COLUMNS]
    else:
        sequences = dataset.x_train[chosen] if dataset.kind == "tokens" else shown
    points, point_labels = _points(dataset, seed)
    return Preview(
        labels=_labels(dataset, dataset.y_train, chosen),
        clean_labels=_labels(dataset, dataset.clean_y_train, chosen),
        class_names=dataset.class_names,
        train_counts=_counts(dataset, dataset.y_train),
        test_counts=_counts(dataset, dataset.y_test),
        images=images,
        columns=columns,
        rows=rows,
        sequences=sequences,
        points=points,
        point_labels=point_labels,
        extent=dataset.extent,
        captions=_captions(dataset, chosen),
        maps=dataset.y_train[chosen][..., 0] if dataset.info.target_shape else None,
        notes=dataset.notes,
    )


def _choose(dataset: Dataset, n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y = dataset.y_train
    n = min(n, len(y))
    if not dataset.num_classes:
        return rng.permutation(len(y))[:n]
    counts = _counts(dataset, y)
    return rng.permutation(draw(y, allocate(counts, n, 0, 0), rng))


def _captions(dataset: Dataset, rows: np.ndarray) -> tuple[str, ...]:
    if dataset.task != "matching":
        return ()
    return tuple(in_words(dataset.y_train[rows], dataset.info.words))


def _labels(dataset: Dataset, y: np.ndarray, rows: np.ndarray) -> np.ndarray:
    if dataset.task == "matching":
        return np.arange(len(rows))
    y = y[rows]
    if dataset.num_classes:
        return y
    y = y * dataset.y_scale + dataset.y_mean
    if dataset.info.target_shape:
        return y.reshape(len(y), -1).mean(1)
    return y[:, 0]


def _counts(dataset: Dataset, y: np.ndarray) -> np.ndarray:
    if not dataset.num_classes:
        return np.zeros(0, np.int64)
    return np.bincount(y, minlength=dataset.num_classes)


def _points(dataset: Dataset, seed: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    chosen = _choose(dataset, MAX_POINTS, seed)
    x, y = dataset.x_train[chosen], _labels(dataset, dataset.y_train, chosen)
    if dataset.input_shape == (2,):
        return x, y
    if dataset.input_shape == (1,) and dataset.task == "regression":
        x = x * dataset.x_scale + dataset.x_mean
        return np.column_stack([x, y]), y
    return None, None
