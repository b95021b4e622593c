"""Figures drawn from analysis results; nothing is computed here.

Names load their module when they are first used.
"""

import importlib
from typing import Any

_HOMES: dict[str, str] = {
    "ColorMap": "colors",
    "MissingExporterError": "_export",
    "PlotConfig": "config",
    "Theme": "theme",
    "VisualizationManager": "manager",
    "figure_for": "_registry",
    "figure_table": "tables",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
