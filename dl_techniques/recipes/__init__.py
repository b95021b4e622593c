"""Recipes: typed, versioned, as YAML, link or code; loads no backend.

What needs Keras lies in `recipes.build`, `recipes.inspect` and `recipes.export`.
"""

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

__all__ = [
    "VERSION",
    "AnalysisSpec",
    "Change",
    "Component",
    "DatasetSpec",
    "EarlyStopping",
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
    "apply_repair",
    "check",
    "diff",
    "dumps",
    "flatten",
    "from_link",
    "load",
    "loads",
    "loads_with_warnings",
    "migrate",
    "recipe_hash",
    "to_link",
]
