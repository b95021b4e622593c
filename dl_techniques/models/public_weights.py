"""What the `weights` argument of a model does."""

import dataclasses
import logging
from pathlib import Path
from typing import Any

from dl_techniques.models.classifier_options import ClassifierOptions
from dl_techniques.pretrained import resolve_file
from dl_techniques.pretrained.checkpoints import Checkpoint, checkpoint, of_hub_id
from dl_techniques.pretrained.hub import Address, address_of

_LOG = logging.getLogger("dl_techniques.pretrained")
_KERAS = (".keras", ".weights.h5", ".h5")


def known_checkpoint(
    weights: str, family: str, variant: str | None
) -> Checkpoint | None:
    """Returns what is known of `weights`; None of a local path.

    Raises:
        ValueError: If it is a tag that the variant does not have.
    """
    if weights.startswith("hf://"):
        return of_hub_id(address_of(weights).repo)
    local = "/" in weights or "." in weights or Path(weights).exists()
    return None if local else checkpoint(family, variant, weights)


def with_own_scaling(
    options: ClassifierOptions, family: str, variant: str | None
) -> ClassifierOptions:
    """Returns the options with the checkpoint's own mean and deviation, where known."""
    if options.weights is None or not options.preprocessing():
        return options
    known = known_checkpoint(options.weights, family, variant)
    if known is None or isinstance(options.include_preprocessing, dict):
        return options
    numbers = {"mean": known.mean, "std": known.std}
    return dataclasses.replace(options, include_preprocessing=numbers)


def fetch(weights: str | None, family: str, variant: str | None) -> None:
    """Makes sure that the file is here before a large model is built.

    Raises:
        WeightsUnavailableError: If it cannot be had.
    """
    if weights is None:
        return
    known = known_checkpoint(weights, family, variant)
    if known is None:
        resolve_file(weights)
    elif weights.startswith("hf://"):
        resolve_file(address_of(weights, file=known.file))
    else:
        resolve_file(Address(known.hub_id, known.file, None, known.megabytes))


def load_weights(model: Any, weights: str | None) -> None:
    """Fills a new model without a classifier as its `weights` argument says."""
    if weights is None:
        return
    if weights.endswith(_KERAS):
        model.load_weights(resolve_file(weights))
    else:
        model.load_pretrained(weights)


def load_weights_of(model: Any, options: ClassifierOptions) -> None:
    """Fills a new model as its `weights` argument says.

    A classifier of another number of classes keeps its start; that is logged.
    """
    weights = str(options.weights)
    if weights.endswith(_KERAS):
        model.load_weights(resolve_file(weights))
        return
    known = known_checkpoint(weights, type(model).__name__, model.variant)
    classes = known.classes if known else None
    other = options.include_top and classes not in (None, options.classes)
    if other:
        _LOG.warning(
            "%s: the classifier for %d classes starts untrained; the checkpoint has %d",
            model.name,
            options.classes,
            classes,
        )
    model.load_pretrained(weights, skip=("head",) if other else None)
