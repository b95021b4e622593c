"""The named experiments."""

import re
from pathlib import Path

import pytest

from dl_techniques.recipes import (
    advise,
    check,
    examples,
    from_link,
    loads_with_warnings,
    to_link,
)
from dl_techniques.recipes.inspect import inspect_stack

ALL = examples()


def test_there_are_enough_and_each_has_a_name_of_its_own():
    assert len(ALL) >= 8
    assert len({e.title for e in ALL}) == len({e.recipe.name for e in ALL}) == len(ALL)


def test_a_missing_folder_gives_none(tmp_path):
    assert examples(tmp_path / "nothing") == ()


@pytest.mark.parametrize("example", ALL, ids=lambda e: e.slug)
def test_each_explains_itself_and_runs(example):
    assert 10 < len(example.title) < 70
    assert len(example.text) > 100
    assert check(example.recipe) == ()
    assert advise(example.recipe) == ()
    report = inspect_stack(example.recipe)
    assert report.ok, report.problems
    assert report.total_parameters < 200_000
    assert from_link(to_link(example.recipe)) == example.recipe


def test_the_recipe_in_the_guide_is_a_good_one():
    guide = Path(__file__).parents[2] / "docs" / "recipes.md"
    text = re.search(r"```yaml\n(.*?)```", guide.read_text(), re.DOTALL)[1]
    recipe, warnings = loads_with_warnings(text)
    assert warnings == ()
    assert check(recipe) == advise(recipe) == ()
    assert inspect_stack(recipe).ok
