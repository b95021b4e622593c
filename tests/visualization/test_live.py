import numpy as np

from dl_techniques.visualization.live import (
    alpha_over_time_figure,
    histograms_figure,
    live_dashboard,
    thin,
)
from tests.visualization import samples

NAMES = {"losses", "accuracy", "ece", "alpha", "alpha_by_layer", "dead", "reliability"}


def test_dashboard_names_its_figures_and_holds_the_curves():
    figures = live_dashboard(samples.snapshots(4))
    assert set(figures) == NAMES
    losses = figures["losses"].data
    assert [t.name for t in losses] == ["training", "held out", "best"]
    assert list(losses[0].x) == [1, 2, 3, 4]


def test_zoom_and_traces_survive_a_refresh():
    found = samples.snapshots(6)
    before, after = live_dashboard(found[:4]), live_dashboard(found)
    for name, figure in before.items():
        assert figure.layout.uirevision == after[name].layout.uirevision
        assert [t.uid for t in figure.data] == [t.uid for t in after[name].data]


def test_no_snapshot_says_so():
    for figure in live_dashboard([]).values():
        assert not figure.data
        assert figure.layout.annotations[0].text
    assert not histograms_figure({"": None}, "weights").data
    assert not alpha_over_time_figure([]).data


def test_thinning_keeps_the_ends():
    kept = thin(list(range(1000)), 50)
    assert len(kept) == 50
    assert (kept[0], kept[-1]) == (0, 999)
    assert thin([1, 2], 50) == [1, 2]


def test_histograms_of_several_runs_share_a_legend():
    runs = {f"run {i} / x": samples.snapshots(1, i)[0] for i in range(2)}
    figure = histograms_figure(runs, "activations", positions={"run 1 / x": 4})
    assert len(figure.data) == 6
    assert sum(t.showlegend for t in figure.data) == 2
    total = np.sum([v for v in figure.data[0].y if v is not None])
    assert abs(total - 1) < 0.01
