"""Figures of curves show the numbers of their results."""

import numpy as np
import pytest

from dl_techniques.analysis import curves
from dl_techniques.visualization import curves as figures

PENALTY = curves.penalty_curve("TriStatePreference")
SPECTRUM = curves.kernel_spectrum(curves.initial_kernel("GlorotUniform", (8, 6)))
SCHEDULE = curves.schedule_curve(50, 0.1, "CosineDecay", {}, 0.1)
SOFT = curves.soft_metric_curve([0, 1, 1, 0], [0.2, 0.7, 0.4, 0.3])
STEP = curves.approximation_curve(10.0)
DRAWN = [
    (figures.penalty_curve_figure, PENALTY, "value"),
    (figures.kernel_spectrum_figure, SPECTRUM, "singular_values"),
    (figures.schedule_curve_figure, SCHEDULE, "rates"),
    (figures.soft_metric_curve_figure, SOFT, "soft"),
    (figures.approximation_curve_figure, STEP, "value"),
]


@pytest.mark.parametrize(("draw", "result", "field"), DRAWN)
def test_lines_are_the_numbers(draw, result, field):
    for given in (result, {"a": result, "b": result}, result.to_dict()):
        fig = draw(given)
        lines = [t for t in fig.data if t.mode == "lines"]
        assert len(lines) == (2 if isinstance(given, dict) and "a" in given else 1)
        np.testing.assert_allclose(
            np.asarray(lines[0].y, float), getattr(result, field), rtol=1e-4, atol=1e-12
        )
        assert fig.layout.xaxis.title.text
        assert fig.layout.yaxis.title.text


@pytest.mark.parametrize(("draw", "result", "field"), DRAWN)
def test_nothing_gives_axes_and_a_reason(draw, result, field):
    fig = draw(None)
    assert not fig.data
    assert fig.layout.annotations[0].text
    with pytest.raises(TypeError, match="expected"):
        draw(3)


def test_marks():
    minima = figures.penalty_curve_figure(PENALTY).data[1]
    assert list(minima.x) == [-1, 0, 1]
    fig = figures.schedule_curve_figure(SCHEDULE, log_y=True)
    assert fig.layout.yaxis.type == "log"
    assert fig.layout.shapes[0].x0 == 5
    assert figures.soft_metric_curve_figure(SOFT).layout.shapes[0].y0 == SOFT.hard
