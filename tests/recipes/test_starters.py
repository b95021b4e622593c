"""The named experiments."""

import pytest

from dl_techniques.recipes import advise, check, examples, from_link, to_link
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
