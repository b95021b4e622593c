"""What the held-out samples are and what a model's outputs mean for them."""

from typing import Any, NamedTuple

import numpy as np

from dl_techniques.analysis._live_sections import Held
from dl_techniques.analysis._output_kind import mixture_sizes
from dl_techniques.analysis._samples import length, stratified_rows, taken
from dl_techniques.utils.validation import check

Array = np.ndarray[Any, Any]


class Task(NamedTuple):
    """Whether the targets are classes; `one_hot` tells how they were given.

    `pairs` tells that inputs are images with texts, which are to be matched.
    """

    classes: bool
    one_hot: bool
    pairs: bool = False

    def is_plane(self, x: Array) -> bool:
        """Tells whether inputs are points of a plane with classes."""
        return self.classes and x.ndim == 2 and x.shape[1] == 2

    def held(self, model: Any, y: Array) -> Held:
        """Returns labels, and whether outputs are logits, told by the model."""
        if self.pairs:
            return Held("matching", np.arange(len(y)), True)
        if not self.classes:
            return Held("regression", y, False, mixture_sizes(model))
        return Held("classification", y, gives_logits(model))


def gives_logits(model: Any) -> bool:
    """Tells from the loss, else from the last activation, if outputs are logits."""
    loss = getattr(model, "loss", None)
    told = getattr(loss, "from_logits", None)
    if told is None:
        told = getattr(loss, "_fn_kwargs", {}).get("from_logits")
    if isinstance(told, bool):
        return told
    last = model.layers[-1] if getattr(model, "layers", None) else None
    name = getattr(getattr(last, "activation", None), "__name__", "linear")
    return name not in ("softmax", "sigmoid") and type(last).__name__ != "Softmax"


def held_out(x: Any, y: Any, most: int, seed: int) -> tuple[Any, Array, Task]:
    """Returns at most `most` samples, their labels or targets, and the task.

    Classes are integers, or one-hot rows; each class keeps its share of the sample.
    Inputs {"image", "text"} are pairs to be matched.
    """
    if isinstance(x, dict) and set(x) == {"image", "text"}:
        y = np.asarray(y)
        check(length(x) == len(y), "y", f"of {length(x)} samples, like `x`", y.shape)
        rows = _rows(y, most, seed, stratified=False)
        return taken(x, rows), y[rows], Task(classes=False, one_hot=False, pairs=True)
    x, y = np.asarray(x), np.asarray(y)
    check(x.ndim > 0 and len(x) > 0, "x", "at least one sample", x.shape)
    check(len(x) == len(y), "y", f"of {len(x)} samples, like `x`", y.shape)
    one_hot = y.ndim == 2 and y.shape[1] > 1 and bool(np.isin(y, (0, 1)).all())
    one_hot = one_hot and bool((y.sum(1) == 1).all())
    whole = y.dtype.kind in "iub" and y.size == len(y)
    if one_hot:
        y = y.argmax(1)
    elif whole:
        y = y.reshape(len(y)).astype(np.int64)
    classes = one_hot or whole
    rows = _rows(y, most, seed, stratified=classes)
    return x[rows], y[rows], Task(classes, one_hot)


def _rows(y: Array, most: int, seed: int, *, stratified: bool) -> Array:
    if len(y) <= most:
        return np.arange(len(y))
    if stratified:
        return stratified_rows(y, most, seed)
    return np.sort(np.random.default_rng(seed).permutation(len(y))[:most])
