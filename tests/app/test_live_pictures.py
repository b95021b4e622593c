"""The view of pictures on the Live page."""

import json

import pytest

from dl_techniques.analysis._live_snapshot import shortened
from dl_techniques.recipes import Recipe
from tests.visualization import samples


def run_with(store, name, **more):
    run_id = store.create(Recipe(name=name))
    store.set_status(run_id, "running")
    for epoch in (1, 2):
        store.log(run_id, epoch, {"loss": 1 / epoch})
        snapshot = {"type": "LiveSnapshot", "epoch": epoch, "logs": {}, "alerts": []}
        store.add_snapshot(run_id, epoch, json.dumps(snapshot | shortened(more)))
    store.set_status(run_id, "finished")
    return run_id


def views(app):
    (control,) = [b for b in app.button_group if b.key == "live_view"]
    return control


def figures(app):
    """Keys of the live figures on the page."""
    found = [b.proto for b in app.main if type(b).__name__ == "UnknownElement"]
    return {p.id.rpartition("-")[2] for p in found if hasattr(p, "component_name")}


def test_pictures_are_offered_only_where_there_are_some(compute, page):
    plain = run_with(compute.store, "plain")
    drawn = {"mixture": samples.mixture_curve(), "other": samples.reconstructions()}
    run_id = run_with(compute.store, "mixture", pictures=drawn)
    app = page("live", run=run_id)
    assert views(app).options[-1] == "Pictures"
    assert "live_picture_mixture" not in figures(app)
    views(app).set_value("Pictures").run()
    assert not app.exception, app.exception
    assert figures(app) == {"live_picture_mixture", "live_picture_other"}
    app.query_params["run"] = plain
    app.selectbox[0].set_value(plain).run()
    assert not app.exception, app.exception
    assert "Pictures" not in views(app).options
    assert views(app).value == "Overview"


@pytest.mark.slow
def test_the_chosen_view_stays_when_the_first_picture_comes(compute, page):
    run_id = run_with(compute.store, "mixture")
    app = page("live", run=run_id)
    views(app).set_value("Curves").run()
    snapshot = {"type": "LiveSnapshot", "epoch": 3, "logs": {}, "alerts": []}
    snapshot["pictures"] = shortened({"mixture": samples.mixture_curve()})
    compute.store.add_snapshot(run_id, 3, json.dumps(snapshot))
    app.run()
    assert "Pictures" in views(app).options
    assert views(app).value == "Curves"


def test_a_distribution_is_judged_on_the_calibration_view(compute, page):
    fit = {"x": [0.0, 1.0], "target": [0.0, 1.0], "prediction": [0.1, 0.9]}
    fit |= {"coverage_90": 0.87, "coverage_50": 0.5, "nll": 0.3, "crps": 0.1}
    fit["quantiles"] = samples.quantiles().to_dict()
    run_id = run_with(compute.store, "mixture", regression=fit)
    app = page("live", run=run_id)
    views(app).set_value("Calibration").run()
    assert not app.exception, app.exception
    assert {m.label: m.value for m in app.metric}["In 90 %"] == "0.87"
    assert "live_quantiles" in figures(app)
    assert "needs class probabilities" not in str([i.value for i in app.info])
