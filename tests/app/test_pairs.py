"""Images with texts on the pages."""

import json

import numpy as np
import pytest

from dl_techniques import catalog
from dl_techniques.analysis._live_snapshot import shortened
from dl_techniques.analysis.run_outputs import sample_keys
from dl_techniques.datasets import load_dataset
from dl_techniques.models import list_models, model_card
from dl_techniques.recipes import (
    DatasetSpec,
    LayerSpec,
    ModelSpec,
    Recipe,
    check,
    to_link,
)
from dl_techniques.ui.build_palette import refusal
from dl_techniques.ui.model_gallery import recipe_of
from tests.app.test_live_pictures import figures
from tests.visualization import samples

PAIRS = DatasetSpec(name="captioned_shapes", options={"n": 100})
CLIP = Recipe(name="clip", dataset=PAIRS, model=ModelSpec(zoo="CLIP"))


def test_build_offers_clip_alone_for_pairs_and_nowhere_else(compute, page):
    app = page("build", m=to_link(CLIP))
    assert app.selectbox(key="build-zoo").options == ["CLIP"]
    other = CLIP.model_copy(update={"dataset": DatasetSpec(name="shapes")})
    app = page("build", m=to_link(other))
    known = app.selectbox(key="build-zoo").options
    assert known[0] == "CLIP"  # the one chosen stays, with its problem
    assert "ViT" in known
    (problem,) = check(other)
    assert "takes pairs data" in problem.message


def test_build_says_why_a_stack_does_not_fit(compute, page, words):
    stack = ModelSpec(stack=(LayerSpec(layer="Flatten"),))
    app = page("build", m=to_link(CLIP.model_copy(update={"model": stack})))
    assert "a stack has one input" in words(app)
    dense = catalog.get("layer", "Dense")
    assert "gets images with texts" in refusal(dense, "pairs")


def test_the_gallery_opens_the_variant_of_this_size():
    entry = catalog.get("model", "CLIP")
    first = next(n for n in list_models() if n.startswith("clip_"))
    opened = recipe_of(entry, model_card(first))
    assert opened.dataset.name == "captioned_shapes"
    assert check(opened) == ()
    for name in ("clip_lab8", "clip_lab28", "clip_vit_b32"):
        assert recipe_of(entry, model_card(name)) is None


@pytest.mark.slow
def test_live_shows_the_likeness(compute, page, words):
    run_id = compute.store.create(CLIP)
    compute.store.set_status(run_id, "running")
    compute.store.log(run_id, 1, {"loss": 4.0, "val_clip_accuracy": 0.25})
    snapshot = {"type": "LiveSnapshot", "epoch": 1, "logs": {}, "alerts": []}
    snapshot["pictures"] = shortened({"matching": samples.pair_similarity()})
    snapshot["skipped"] = {"calibration": "there are no classes"}
    compute.store.add_snapshot(run_id, 1, json.dumps(snapshot))
    compute.store.set_status(run_id, "finished")
    app = page("live", run=run_id)
    assert "live_pairs" in figures(app)  # on the overview
    (control,) = [b for b in app.button_group if b.key == "live_view"]
    for view in control.options:
        app.session_state["live_view"] = view
        app.run()
        assert not app.exception, (view, app.exception)
        if view == "Calibration":
            assert "there are no classes" in words(app)


@pytest.mark.slow
def test_inspect_shows_how_often_pairs_are_found(compute, finished, page, words):
    run_id = finished("clip", dataset=PAIRS, model=ModelSpec(zoo="CLIP"))
    folder = compute.store.artifact_dir(run_id)
    data = load_dataset("captioned_shapes", options={"n": 100})
    logits = np.eye(20, dtype="float32")
    logits[0, 1] = 2  # one image prefers another caption
    np.savez(
        folder / "predictions.npz",
        rows=np.arange(20),
        keys=sample_keys(data.x_test),
        y_true=data.y_test,
        outputs=logits,
    )
    app = page("inspect", run=run_id)
    values = {m.label: m.value for m in app.metric}
    assert values["image to caption"] == "95.0%"
    assert values["among the first 5"] == "100.0%"
    assert values["caption to image"] == "95.0%"
    assert "by chance 5.0%" in words(app)
    (table,) = app.dataframe
    assert table.value["rank of its own"][0] == 2
    app.session_state["inspect_view"] = "Spectra"
    app.run()
    assert not app.exception, app.exception
    app = page("compare", runs=run_id)
    assert not app.exception, app.exception
