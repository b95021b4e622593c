"""Recipes: typed, versioned, as YAML, link or code; loads no backend.

What needs Keras (`build_model`, `compile_model`, `inspect_stack`, `to_script`,
`to_notebook`) is imported when it is first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from dl_techniques.recipes.advice import advise
from dl_techniques.recipes.check import Info, check
from dl_techniques.recipes.identity import Change, diff, flatten, recipe_hash
from dl_techniques.recipes.io import dumps, load, loads, loads_with_warnings
from dl_techniques.recipes.links import from_link, to_link
from dl_techniques.recipes.migrate import migrate
from dl_techniques.recipes.problem import Problem, RecipeError, StackError
from dl_techniques.recipes.repairs import apply_repair
from dl_techniques.recipes.schema import (
    VERSION,
    AnalysisSpec,
    Component,
    DatasetSpec,
    EarlyStopping,
    LayerSpec,
    ModelSpec,
    Node,
    OptimizerSpec,
    Recipe,
    RepeatSpec,
    ResidualSpec,
    TrainingSpec,
)
from dl_techniques.recipes.starters import Example, examples

if TYPE_CHECKING:
    from dl_techniques.recipes.build import build_model, compile_model
    from dl_techniques.recipes.export import to_notebook, to_script
    from dl_techniques.recipes.inspect import inspect_stack

__all__ = [
    "VERSION",
    "AnalysisSpec",
    "Change",
    "Component",
    "DatasetSpec",
    "EarlyStopping",
    "Example",
    "Info",
    "LayerSpec",
    "ModelSpec",
    "Node",
    "OptimizerSpec",
    "Problem",
    "Recipe",
    "RecipeError",
    "RepeatSpec",
    "ResidualSpec",
    "StackError",
    "TrainingSpec",
    "advise",
    "apply_repair",
    "build_model",
    "check",
    "compile_model",
    "diff",
    "dumps",
    "examples",
    "flatten",
    "from_link",
    "inspect_stack",
    "load",
    "loads",
    "loads_with_warnings",
    "migrate",
    "recipe_hash",
    "to_link",
    "to_notebook",
    "to_script",
]

_LAZY = {
    "build_model": "build",
    "compile_model": "build",
    "inspect_stack": "inspect",
    "to_notebook": "export",
    "to_script": "export",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
