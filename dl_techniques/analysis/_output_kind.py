"""What a model's output means, told by its loss and last layer, never by values."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dl_techniques.analysis._samples import class_numbers

Array = np.ndarray[Any, Any]
_NUMBERS = (
    *("squared", "absolute", "huber", "log_cosh", "logcosh", "mse", "mae", "mape"),
    *("msle", "poisson", "smape", "mase", "quantile"),
)
_CLASSES = ("crossentropy", "cross_entropy", "focal", "hinge", "brier", "calibration")


def answer_of(model: Any, outputs: Any) -> Any:
    """Returns the output that is the answer, of one output or several.

    A model with several names it in `answer`, like the layer that makes it; else it
    is the first.
    """
    if isinstance(outputs, Mapping) and _answer(model) in outputs:
        return outputs[_answer(model)]
    while isinstance(outputs, Mapping | list | tuple):
        keys = sorted(outputs) if isinstance(outputs, Mapping) else range(len(outputs))
        outputs = outputs[keys[0]]  # the order in which Keras lists a model's outputs
    return outputs


def _answer(model: Any) -> str:
    name = getattr(model, "answer", "")
    return name if isinstance(name, str) else ""


def last_layer(model: Any) -> Any:
    """Returns the layer that makes the answer."""
    layer = model
    named = [n for n in getattr(model, "layers", ()) if n.name == _answer(model)]
    if named:
        return named[0]
    for _ in range(16):
        found = None
        try:
            outputs = layer.outputs
            found = outputs[0]._keras_history.operation
        except (AttributeError, ValueError, IndexError, TypeError):
            inner = getattr(layer, "layers", None)
            found = inner[-1] if inner else None
        if found is None or found is layer:
            return layer
        layer = found
    return layer


def mixture_sizes(model: Any) -> tuple[int, int] | None:
    """Returns components and targets of a mixture head, None without one."""
    head = last_layer(model)
    if type(head).__name__ != "MDNLayer":
        return None
    return head.num_mixtures, head.output_dimension


def _first_loss(loss: Any) -> Any:
    while isinstance(loss, dict | list | tuple) and loss:
        loss = next(iter(loss.values())) if isinstance(loss, dict) else loss[0]
    return loss


def _told(loss: Any) -> tuple[str, bool | None]:
    """Returns the loss' name in snake case and what it says about logits."""
    name, logits = "", None
    while loss is not None:
        own = loss if isinstance(loss, str) else getattr(loss, "__name__", "")
        name += f" {own or type(loss).__name__} {getattr(loss, 'name', '')}".lower()
        fixed = getattr(loss, "_fn_kwargs", None) or {}
        said = getattr(loss, "from_logits", fixed.get("from_logits"))
        logits = said if isinstance(said, bool) else logits
        loss = getattr(loss, "loss", None)
    return name, logits


def output_kind(model: Any, y: Any, width: int) -> str:
    """Returns one of the names of `AnalysisConfig.output`, but "auto".

    Args:
        model: The model.
        y: Labels or targets.
        width: Length of the last axis of the output, 1 without one.
    """
    last = last_layer(model)
    if mixture_sizes(model):
        return "mdn"
    loss, logits = _told(_first_loss(getattr(model, "loss", None)))
    activation = getattr(getattr(last, "activation", None), "__name__", "linear")
    words = f"{activation} {type(last).__name__}".lower()
    several = np.ndim(y) > 1 and np.shape(y)[-1] == width and class_numbers(y) is None
    if "softmax" in words and logits is not True:
        return "softmax"
    if activation == "sigmoid" and logits is not True and not _mentions(loss, _NUMBERS):
        return "sigmoid" if width == 1 else "multilabel" if several else "softmax"
    if _mentions(loss, _NUMBERS) and not _mentions(loss, _CLASSES):
        return "regression"
    if logits is False and _mentions(loss, _CLASSES):
        return "sigmoid" if width == 1 else "softmax"
    known = logits or _mentions(loss, _CLASSES) or _are_classes(y, width)
    if not known:
        return "regression"
    if width == 1:
        return "binary_logits"
    return "multilabel_logits" if several and "binary" in loss else "logits"


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)


def _are_classes(y: Any, width: int) -> bool:
    y = np.asarray(y)
    return y.dtype.kind in "iub" or (width > 1 and class_numbers(y) is not None)
