"""Names and shapes of public checkpoints, and the proof that they fit our models."""

import gzip
import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dl_techniques.pretrained.match import match
from dl_techniques.pretrained.report import LoadReport
from dl_techniques.pretrained.rules import table_of

_FOLDER = Path(__file__).parent / "state_dicts"
_FAMILIES = {
    "convnextv2_": ("ConvNextV2", "convnext_v2_{}"),
    "convnext_": ("ConvNextV1", "convnext_v1_{}"),
    "mobilenetv4_": ("MobileNetV4", "mobilenet_v4_{}"),
    "resnet": ("ResNet", "resnet{}"),
    "vit_": ("ViT", "vit_{}"),
    "clip-vit-": ("CLIPOpenAI", "clip_openai_vit_{}"),
    "depth-anything-": ("DepthAnything", "depth_anything_v2_{}"),
}


@dataclass(frozen=True)
class Listing:
    """What a public file holds.

    Attributes:
        name: Its model's name in `models.registry`.
        family: The class of that model.
        tensors: Shapes by name.
    """

    name: str
    family: str
    tensors: dict[str, tuple[int, ...]]


def listings() -> tuple[Listing, ...]:
    """Returns every stored listing."""
    return tuple(_listing(path) for path in sorted(_FOLDER.glob("*.json.gz")))


def _listing(path: Path) -> Listing:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    name = content["model"]
    start = next(s for s in _FAMILIES if name.startswith(s))
    family, pattern = _FAMILIES[start]
    rest = name.removeprefix(start).replace("_patch16_224", "16").replace("-", "_")
    tensors = {t[0]: tuple(t[1]) for t in content["tensors"]}
    return Listing(pattern.format(rest), family, tensors)


def proof(listing: Listing) -> LoadReport:
    """Builds the model without values and fits the listing to it."""
    # this room lies below the models, which use it
    registry = importlib.import_module("dl_techniques.models.registry")
    weightless = importlib.import_module("dl_techniques.utils.weightless").weightless
    with weightless():
        model = registry.create_model(listing.name)
    shapes = {v.path: tuple(v.shape) for v in model.weights}
    return match(shapes, listing.tensors, table_of(listing.family))[1]
