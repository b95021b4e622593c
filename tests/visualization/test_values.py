"""What figures show, read from their traces."""

import numpy as np
import pytest

from dl_techniques.visualization import activations as act
from dl_techniques.visualization import calibration as cal
from dl_techniques.visualization import comparison as com
from dl_techniques.visualization import confidence as con
from dl_techniques.visualization import data as dat
from dl_techniques.visualization import representations as rep
from dl_techniques.visualization import training as tra
from dl_techniques.visualization import weights as wei
from dl_techniques.visualization.architecture import architecture_figure
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.tables import figure_table
from tests.visualization import samples


def trace(fig, uid):
    return next(t for t in fig.data if t.uid == uid)


def test_reliability_markers_lie_at_mean_confidence():
    diagram = samples.diagram()
    fig = cal.reliability_figure(diagram)
    full = diagram.table.count > 0
    drawn = trace(fig, "bins-")
    np.testing.assert_allclose(drawn.x, diagram.table.mean_confidence[full], rtol=1e-4)
    np.testing.assert_allclose(drawn.y, diagram.table.accuracy[full], rtol=1e-4)
    assert list(drawn.customdata) == diagram.table.count[full].tolist()
    assert f"{diagram.ece:.3f}"[:4] in fig.layout.title.text
    assert fig.layout.xaxis.range == fig.layout.yaxis.range == (0, 1)


def test_brier_parts_sum_to_the_score():
    fig = cal.brier_decomposition_figure(samples.report().decomposition)
    parts = [t.x[0] for t in fig.data if t.type == "bar"]
    assert sum(parts) == pytest.approx(trace(fig, "brier").x[0], rel=1e-3)


def test_absent_class_is_hatched_and_named():
    labels, p = samples.scored()
    from dl_techniques.analysis.calibration import classwise_calibration_error

    found = classwise_calibration_error(labels[labels != 2], p[labels != 2])
    fig = cal.classwise_calibration_figure(found, ["a", "b", "c", "d"])
    assert fig.data[0].marker.pattern.shape == ("", "", "/", "")
    assert "no row of c" in fig.layout.title.text


def test_right_and_wrong_rows_add_up():
    stats = samples.confidence_stats()
    fig = con.confidence_histogram_figure(stats)
    assert sum(trace(fig, "right").y) == stats.correct.sum()
    assert sum(trace(fig, "wrong").y) == (~stats.correct).sum()


def test_roc_area_equals_rank_formula():
    from dl_techniques.analysis.confidence import confidence_auroc

    stats = samples.confidence_stats()
    area = confidence_auroc(stats.max_probability, stats.correct)
    fig = con.confidence_roc_figure(stats)
    assert f"area {area:.3g}" in fig.data[0].name


def test_confusion_has_class_0_at_the_top_and_gaps_for_absent_classes():
    counts = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 5]])
    fig = com.confusion_figure(counts, ["a", "b", "c"], normalize="true")
    low, high = fig.layout.yaxis.range
    assert low > high
    z = np.asarray(fig.data[0].z)
    np.testing.assert_allclose(z[0], [0.75, 0.25, 0])
    assert np.isnan(z[1]).all()
    assert np.asarray(com.confusion_figure(counts).data[0].z).sum() == 10


def test_roc_names_an_absent_class():
    labels, p = samples.scored()
    fig = com.roc_figure(labels[labels != 1], p[labels != 1])
    assert "class 1" in fig.layout.title.text
    assert len(fig.data) == 3


def test_average_precision_matches_the_sum_over_thresholds():
    labels = np.array([0, 1, 1, 0, 1])
    fig = com.pr_figure(labels, np.array([0.1, 0.9, 0.8, 0.7, 0.3]))
    assert "AP 0.917" in fig.data[0].name  # (1 + 1 + 3/4) / 3


def test_curves_have_gaps_stars_and_dashes():
    history = samples.history()
    history["val_loss"][3] = float("nan")
    fig = tra.training_curves_figure(history)
    assert fig.data[0].line.dash == "solid"
    assert fig.data[1].line.dash == "dash"
    assert fig.data[1].y[3] is None
    best = int(np.nanargmin(history["val_loss"])) + 1
    assert fig.data[2].x == (best,)


def test_smoothing_keeps_the_raw_values():
    fig = tra.training_curves_figure(samples.history(), smoothing=5)
    raw = fig.data[0]
    np.testing.assert_allclose(raw.y, samples.history()["loss"], rtol=1e-4)
    assert "running mean over 5" in fig.layout.title.text


def test_gap_is_held_out_minus_training():
    h = samples.history()
    gap = np.subtract(h["val_loss"], h["loss"])
    fig = tra.overfitting_figure(h)
    np.testing.assert_allclose(fig.data[0].y, gap, rtol=1e-3, atol=1e-6)


def test_model_keeps_its_colour():
    names = [f"m{i}" for i in range(14)]
    colors = ColorMap.for_names(names)
    assert len({(colors.color(n), colors.dash(n)) for n in names}) == 14
    some = {"m3": samples.coverage()}
    fig = con.accuracy_coverage_figure(some, colors=colors)
    assert fig.data[0].line.color == colors.color("m3")


