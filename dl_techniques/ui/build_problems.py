"""What keeps the recipe from running, shown where it is, with its repair."""

from collections.abc import Iterable

import streamlit as st

from dl_techniques.datasets import DatasetError, DatasetInfo, dataset_info
from dl_techniques.recipes import Problem, Recipe, check, recipe_hash
from dl_techniques.recipes.report import StackReport
from dl_techniques.ui import build_answers, build_state
from dl_techniques.ui.words import plain

INSPECT = "dl_techniques.recipes.inspect.inspect_stack"


def info_of(recipe: Recipe) -> DatasetInfo | None:
    """Returns the description of the recipe's data set, None when that is wrong."""
    try:
        return dataset_info(recipe.dataset.name, **recipe.dataset.options)
    except DatasetError:
        return None


def report_of(recipe: Recipe) -> build_answers.Answer:
    """Returns the answer to `inspect_stack`; its value is a `StackReport`."""
    shaping = recipe.model_copy(
        update={
            "name": "shapes",
            "loss": None,
            "metrics": (),
            "training": type(recipe.training)(precision=recipe.training.precision),
            "optimizer": type(recipe.optimizer)(),
            "analysis": type(recipe.analysis)(),
        }
    )
    return build_answers.ask(INSPECT, shaping, key=recipe_hash(shaping))


def problems_of(
    recipe: Recipe, report: StackReport | None = None
) -> tuple[Problem, ...]:
    """Returns what is wrong: what the catalog knows, then what building showed."""
    found = list(check(recipe))
    if report is not None and not found:
        found += report.problems
    return tuple(found)


def under(problems: Iterable[Problem], *heads: str) -> list[Problem]:
    """Returns the problems of these fields."""
    return [p for p in problems if p.where.startswith(heads)]


def at_node(problems: Iterable[Problem], path: str) -> list[Problem]:
    """Returns the problems of the node at `path` itself."""
    return [p for p in problems if p.path == path]


def draw(problems: Iterable[Problem], key: str) -> None:
    """Shows each problem in words, with a button where there is a repair."""
    for i, problem in enumerate(problems):
        with st.container(key=f"problem-{key.replace('.', '-')}-{i}", gap=None):
            st.markdown(f":red[:material/error: {plain(problem.message, code=True)}]")
            if problem.repair:
                st.button(
                    plain(str(problem.repair.get("label", "Repair")), code=True),
                    key=f"repair:{key}:{i}",
                    icon=":material/build:",
                    on_click=build_state.repair,
                    args=(problem.repair,),
                )
