"""Editing a stack."""

import pytest

from dl_techniques.recipes import grouping, stack
from tests.recipes.info import layer, recipe

BASE = recipe(
    layer("Flatten"),
    {"residual": [layer("Dense", units=1), layer("Dense", units=2)]},
    {"repeat": [{"residual": [layer("Dropout", rate=0.1)]}], "times": 3},
)


def shape(edited):
    return [
        (p, getattr(n, "layer", stack.group_key(n)))
        for p, n in stack.walk(edited.model.stack)
    ]


def test_walk_names_every_node():
    assert [p for p, _ in shape(BASE)] == [
        "0",
        "1",
        "1.residual.0",
        "1.residual.1",
        "2",
        "2.repeat.0",
        "2.repeat.0.residual.0",
    ]


@pytest.mark.parametrize("path", ["0", "1", "3", "1.residual.0", "1.residual.2"])
def test_an_added_node_gets_its_path(path):
    edited = stack.add(BASE, layer("ReLU"), path)
    assert stack.get(edited, path).layer == "ReLU"
    assert len(shape(edited)) == len(shape(BASE)) + 1
    assert len(shape(BASE)) == 7


def test_add_without_a_path_appends():
    assert stack.get(stack.add(BASE, {"layer": "ReLU"}), "3").layer == "ReLU"


def test_delete_takes_an_emptied_group_with_it():
    assert shape(stack.delete(BASE, "2.repeat.0.residual.0")) == shape(BASE)[:4]
    assert shape(stack.delete(BASE, "1.residual.0"))[2] == ("1.residual.0", "Dense")


def test_delete_undoes_add():
    for path, _ in stack.walk(BASE.model.stack):
        assert stack.delete(stack.add(BASE, layer("ReLU"), path), path) == BASE


def test_duplicate_puts_an_unnamed_copy_behind():
    named = recipe({"residual": [{"layer": "Dense", "name": "a"}], "name": "b"})
    copy = stack.get(stack.duplicate(named, "0"), "1")
    assert copy.name is None
    assert copy.residual[0].name is None
    assert copy.residual[0].layer == "Dense"


def test_move_stops_at_the_ends():
    assert [n for _, n in shape(stack.move(BASE, "0", 1))][:1] == ["residual"]
    assert stack.move(BASE, "0", -5) == BASE
    assert stack.get(stack.move(BASE, "0", 9), "2").layer == "Flatten"
    assert stack.move(stack.move(BASE, "1.residual.0", 1), "1.residual.1", -1) == BASE


def test_mute_turns_over_and_back():
    once = stack.mute(BASE, "1.residual.0")
    assert stack.get(once, "1.residual.0").muted
    assert stack.mute(once, "1.residual.0") == BASE
    assert stack.mute(BASE, "0", False) == BASE


def test_wrap_and_unwrap_are_inverse():
    assert grouping.unwrap(grouping.wrap(BASE, "0", "repeat"), "0") == BASE
    assert stack.get(grouping.wrap(BASE, "0", "residual"), "0.residual.0").layer


def test_set_argument_changes_one_value():
    edited = stack.set_argument(BASE, "1.residual.1", "units", 9)
    assert stack.get(edited, "1.residual.1").args == {"units": 9}
    with pytest.raises(ValueError, match="a layer"):
        stack.set_argument(BASE, "1", "units", 9)


@pytest.mark.parametrize("path", ["9", "", "x", "0.residual.0", "1.repeat.0"])
def test_unknown_paths_are_named(path):
    with pytest.raises(ValueError, match="path"):
        stack.delete(BASE, path)
    with pytest.raises(ValueError, match="path"):
        stack.mute(BASE, path)


def test_adding_outside_the_stack_is_refused():
    with pytest.raises(ValueError, match="path"):
        stack.add(BASE, layer("ReLU"), "4")
    with pytest.raises(ValueError, match="node"):
        stack.add(BASE, {"depth": 1})
