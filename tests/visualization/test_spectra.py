import numpy as np
import pytest

from dl_techniques.analysis.results import AnalysisResult
from dl_techniques.analysis.spectra import PowerLawFit, fit_power_law
from dl_techniques.visualization import spectra as figures
from dl_techniques.visualization._layers import places
from tests.visualization import samples


def trace(fig, uid):
    return next(t for t in fig.data if t.uid == uid)


@pytest.mark.parametrize("scale", ["loglog", "loglin", "linear"])
def test_drawn_density_integrates_to_one(scale):
    drawn = figures.esd_figure(samples.layer(), scale=scale).data[0]
    x = np.asarray(drawn.x, float)
    y = np.nan_to_num(np.asarray([0 if v is None else v for v in drawn.y], float))
    assert np.sum(np.diff(x)[::2] * y[::2]) == pytest.approx(1, abs=0.02)


def test_power_law_meets_the_histogram_at_xmin():
    layer = samples.layer()
    fit, line = layer.fit, trace(figures.esd_figure(layer), "fit")
    share = fit.num_pl_spikes / np.sum(layer.spectrum.values > 0)
    assert line.y[0] == pytest.approx(share * (fit.alpha - 1) / fit.xmin, rel=1e-3)
    assert line.x[-1] == pytest.approx(fit.xmax, rel=1e-4)


def test_random_bulk_has_the_area_of_its_eigenvalues():
    layer = samples.layer(kind="random")
    line = trace(figures.esd_figure(layer, scale="linear"), "bulk")
    x, y = (
        np.array([0 if v is None else v for v in a], float) for a in (line.x, line.y)
    )
    area = np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2)
    assert area == pytest.approx(1 - layer.mp.num_spikes / 120, abs=0.03)


def test_rejected_fit_is_called_no_power_law():
    layer = samples.layer(shape=(600, 500), kind="random")
    assert layer.fit.verdict == "rejected"
    assert "not a power law" in figures.esd_figure(layer).layout.title.text
    drawn = figures.alpha_by_layer_figure([layer]).data[0]
    assert drawn.y == (0,)
    assert drawn.marker.symbol == ("circle-open",)


def test_ks_figure_marks_the_choice():
    fit = samples.curve_fit()
    fig = figures.ks_figure(fit)
    best = trace(fig, "chosen-D")
    assert best.y[0] == pytest.approx(min(trace(fig, "D").y), rel=1e-4)
    assert best.x[0] == pytest.approx(fit.xmin, rel=1e-4)


def test_kept_curve_holds_every_candidate_and_survives_json():
    values = samples.layer().spectrum.values
    fit = fit_power_law(values, keep_curve=True)
    assert fit_power_law(values).curve is None
    assert fit.curve.D.min() == pytest.approx(fit.D, rel=1e-12)
    assert fit.curve.alpha[fit.curve.D.argmin()] == pytest.approx(fit.alpha, rel=1e-12)
    back = AnalysisResult.from_dict(fit.to_dict())
    assert isinstance(back, PowerLawFit)
    np.testing.assert_allclose(back.curve.D, fit.curve.D, rtol=1e-12)


def test_ccdf_starts_at_one():
    fig = figures.ccdf_figure(samples.layer())
    assert fig.data[0].y[0] == 1
    assert fig.data[1].y[0] == 1


def test_layers_of_several_models_share_places():
    both = {"a": samples.spectral_report(layers=3), "b": samples.spectral_report(1, 2)}
    fig = figures.stable_rank_figure(both)
    assert fig.data[0].x == (0, 1, 2)
    assert fig.data[1].x == (0, 1)


def test_unknown_scale_is_named():
    with pytest.raises(ValueError, match="scale"):
        figures.esd_figure(samples.layer(), scale="cubic")


def test_layers_go_in_before_the_next_one_they_share():
    models = {"a": ["d1", "d2", "head"], "b": ["c1", "d2", "c2", "head"]}
    order = list(places(models))
    assert order == ["d1", "c1", "d2", "c2", "head"]
    for layers in models.values():
        assert sorted(layers, key=order.index) == layers
