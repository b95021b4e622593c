"""Cutting and disturbing samples: split, subsample, imbalance, noise, scale."""

import numpy as np

from dl_techniques.datasets.errors import DatasetError


def allocate(counts: np.ndarray, total: int, low: int, spare: int) -> np.ndarray:
    """Shares `total` among classes in proportion to their counts.

    Args:
        counts: (classes,) samples there are.
        total: Samples to hand out.
        low: Least share of a class.
        spare: Samples a class keeps back at least.

    Returns:
        (classes,) integers that sum to `total`, each in [low, count - spare].
    """
    ideal = counts * (total / max(counts.sum(), 1))
    high = counts - spare
    share = np.clip(np.floor(ideal).astype(np.int64), low, high)
    while share.sum() < total:
        share[np.argmax(np.where(share < high, ideal - share, -np.inf))] += 1
    while share.sum() > total:
        share[np.argmin(np.where(share > low, ideal - share, np.inf))] -= 1
    return share


def draw(y: np.ndarray, share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns the sorted indices of `share[c]` random samples of each class c."""
    order = rng.permutation(len(y))
    picks = [order[y[order] == c][:k] for c, k in enumerate(share)]
    return np.sort(np.concatenate(picks))


def subsample(
    y: np.ndarray,
    names: tuple[str, ...],
    total: int,
    rng: np.random.Generator,
    low: int = 2,
) -> np.ndarray:
    """Returns indices of `total` samples, stratified when there are class names.

    Each class keeps `low` samples, or all if it has fewer.
    """
    if total >= len(y):
        return np.arange(len(y))
    if not names:
        return np.sort(rng.permutation(len(y))[:total])
    counts = np.bincount(y, minlength=len(names))
    low = min(low, int(counts.min()))
    if total < low * len(names):
        raise DatasetError(
            f"`max_samples` must be at least {low * len(names)}, so that each of "
            f"{len(names)} classes is kept. Received: max_samples={total}"
        )
    return draw(y, allocate(counts, total, low, 0), rng)


def part_sizes(total: int, classes: int, train_size: float) -> tuple[int, int]:
    """Returns how many samples train and test; both must have room for each class."""
    n_train = round(train_size * total)
    for part, size in (("training", n_train), ("test", total - n_train)):
        if size < max(classes, 1):
            what = f"one sample of each of {classes} classes" if classes else "a sample"
            raise DatasetError(
                f"`train_size` must leave {what} for the {part} set, which would get "
                f"{size} of {total}. Received: train_size={train_size!r}"
            )
    return n_train, total - n_train


def split(
    y: np.ndarray, names: tuple[str, ...], train_size: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Returns shuffled training and test indices, each class in both of them."""
    n_train, _ = part_sizes(len(y), len(names), train_size)
    if names:
        counts = np.bincount(y, minlength=len(names))
        if counts.min() < 2:
            raise DatasetError(
                f"class {names[counts.argmin()]!r} has {counts.min()} sample(s); "
                "training and test set need one each"
            )
        train = draw(y, allocate(counts, n_train, 1, 1), rng)
    else:
        train = rng.permutation(len(y))[:n_train]
    test = np.setdiff1d(np.arange(len(y)), train)
    return rng.permutation(train), rng.permutation(test)


def thin_out(
    y: np.ndarray, num_classes: int, ratio: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns indices that leave class c in proportion to ratio ** (c / (classes - 1)).

    As many samples as possible are kept, and at least one a class.
    """
    if ratio == 1 or num_classes < 2:
        return np.arange(len(y))
    counts = np.bincount(y, minlength=num_classes)
    profile = ratio ** (np.arange(num_classes) / (num_classes - 1))
    base = np.min(counts / profile)
    share = np.clip(np.round(base * profile).astype(np.int64), 1, counts)
    return draw(y, share, rng)


def flip_labels(
    y: np.ndarray, num_classes: int, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns labels of which round(noise * n) are another class, drawn uniformly."""
    y = y.copy()
    chosen = rng.permutation(len(y))[: round(noise * len(y))]
    step = rng.integers(1, num_classes, size=len(chosen), dtype=y.dtype)
    y[chosen] = (y[chosen] + step) % num_classes
    return y


def statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns mean and deviation of the last axis; a constant entry has deviation 1."""
    flat = x.reshape(-1, x.shape[-1])
    parts = [slice(i, i + 16_384) for i in range(0, len(flat), 16_384)]
    mean = sum((_sum(flat[p]) for p in parts), np.zeros(1)) / len(flat)
    square = sum((_sum((flat[p] - mean) ** 2) for p in parts), np.zeros(1))
    deviation = np.sqrt(square / len(flat))
    constant = deviation <= 1e-7 * np.maximum(np.abs(mean), 1e-30)
    deviation = np.where(constant, 1.0, deviation)
    return mean.astype(np.float32), deviation.astype(np.float32)


def _sum(rows: np.ndarray) -> np.ndarray:
    return np.ones(len(rows)) @ rows.astype(np.float64)
