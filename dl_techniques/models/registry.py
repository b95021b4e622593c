"""Which models there are, read from their cards; loads no backend.

A card is `cards/<family>.json`: what its variants share, and for each variant its
name, input, parameters and multiply-adds. Numbers are tested against built models.
"""

import difflib
import importlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from dl_techniques.pretrained.checkpoints import checkpoint, tags_of
from dl_techniques.utils.validation import check_choice, check_int

_FOLDER = Path(__file__).parent / "cards"


def list_models(task: str | None = None, max_params: int | None = None) -> list[str]:
    """Returns the names of all models, or of those that fit.

    Args:
        task: A task of the cards, for example "image classification".
        max_params: Largest number of trainable parameters.
    """
    cards = _cards().values()
    check_choice("task", task, (None, *sorted({c["task"] for c in cards})))
    check_int("max_params", max_params, 0, optional=True)
    return [
        c["name"]
        for c in cards
        if task in (None, c["task"])
        and (max_params is None or c["params"] <= max_params)
    ]


def create_model(name: str, **kwargs: Any) -> Any:
    """Builds the model called `name`, for example "convnext_v1_tiny".

    Args:
        name: A name of `list_models`.
        kwargs: Constructor arguments of its family.

    Raises:
        ValueError: If there is no such model.
    """
    card = model_card(name)
    module, _, family = card["target"].rpartition(".")
    made = getattr(importlib.import_module(module), family)
    return made.from_variant(card["variant"], **kwargs)


def model_card(name: str) -> dict[str, Any]:
    """Returns what is known of a model.

    Returns:
        name, family, variant, target, task, input (shape without the batch), classes,
        params (trainable), params_without_top, macs (of one sample at that input, or
        None), paper, summary, licence of the public weights and their hub ids.

    Raises:
        ValueError: If there is no such model.
    """
    cards = _cards()
    if name in cards:
        card = json.loads(json.dumps(cards[name]))  # the reader may change its copy
        card["hub"] = card["hub"] or _hub_ids(card["family"], card["variant"])
        return card
    close = difflib.get_close_matches(name, cards, 3)
    hint = f" Did you mean {', '.join(close)}?" if close else ""
    raise ValueError(
        f"`name` must be a model of `list_models()`.{hint} Received: name={name!r}"
    )


def _hub_ids(family: str, variant: str) -> list[str]:
    tags = tags_of(family, variant)
    return [checkpoint(family, variant, tag).hub_id for tag in tags]


@cache
def _cards() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(_FOLDER.glob("*.json")):
        family = json.loads(path.read_text(encoding="utf-8"))
        variants = family.pop("variants")
        for variant, own in variants.items():
            card = {**family, "variant": variant, **own}
            joint = "" if variant[:1].isdigit() else "_"  # resnet18
            card["name"] = f"{path.stem}{joint}{variant}"
            found[card["name"]] = {
                "params_without_top": None,
                "macs": None,
                "classes": None,
                "licence": None,
                "hub": [],
                **card,
            }
    return found


def variants_of(family: str) -> tuple[str, ...]:
    """Returns the variants on the card of this file name, in its order."""
    return tuple(c["variant"] for c in _cards().values() if c["family"] == family)
