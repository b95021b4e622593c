"""From raw samples to a `Dataset`."""

from dataclasses import replace

import numpy as np

from dl_techniques.datasets import split as cut
from dl_techniques.datasets.dataset import Dataset
from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.knobs import Knobs
from dl_techniques.datasets.source import Raw

_Part = tuple[np.ndarray, np.ndarray]


def assemble(info: DatasetInfo, raw: Raw, knobs: Knobs) -> Dataset:
    """Cuts, disturbs and scales samples."""
    rng = np.random.default_rng([knobs.seed, 0])
    (x, y), (x_test, y_test) = _cut(info, raw, knobs, rng)
    notes = list(raw.notes)
    clean = y
    if info.num_classes:
        kept = rng.permutation(cut.thin_out(y, info.num_classes, knobs.imbalance, rng))
        if len(kept) < len(y):
            notes.append(f"imbalance leaves {len(kept)} of {len(y)} training samples")
            x, y = x[kept], y[kept]
        clean = y
        y = cut.flip_labels(clean, info.num_classes, knobs.label_noise, rng)
        if knobs.label_noise:
            wrong = int((y != clean).sum())
            notes.append(f"{wrong} of {len(y)} training labels are wrong on purpose")
    x_mean, x_scale = _neutral(x.shape[-1])
    y_mean, y_scale = _neutral(1 if info.num_classes else info.n_outputs)
    if knobs.standardise and info.kind != "tokens":
        x_mean, x_scale = cut.statistics(x)
        for part in (x, x_test):  # own copies; in place, because images are large
            part -= x_mean
            part /= x_scale
    regression = info.task == "regression" and not info.target_shape
    if knobs.standardise and regression:
        y_mean, y_scale = cut.statistics(y)
        y, y_test = (y - y_mean) / y_scale, (y_test - y_mean) / y_scale
        clean = y
        notes.append("targets are standardised: subtract y_mean, divide by y_scale")
    arrays = (np.ascontiguousarray(a) for a in (x, y, x_test, y_test, clean))
    x, y, x_test, y_test, clean = arrays
    return Dataset(
        info=replace(info, n_samples=len(raw.y) + _length(raw.y_test)),
        x_train=x,
        y_train=y,
        x_test=x_test,
        y_test=y_test,
        clean_y_train=clean,
        x_mean=x_mean,
        x_scale=x_scale,
        y_mean=y_mean,
        y_scale=y_scale,
        notes=tuple(notes),
    )


def _cut(
    info: DatasetInfo, raw: Raw, knobs: Knobs, rng: np.random.Generator
) -> tuple[_Part, _Part]:
    names = info.class_names if info.num_classes else ()
    if raw.x_test is None or raw.y_test is None:
        y, kept = raw.y, np.arange(len(raw.y))
        if knobs.max_samples is not None:
            kept = cut.subsample(y, names, knobs.max_samples, rng)
        train, test = (
            kept[p] for p in cut.split(y[kept], names, knobs.train_size, rng)
        )
        return _take(info, raw.x, y, train), _take(info, raw.x, y, test)
    total = len(raw.y) + len(raw.y_test)
    total = min(knobs.max_samples or total, total)
    n_train, n_test = cut.part_sizes(total, len(names), knobs.train_size)
    train = rng.permutation(cut.subsample(raw.y, names, n_train, rng, low=1))
    test = rng.permutation(cut.subsample(raw.y_test, names, n_test, rng, low=1))
    first = _take(info, raw.x, raw.y, train)
    return first, _take(info, raw.x_test, raw.y_test, test)


def _take(info: DatasetInfo, x: np.ndarray, y: np.ndarray, which: np.ndarray) -> _Part:
    """Copies the chosen samples in the types a model gets."""
    x, y = x[which], y[which]
    if info.kind == "tokens":
        x = x.astype(np.int32)
    elif x.dtype == np.uint8 and info.kind in ("image", "pairs"):
        x = x.astype(np.float32) / np.float32(255)
    else:
        x = x.astype(np.float32)
    if info.num_classes or info.task == "matching":
        return x, y.astype(np.int32)
    shape = info.target_shape or (info.n_outputs,)
    return x, y.astype(np.float32).reshape(len(y), *shape)


def _neutral(size: int) -> _Part:
    return np.zeros(size, np.float32), np.ones(size, np.float32)


def _length(y: np.ndarray | None) -> int:
    return 0 if y is None else len(y)
