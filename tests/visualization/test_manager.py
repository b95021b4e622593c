import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dl_techniques.visualization import (
    ColorMap,
    MissingExporterError,
    PlotConfig,
    VisualizationManager,
    figure_for,
)
from dl_techniques.visualization import _export as export
from dl_techniques.visualization import _files as files
from dl_techniques.visualization import _registry as registry
from tests.visualization import samples as s

RESULTS = {
    "ReliabilityDiagram": s.diagram,
    "CalibrationReport": s.report,
    "ClasswiseCalibration": lambda: s.report().classwise,
    "BrierDecomposition": lambda: s.report().decomposition,
    "TemperatureFit": lambda: s.temperature()[0],
    "QuantileCalibration": s.quantiles,
    "ConfidenceStats": s.confidence_stats,
    "AccuracyCoverage": s.coverage,
    "AgreementMatrix": lambda: s.agreement(),
    "LayerSpectrum": s.layer,
    "PowerLawFit": s.curve_fit,
    "SpectralReport": lambda: s.spectral_report(randomize=True),
    "SmoothingReport": s.smoothing_report,
    "ActivationReport": s.activation_report,
    "ActivationStats": lambda: s.activation_report().layers[0].stats,
    "WeightStats": lambda: s.weight_stats(1)["block_0/dense/kernel"],
    "WeightReport": s.weight_report,
    "TernaryStats": s.ternary,
    "FingerprintPCA": s.fingerprint,
    "DirectionStats": s.directions,
    "CKAMatrix": s.cka,
    "PCAProjection": lambda: s.projection()[0],
    "InformationFlow": s.flow,
    "ClassSeparation": lambda: s.separation()["dense_0"],
    "GradientFlow": s.gradients,
    "TrainingDynamics": s.dynamics,
    "History": s.history,
    "ParetoFront": s.front,
    "ClassificationReport": s.classified,
    "DataFrame": s.table,
    "DecisionGrid": s.decision,
    "LayerGraph": s.graph,
    "DepthMaps": s.depth_maps,
    "MixtureCurve": s.mixture_curve,
    "PairSimilarity": s.pair_similarity,
    "Reconstructions": s.reconstructions,
}
KINDS = [
    (name, kind.split(".")[1])
    for name, kinds in registry._DEFAULTS.items()
    for kind in kinds
]
ALTERED = {
    "normal": None,
    "empty": (lambda a: a[:0], lambda t: t[:0]),
    "nan": (
        lambda a: np.full(a.shape, np.nan) if a.dtype.kind == "f" else a,
        lambda t: t,
    ),
    "one": (lambda a: a[(slice(0, 1),) * a.ndim], lambda t: t[:1]),
}


@pytest.fixture(scope="module")
def results():
    return {name: make() for name, make in RESULTS.items()}


@pytest.fixture
def manager(tmp_path):
    return VisualizationManager(tmp_path / "out")


def test_every_type_has_a_sample():
    assert set(RESULTS) == set(registry._DEFAULTS)


@pytest.mark.parametrize("form", ALTERED)
@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_every_kind_is_drawn(name, kind, form, results, manager):
    result = results[name]
    if ALTERED[form]:
        array, cut = ALTERED[form]
        if isinstance(result, pd.DataFrame):
            cells = array(result.to_numpy())
            rows, columns = cells.shape
            result = pd.DataFrame(cells, result.index[:rows], result.columns[:columns])
        else:
            result = s.changed(result, array, cut)
    figure = manager.render(result, kind)
    assert figure.layout.title.text
    assert figure.data or figure.layout.annotations[0].text
    if form == "normal":
        assert figure.data
        assert kind in manager.available(results[name])


def test_nothing_is_made_before_the_first_save(tmp_path, manager):
    manager.render(s.diagram())
    manager.get_save_path("x", "sub")
    assert manager.index() == []
    assert list(tmp_path.iterdir()) == []


