"""Values over the epochs."""

import pytest

from dl_techniques.visualization.training import training_curves_figure


def test_a_value_that_never_changes_is_not_drawn_at_zero():
    figure = training_curves_figure(
        {"learning_rate": [1e-3, 1e-3]}, metric="learning_rate"
    )
    assert list(figure.layout.yaxis.range) == [0, 2e-3]
    moving = training_curves_figure({"loss": [2.0, 1.0]})
    assert moving.layout.yaxis.range is None


@pytest.mark.parametrize(
    ("name", "best"),
    [("learning_rate", None), ("epoch_seconds", None), ("accuracy", 3), ("mae", 1)],
)
def test_the_best_epoch_is_marked_where_there_is_one(name, best):
    figure = training_curves_figure({name: [0.1, 0.2, 0.3]}, metric=name)
    stars = [t for t in figure.data if t.name == "best"]
    assert [t.x[0] for t in stars] == ([best] if best else [])


def test_a_few_epochs_are_counted_in_whole_numbers():
    assert training_curves_figure({"loss": [3.0, 2.0]}).layout.xaxis.dtick == 1
    assert training_curves_figure({"loss": [1.0] * 20}).layout.xaxis.dtick is None
