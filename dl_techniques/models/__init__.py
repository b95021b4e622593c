"""Full models, one module or package per architecture.

The families are imported when one of them is first asked for, or with Keras, so that
the registry and the catalog read this room without loading a backend. A family joins
with a line in `_HOMES` and its card in `cards/`.
"""

import importlib
import sys
from typing import Any

from dl_techniques.models.registration import when_keras_is_there

_HOMES = {
    "capsnet": ("CapsNet",),
    "clip": ("CLIP", "CLIPModel", "create_clip_model", "create_clip_variant"),
    "clip_preprocessing": ("clip_images",),
    "clip_openai": ("CLIPOpenAI",),
    "clip_tokenizer": ("CLIPTokenizer",),
    "convnext_v1": (
        "ConvNeXtV1",
        "ConvNextV1",
        "ConvNextV1Atto",
        "ConvNextV1Base",
        "ConvNextV1Femto",
        "ConvNextV1Large",
        "ConvNextV1Nano",
        "ConvNextV1Pico",
        "ConvNextV1Small",
        "ConvNextV1Tiny",
        "ConvNextV1XLarge",
        "ConvNeXtV1Atto",
        "ConvNeXtV1Base",
        "ConvNeXtV1Femto",
        "ConvNeXtV1Large",
        "ConvNeXtV1Nano",
        "ConvNeXtV1Pico",
        "ConvNeXtV1Small",
        "ConvNeXtV1Tiny",
        "ConvNeXtV1XLarge",
    ),
    "convnext_v2": (
        "ConvNextV2",
        "ConvNextV2Atto",
        "ConvNextV2Femto",
        "ConvNextV2Pico",
        "ConvNextV2Nano",
        "ConvNextV2Tiny",
        "ConvNextV2Base",
        "ConvNextV2Large",
        "ConvNextV2Huge",
        "ConvNeXtV2",
        "ConvNeXtV2Atto",
        "ConvNeXtV2Femto",
        "ConvNeXtV2Pico",
        "ConvNeXtV2Nano",
        "ConvNeXtV2Tiny",
        "ConvNeXtV2Base",
        "ConvNeXtV2Large",
        "ConvNeXtV2Huge",
    ),
    "coshnet": ("CoShNet",),
    "depth_anything": ("DepthAnything",),
    "dinov2": ("DINOv2Backbone",),
    "mdn_model": ("MDNModel",),
    "mobilenet_v4": (
        "MobileNetV4",
        "MobileNetV4ConvLarge",
        "MobileNetV4ConvMedium",
        "MobileNetV4ConvSmall",
        "MobileNetV4HybridLarge",
        "MobileNetV4HybridMedium",
    ),
    "resnet": ("ResNet", "ResNet18", "ResNet50", "ResNetSmall"),
    "vit": ("ViT", "ViTBase16", "ViTSmall16", "ViTTiny16"),
    "registry": ("create_model", "list_models", "model_card"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def _register() -> None:
    """Imports every family, unless one of them is being imported by itself."""
    homes = [f"{__name__}.{module}" for module in _HOMES]
    if not any(home in sys.modules for home in homes[:-1]):
        for home in homes:
            importlib.import_module(home)


when_keras_is_there(_register)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = f"{__name__}.{_MODULE_OF[name]}"
    if _MODULE_OF[name] != "registry":
        _register()
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return __all__