def test_html_shares_one_script_and_works_offline(manager):
    figure = go.Figure(go.Scatter(y=[1, 2]))
    before = figure.to_json()
    (first,) = manager.save(figure, "a b/ü")
    (second,) = manager.save(figure, "deep", subdir="x/y")
    assert first.is_absolute()
    assert first.name == "a_b_u.html"
    assert 'src="plotly.min.js"' in first.read_text()
    assert 'src="../../plotly.min.js"' in second.read_text()
    assert "cdn.plot.ly" not in first.read_text()
    assert len(list(manager.output_dir.rglob("plotly.min.js"))) == 1
    assert figure.to_json() == before


def test_same_result_gives_the_same_files(manager):
    for form in ("json", "html"):
        (path,) = manager.save(s.diagram(), "d", formats=(form,))
        before = path.read_bytes()
        (again,) = manager.save(s.diagram(), "d", formats=(form,))
        assert again == path
        assert path.read_bytes() == before
    loaded = json.loads(
        manager.save(s.diagram(), "d", formats=("json",))[0].read_text()
    )
    assert loaded["data"]


def test_only_the_same_name_is_replaced(manager):
    figure = go.Figure()
    names = [manager.save(figure, n)[0].name for n in ("a/b", "a_b", "a/b", "a b")]
    assert names == ["a_b.html", "a_b_2.html", "a_b.html", "a_b_3.html"]


@pytest.mark.parametrize("name", ["../up", "a/../../b", "..", "x\\..\\y"])
def test_no_name_leaves_the_folder(name, manager, tmp_path):
    with pytest.raises(ValueError, match="name"):
        manager.save(go.Figure(), name)
    with pytest.raises(ValueError, match="subdir"):
        manager.save(go.Figure(), "ok", subdir=name)
    with pytest.raises(ValueError, match="subdir"):
        manager.save(go.Figure(), "ok", subdir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "日本語", "...", "a" * 500, ".hidden", " x "])
def test_odd_names_become_safe(name, manager):
    (path,) = manager.save(go.Figure(), name)
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", path.name)
    assert manager.index()[0]["name"] == name


