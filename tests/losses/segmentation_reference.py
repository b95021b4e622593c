"""Float64 references of the segmentation losses, one image and class at a time."""

import numpy as np
from scipy.ndimage import distance_transform_edt


def tversky(y, p, a, b, smooth=0.0, eps=1e-7):
    tp, fp, fn = (y * p).sum(), ((1 - y) * p).sum(), (y * (1 - p)).sum()
    if not smooth and y.sum() == 0 and p.sum() < eps:
        return 0.0
    return 1 - (tp + smooth) / (tp + a * fp + b * fn + smooth + eps)


def phi(y):
    inside = y > 0.5
    if not inside.any() or inside.all():
        return np.zeros(y.shape)
    outer = distance_transform_edt(~inside)
    return np.where(inside, 1 - distance_transform_edt(inside), outer)


def field(y):
    inside = y > 0.5
    if not inside.any() or inside.all():
        return np.zeros(y.shape)
    return distance_transform_edt(inside) + distance_transform_edt(~inside)


def jaccard(y, chosen):
    union = np.logical_or(y, chosen).sum()
    return 1 - np.logical_and(y, chosen).sum() / union if union else 0.0


def lovasz(errors, y):
    """By the definition: sum of e_(i) (J of the first i wrong - J of i - 1 wrong)."""
    order = np.argsort(-errors, kind="stable")
    total, before, wrong = 0.0, 0.0, np.zeros(len(y), bool)
    for i in order:
        wrong[i] = True
        now = jaccard(y > 0.5, (y > 0.5) ^ wrong)
        total += max(errors[i], 0) * (now - before)
        before = now
    return total


def mean_of(function, y, p, classes=None):
    """Mean over images and classes."""
    chosen = range(y.shape[-1]) if classes is None else classes
    pairs = [(b, c) for b in range(len(y)) for c in chosen]
    return float(np.mean([function(y[b, ..., c], p[b, ..., c]) for b, c in pairs]))
