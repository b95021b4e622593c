"""Outputs of a model and their labels in one form, by the kind of the output."""

from typing import Any, NamedTuple

import numpy as np

from dl_techniques.analysis._predictions import from_logits
from dl_techniques.analysis._samples import class_numbers

Array = np.ndarray[Any, Any]
_TASK = {
    "softmax": "multiclass",
    "logits": "multiclass",
    "sigmoid": "binary",
    "binary_logits": "binary",
    "multilabel": "multilabel",
    "multilabel_logits": "multilabel",
    "regression": "regression",
    "mdn": "mdn",
}


class Answers(NamedTuple):
    """A model's answers in one form.

    Attributes:
        kind: "multiclass", "binary", "multilabel", "regression" or "mdn".
        scores: Probabilities, or numbers.
        logits: Where the model gives them.
        labels: Class numbers, or targets of the shape of the numbers.
        mixture: pi, mu, sigma of a mixture head.
    """

    kind: str
    scores: Array
    logits: Array | None
    labels: Array
    mixture: tuple[Array, Array, Array] | None = None


def answers(kind: str, outputs: Array, y: Any, layer: Any = None) -> Answers:
    """Brings outputs and labels into one form.

    Args:
        kind: As `output_kind` says.
        outputs: (n, ..., width) or (n,).
        y: Labels or targets.
        layer: The mixture head.
    """
    outputs = np.asarray(outputs)
    task = _TASK[kind]
    if kind == "mdn":
        return _mixture(outputs, y, layer)
    if task == "regression":
        target = np.asarray(y, dtype=np.float64)
        fits = target.size == outputs.size and len(target) == len(outputs)
        return Answers(
            task, outputs, None, target.reshape(outputs.shape) if fits else target
        )
    if task in ("binary", "multilabel"):
        flat = (
            outputs.reshape(outputs.shape[:-1]) if outputs.shape[-1] == 1 else outputs
        )
        flat = outputs if task == "multilabel" else flat
        z = flat.astype(np.float64) if kind.endswith("logits") else None
        p = flat if z is None else from_logits(z.reshape(-1)).reshape(z.shape)
        return Answers(task, p, z, _hard(y) if task == "binary" else np.asarray(y))
    if kind == "softmax":
        return Answers(task, outputs, None, _hard(y))
    z = outputs.astype(np.float64)
    p = from_logits(z.reshape(-1, z.shape[-1])).reshape(z.shape)
    return Answers(task, p, z, _hard(y))


def _hard(y: Any) -> Array:
    numbers = class_numbers(y)
    return np.asarray(y) if numbers is None else numbers


def _mixture(outputs: Array, y: Any, layer: Any) -> Answers:
    k, d = layer.num_mixtures, layer.output_dimension
    pi, mu, sigma = mixture_of(outputs, k, d)
    target = np.asarray(y, dtype=np.float64).reshape(-1, d)
    mean = (pi * mu).sum(axis=-1)
    return Answers("mdn", mean, None, target, (pi, mu, sigma))


def mixture_of(outputs: Array, k: int, d: int) -> tuple[Array, Array, Array]:
    """Splits the outputs of a mixture head into pi, mu, sigma, each (n, d, k)."""
    flat = outputs.reshape(-1, outputs.shape[-1]).astype(np.float64)
    mu = flat[:, : k * d].reshape(-1, k, d).transpose(0, 2, 1)
    sigma = flat[:, k * d : 2 * k * d].reshape(-1, k, d).transpose(0, 2, 1)
    pi = from_logits(flat[:, 2 * k * d :]) if k > 1 else np.ones((len(flat), 1))
    return np.broadcast_to(pi[:, None, :], mu.shape), mu, sigma