def test_pictures_need_kaleido_and_nothing_is_written_without(
    manager, tmp_path, monkeypatch
):
    monkeypatch.setattr(export.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExporterError, match="pip install"):
        manager.save(go.Figure(), "x", formats=("html", "png"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="formats"):
        manager.save(go.Figure(), "x", formats=("bmp",))


def test_index_tells_what_was_saved(manager):
    manager.save(s.layer(kind="zero"), "zero")
    manager.save(go.Figure(), "plain", formats=("html", "json"))
    found = manager.index()
    assert [r["file"] for r in found] == ["zero.html", "plain.html", "plain.json"]
    assert found[0]["kind"] == "esd"
    assert set(found[0]) == {"name", "kind", "file", "created", "title", "flags"}


SAVE = """
import sys
import plotly.graph_objects as go
from dl_techniques.visualization import VisualizationManager
manager = VisualizationManager(sys.argv[1], formats=("json",))
for i in range(5):
    manager.save(go.Figure(), f"{sys.argv[2]} {i}")
"""


def test_two_processes_share_an_index(tmp_path):
    command = [sys.executable, "-c", SAVE, str(tmp_path)]
    both = [subprocess.Popen([*command, name]) for name in "ab"]
    assert [process.wait(120) for process in both] == [0, 0]
    assert len(VisualizationManager(tmp_path).index()) == 10


def test_held_and_stale_locks(tmp_path):
    path = tmp_path / "lock"
    path.touch()
    with pytest.raises(TimeoutError), files.lock(path, timeout=0.05):
        pass
    old = time.time() - 100
    os.utime(path, (old, old))
    with files.lock(path, timeout=0.05):
        assert path.exists()
    assert not path.exists()


def test_dated_folders_do_not_collide(tmp_path):
    managers = [VisualizationManager(tmp_path, timestamp_dirs=True) for _ in range(3)]
    assert list(tmp_path.iterdir()) == []
    folders = [m.save(go.Figure(), "x", formats=("json",))[0].parent for m in managers]
    assert len(set(folders)) == 3
    assert all(re.match(r"viz_\d{8}_\d{6}", f.name) for f in folders)


def test_dashboard_is_one_offline_page(manager):
    figures = {"one": go.Figure(go.Bar(y=[1])), "<two>": s.diagram()}
    path = manager.dashboard(figures, columns=2)
    text = path.read_text()
    assert text.count("Plotly.newPlot") == 2
    assert "&lt;two&gt;" in text
    assert "repeat(2" in text
    assert "cdn" not in text.lower().replace("cdnjs", "")
    with pytest.raises(ValueError, match="figures"):
        manager.dashboard({})


def test_extension_points(manager):
    class Own:
        pass

    @figure_for(Own, "own")
    def own_figure(result, *, theme=None):
        return go.Figure(layout={"title": {"text": f"own {theme}"}})

    manager.register("Own", "other", lambda result: go.Figure())
    assert manager.available(Own()) == ("own", "other")
    assert manager.render(Own()).layout.title.text == "own light"
    registry._ADDED.pop("Own")
    with pytest.raises(KeyError, match="esd, ccdf"):
        manager.render(s.layer(), "unknown")
    with pytest.raises(TypeError, match="ReliabilityDiagram"):
        manager.render(object())


def test_a_model_keeps_its_colour_in_all_figures(manager):
    first = manager.render({"a": s.coverage(), "b": s.coverage(1)})
    second = manager.render({"b": s.quantiles()})
    assert first.data[1].line.color == second.data[1].line.color
    mine = VisualizationManager(color_map=ColorMap({"b": 5}))
    assert mine.render({"b": s.coverage()}).data[0].line.color == ColorMap(
        {"b": 5}
    ).color("b")


def test_config_sets_sizes_and_is_checked():
    config = PlotConfig(
        "dark", width=500, height=300, font_size=20, palette=("#000000",)
    )
    manager = VisualizationManager(config=config)
    figure = manager.render({"a": s.coverage()})
    assert (figure.layout.width, figure.layout.height) == (500, 300)
    assert figure.layout.font.size == 20
    assert figure.data[0].line.color == "#000000"
    for wrong in ({"theme": "pink"}, {"width": 0}, {"formats": ()}, {"scale": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            PlotConfig(**wrong)


def test_names_of_the_earlier_library(manager):
    histories = {"a": s.history(), "b": s.history(1)}
    assert manager.plot_history(histories, ["loss", "accuracy"], "h").exists()
    assert manager.plot_matrix(np.eye(3), "m").exists()
    guesses = {"a": np.array([0, 1, 1]), "b": np.eye(3)}
    path = manager.plot_confusion_matrices_comparison([0, 1, 2], guesses, "c")
    assert path.read_text().count("Plotly.newPlot") == 2
    assert manager.compare_images(s.pictures(2), ["x", "y"], "i").exists()
    saved = manager.save_figure(go.Figure(), "f", "sub")
    assert saved == manager.get_save_path("f", "sub")
    assert isinstance(saved, Path)


def test_report_is_one_page_that_needs_nothing_else(manager):
    from dl_techniques.analysis.report import AnalysisConfig, AnalysisReport

    report = AnalysisReport(
        ("a",),
        AnalysisConfig(),
        (),
        2,
        2,
        np.arange(2),
        calibration={"a": s.report()},
        spectra={"a": s.spectral_report()},
    )
    path = manager.report(report)
    text = path.read_text()
    assert "<script src" not in text
    assert manager.index()[0]["kind"] == "report"
    assert 10**6 < path.stat().st_size < 8 * 10**6


def test_wrong_lengths_and_nothing_are_refused(manager):
    with pytest.raises(ValueError, match="histories"):
        manager.plot_history({}, ["loss"], "h")
    with pytest.raises(ValueError, match="model_predictions"):
        manager.plot_confusion_matrices_comparison([0], {}, "c")
    with pytest.raises(ValueError, match="model_predictions"):
        manager.plot_confusion_matrices_comparison([0], {"a": [0, 1]}, "c")
    with pytest.raises(ValueError, match="titles"):
        manager.compare_images(s.pictures(2), ["x"], "i")
    with pytest.raises(ValueError, match="matrix"):
        manager.plot_matrix(np.zeros(3))
