"""Moving nodes between a stack and its groups."""

import pytest

from dl_techniques.recipes import grouping
from dl_techniques.recipes.stack import get, walk
from tests.recipes.info import layer, recipe


def names(found):
    return [
        (path, node.layer if hasattr(node, "layer") else "group")
        for path, node in walk(found.model.stack)
    ]


def stack():
    return recipe(
        layer("Flatten"),
        {"residual": [layer("Dense", units=4), layer("Dropout")]},
        layer("Activation", activation="relu"),
    )


def test_into_the_group_above_as_its_last():
    found, path = grouping.move_into(stack(), "2")
    assert path == "1.residual.2"
    assert get(found, path).layer == "Activation"
    assert len(found.model.stack) == 2


def test_into_the_group_below_as_its_first():
    found, path = grouping.move_into(stack(), "0")
    assert path == "0.residual.0"
    assert get(found, path).layer == "Flatten"
    assert [n for _, n in names(found)] == [
        "group",
        "Flatten",
        "Dense",
        "Dropout",
        "Activation",
    ]


def test_out_and_in_again_is_the_same():
    out, path = grouping.move_out(stack(), "1.residual.1")
    assert (path, get(out, path).layer) == ("2", "Dropout")
    back, path = grouping.move_into(out, path)
    assert back == stack()
    assert path == "1.residual.1"


def test_the_last_one_out_takes_the_group_away():
    one = recipe(layer("Flatten"), {"repeat": [layer("Dense", units=4)], "times": 3})
    found, path = grouping.move_out(one, "1.repeat.0")
    assert names(found) == [("0", "Flatten"), ("1", "Dense")]
    assert path == "1"


@pytest.mark.parametrize("path", ["0", "1"])
def test_where_there_is_no_group_it_says_so(path):
    plain = recipe(layer("Flatten"), layer("Dense", units=4))
    with pytest.raises(ValueError, match="beside a group"):
        grouping.move_into(plain, path)
    with pytest.raises(ValueError, match="in a group"):
        grouping.move_out(plain, path)
    assert grouping.group_beside(plain, path) is None


def test_nested_groups_keep_their_paths():
    deep = recipe({"repeat": [{"residual": [layer("Dense", units=4)]}, layer("ReLU")]})
    found, path = grouping.move_into(deep, "0.repeat.1")
    assert path == "0.repeat.0.residual.1"
    out, path = grouping.move_out(found, "0.repeat.0.residual.0")
    assert path == "0.repeat.1"
    assert get(out, path).layer == "Dense"
