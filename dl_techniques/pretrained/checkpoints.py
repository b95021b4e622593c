"""Which public checkpoints there are, from `registry.json`."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "registry.json"


@dataclass(frozen=True)
class Checkpoint:
    """A public file of weights.

    Attributes:
        hub_id: "organisation/name" on the hub.
        file: Name of the file there.
        licence: Of the weights.
        megabytes: Size, or None.
        sha256: Of the file, where known.
        classes: Outputs of its classifier; 0 without one.
        mean: Of its training inputs, in [0, 1].
        std: Their deviation.
    """

    hub_id: str
    file: str = "model.safetensors"
    licence: str | None = None
    megabytes: float | None = None
    sha256: str | None = None
    classes: int | None = 1000
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)


@cache
def _registry() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


def tags_of(family: str, variant: str | None) -> tuple[str, ...]:
    """Returns the tags of a variant; the first one is "imagenet"."""
    entry = _registry().get(family, {})
    return tuple(entry.get("tags", {}).get(variant, ()))


def checkpoint(family: str, variant: str | None, tag: str) -> Checkpoint:
    """Returns the checkpoint of a tag.

    Raises:
        ValueError: If the variant has no such checkpoint, or it is of another
            architecture.
    """
    entry = _registry().get(family, {})
    tags = tags_of(family, variant)
    for pattern in entry.get("refused", ()):
        if re.match(pattern, tag):
            raise ValueError(
                f"`weights` must be of this architecture; {tag!r} belongs to another "
                f"one. Received: weights={tag!r}"
            )
    chosen = tags[0] if tag == "imagenet" and tags else tag
    if chosen not in tags:
        known = ", ".join(map(repr, ("imagenet", *tags))) if tags else "none"
        name = f"{family} {variant}" if variant else f"this {family}"
        raise ValueError(
            f"`weights` must be None, a path, an hf:// address or a tag of {name} "
            f"({known}). Received: weights={tag!r}"
        )
    hub_id = entry["hub_id"].format(variant=variant, tag=chosen)
    for old, new in entry.get("spelling", {}).items():
        hub_id = hub_id.replace(old, new)
    return _filled(entry, hub_id, chosen)


def of_hub_id(hub_id: str) -> Checkpoint:
    """Returns what is known of a hub id; little where the registry lacks it."""
    return _filled({"classes": None}, hub_id, "")


def _filled(entry: dict[str, Any], hub_id: str, tag: str) -> Checkpoint:
    known = _registry()["files"].get(hub_id, {})
    classes = entry.get("classes", 1000)
    if re.fullmatch(r"fcmae", tag):
        classes = 0
    elif re.fullmatch(r"(\w+_)?in22k", tag):
        classes = 21841
    given = {**entry.get("shared", {}), **known, "classes": classes}
    for key in ("mean", "std"):
        if key in given:
            given[key] = tuple(given[key])
    return Checkpoint(hub_id, **given)