def test_pareto_front_is_a_staircase_of_the_mask():
    front = samples.front()
    fig = com.pareto_figure(front)
    assert len(trace(fig, "front").x) == front.mask.sum()
    assert trace(fig, "staircase").line.shape in ("hv", "vh")
    with pytest.raises(ValueError, match="y"):
        com.pareto_figure(front, y="speed")


def test_interval_over_zero_is_hollow():
    fig = com.bootstrap_difference_figure({"a": (1, 0.5, 2), "b": (0.1, -1, 1)})
    assert fig.data[0].marker.symbol == ("circle", "circle-open")


def test_paired_differences_are_those_of_the_metric():
    from dl_techniques.analysis.comparison import PairedDifference

    made = [
        PairedDifference("a", "b", m, 0.5, 0.6, 0.1, 0.02, 0.2, 0.95, 0.1, 100)
        for m in ("accuracy", "ece")
    ]
    fig = com.bootstrap_difference_figure(made, metric="ece")
    assert fig.data[0].x == (0.1,)
    assert fig.layout.yaxis.ticktext == ("b - a",)


def test_radar_states_ranges_and_turns_costs_around():
    frame = {"m0": {"ece": 0.1, "acc": 0.5}, "m1": {"ece": 0.3, "acc": 0.9}}
    fig = com.comparison_radar_figure(frame, {"ece": "min", "acc": "max"})
    assert fig.data[0].r == (1, 0, 1)
    assert "0.3 to 0.1" in fig.data[0].theta[0]


def test_dead_units_have_their_places():
    stats = samples.activation_report().layers[1].stats
    cells = np.asarray(act.dead_units_figure(stats).data[0].z).ravel()
    assert (cells == 3).sum() == 2
    assert "2 of 24" in act.dead_units_figure(stats).layout.title.text


def test_unknown_layer_is_named():
    with pytest.raises(ValueError, match="other"):
        act.activation_histograms_figure(samples.activation_report(), ["other"])


def test_large_matrix_is_averaged_with_a_note():
    fig = wei.weight_matrix_figure(np.ones((320, 40)))
    assert np.asarray(fig.data[0].z).shape == (160, 40)
    assert "mean of 2 x 1" in fig.layout.title.text
    assert fig.data[0].zmin == -fig.data[0].zmax


def test_only_three_input_channels_are_colours():
    rgb = wei.filters_figure(np.random.default_rng(0).normal(size=(3, 3, 3, 2)))
    grey = wei.filters_figure(np.random.default_rng(0).normal(size=(3, 3, 4, 2)))
    assert {t.type for t in rgb.data} == {"image"}
    assert {t.type for t in grey.data} == {"heatmap"}


def test_cka_below_zero_is_shown_as_it_is():
    fig = rep.cka_figure(["a"], ["b", "c"], [[-0.1, 1.0]])
    assert np.asarray(fig.data[0].z)[0, 0] == pytest.approx(-0.1)
    assert (fig.data[0].zmin, fig.data[0].zmax) == (0, 1)


def test_vanished_gradients_are_crossed():
    fig = rep.gradient_flow_figure(samples.gradients())
    assert fig.data[0].marker.symbol[-1] == "x"
    assert "no gradient: 1 of 6" in fig.layout.title.text
    assert fig.layout.yaxis.type == "log"


def test_pictures_out_of_range_are_stretched_and_said_so():
    said = dat.sample_grid_figure(samples.pictures(2) * 5 - 1).layout.title.text
    assert "lowest to its highest" in said.replace("<br>", " ")
    plain = dat.sample_grid_figure(samples.pictures(2, "uint8")).layout.title.text
    assert plain == "Samples"
    with pytest.raises(ValueError, match="images"):
        dat.sample_grid_figure(np.zeros((1, 2, 2, 5)))


def test_boundary_asks_a_function():
    axes = (np.linspace(-1, 1, 5), np.linspace(-1, 1, 4))
    fig = dat.decision_boundary_figure(axes, lambda p: (p[:, 0] > 0).astype(int))
    z = np.asarray(fig.data[0].z)
    assert z.shape == (4, 5)
    assert z[:, -1].all()
    assert not z[:, 0].any()


def test_mixture_density_integrates_to_one():
    fig = dat.mixture_density_figure([0.5, 0.5], [-1, 1], [0.3, 0.6])
    drawn = trace(fig, "mixture")
    x, y = np.asarray(drawn.x), np.asarray(drawn.y)
    assert np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) == pytest.approx(1, abs=0.01)


def test_parameter_shares_add_up():
    fig = architecture_figure(samples.graph())
    assert sum(trace(fig, "parameters").x) == pytest.approx(100, abs=0.5)
    assert len(trace(fig, "edges-1").x) == 12  # one skip connection


def test_table_has_words_for_places():
    table = figure_table(
        com.per_class_figure(samples.classified(), ["a", "b", "c", "d"])
    )
    assert set(table["y label"]) == {"a", "b", "c", "d"}
    assert set(table["trace"]) == {"precision", "recall", "f1"}
    cells = figure_table(com.confusion_figure([[3, 1], [0, 2]]))
    assert cells["z"].tolist() == [3, 1, 0, 2]
