"""Finds fields of plain data that no recipe has."""

import difflib
from typing import Any

from pydantic import BaseModel

from dl_techniques.recipes import schema

_NODES: dict[str, type[BaseModel]] = {
    "layer": schema.LayerSpec,
    "residual": schema.ResidualSpec,
    "repeat": schema.RepeatSpec,
}
_PARTS: dict[str, type[BaseModel]] = {
    "dataset": schema.DatasetSpec,
    "model": schema.ModelSpec,
    "loss": schema.Component,
    "optimizer": schema.OptimizerSpec,
    "optimizer.schedule": schema.Component,
    "training": schema.TrainingSpec,
    "training.early_stopping": schema.EarlyStopping,
    "analysis": schema.AnalysisSpec,
}


def drop_unknown(data: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Returns a copy without unknown fields, and a line for each of them.

    Arguments (`args`, `options`) are left alone: the catalog knows what is legal there.
    """
    warnings: list[str] = []
    return _part(data, schema.Recipe, "", warnings), tuple(warnings)


def _part(value: Any, part: type[BaseModel], where: str, warnings: list[str]) -> Any:
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        place = f"{where}.{key}" if where else key
        if key in part.model_fields:
            kept[key] = _field(item, place, warnings)
        else:
            close = difflib.get_close_matches(key, part.model_fields, 1)
            hint = f" Did you mean `{close[0]}`?" if close else ""
            warnings.append(f"{place}: unknown field, ignored.{hint}")
    return kept


def _field(value: Any, place: str, warnings: list[str]) -> Any:
    if place in _PARTS:
        return _part(value, _PARTS[place], place, warnings)
    last = place.rpartition(".")[2]
    if place == "metrics" and isinstance(value, list):
        return [
            _part(item, schema.Component, f"{place}.{i}", warnings)
            for i, item in enumerate(value)
        ]
    nodes = place == "model.stack" or (
        place.startswith("model.stack.") and last in ("residual", "repeat")
    )
    if nodes and isinstance(value, list):
        return [_node(n, f"{place}.{i}", warnings) for i, n in enumerate(value)]
    return value


def _node(value: Any, place: str, warnings: list[str]) -> Any:
    kinds = [k for k in _NODES if isinstance(value, dict) and k in value]
    return _part(value, _NODES[kinds[0]], place, warnings) if kinds else value
