"""Data with a number at every place, on the pages."""

from concurrent.futures import Future

import numpy as np
import pytest

from dl_techniques import catalog
from dl_techniques.datasets import load_dataset
from dl_techniques.datasets.previews import preview
from dl_techniques.models import model_card
from dl_techniques.recipes import DatasetSpec, ModelSpec, Recipe, check, to_link
from dl_techniques.ui import inspect_maps
from dl_techniques.ui.build_data import PREVIEW
from dl_techniques.ui.model_gallery import recipe_of
from tests.app.test_live_pictures import figures, run_with, views
from tests.visualization import samples

DATA = DatasetSpec(name="depth_shapes", options={"n": 40})


def test_the_gallery_opens_the_depth_model_on_data_with_depth():
    entry = catalog.get("model", "DepthAnything")
    recipe = recipe_of(entry, model_card("depth_anything_lab"))
    assert recipe.dataset.name == "depth_shapes"
    assert check(recipe) == ()
    assert recipe_of(entry, model_card("depth_anything_v2_small")) is None


def test_build_offers_what_fits_and_says_why_not(compute, page, words):
    recipe = Recipe(dataset=DATA, model=ModelSpec(zoo="DepthAnything"))
    app = page("build", m=to_link(recipe))
    assert app.selectbox(key="build-zoo").options == ["DepthAnything"]
    text = words(app)
    assert "ConvNextV1 gives one answer an image" in text
    flowers = Recipe(model=ModelSpec(zoo="ConvNextV1"))
    app = page("build", m=to_link(flowers))
    assert "DepthAnything" not in app.selectbox(key="build-zoo").options
    assert "DepthAnything gives a number at every place" in words(app)


def test_build_shows_targets_under_the_images(compute, page, words, monkeypatch):
    loaded = load_dataset("depth_shapes", options={"n": 40})
    ask = compute.ask

    def answer(function, *args, timeout=60.0):
        if function != PREVIEW:
            return ask(function, *args)
        done = Future()
        done.set_result(preview(loaded, 12))
        return done

    monkeypatch.setattr(compute, "ask", answer)
    app = page("build", m=to_link(Recipe(dataset=DATA)))
    assert not app.exception
    assert "the target of every place" in words(app)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["Worst", "Best", "First"])
def test_answers_of_maps_are_drawn(compute, finished, page, order):
    run_id = finished("depth", dataset=DATA)
    rng = np.random.default_rng(0)
    true = rng.uniform(1, 6, (8, 32, 32, 1)).astype("float32")
    given = true + np.linspace(0.1, 0.8, 8)[:, None, None, None]
    np.savez(
        compute.store.artifact_dir(run_id) / "predictions.npz",
        rows=np.arange(8),
        y_true=true,
        outputs=given,
        keys=np.arange(8, dtype=np.uint64),
    )
    app = page("inspect", run=run_id)
    app.session_state["inspect_view"] = "Answers"
    app.run()
    assert not app.exception
    assert [m.label for m in app.metric][:1] == ["mean error"]
    assert app.metric[0].value == "0.45"
    assert app.metric[2].value == "0.8"
    error = abs(given - true).mean((1, 2, 3))
    want = {"Worst": [7, 6, 5, 4], "Best": [0, 1, 2, 3], "First": [0, 1, 2, 3]}
    assert inspect_maps._rows(error, order).tolist() == want[order]


def test_live_draws_true_and_predicted_maps(compute, page):
    shown = samples.depth_maps(32)
    run_id = run_with(compute.store, "depth", pictures={"depth": shown})
    app = page("live", run=run_id)
    views(app).set_value("Pictures").run()
    assert not app.exception, app.exception
    assert "live_picture_depth" in figures(app)
