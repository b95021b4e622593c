"""Runs whose recipe names a model of the catalog."""

import keras
import numpy as np
import pytest

from dl_techniques.analysis import AnalysisReport
from dl_techniques.datasets import load_dataset
from dl_techniques.recipes import Recipe
from dl_techniques.tracking import RunStore
from dl_techniques.training import train_here


def named(zoo, *, epochs, dataset=None, **args):
    return Recipe.model_validate(
        {
            "name": zoo,
            "dataset": dataset or {"name": "digits"},
            "model": {"zoo": zoo, "args": args},
            "optimizer": {"name": "AdamW", "learning_rate": 2e-3},
            "training": {"epochs": epochs, "batch_size": 64},
            "analysis": {"enabled": True, "max_samples": 64},
        }
    )


def test_a_small_model_trains_with_live_analysis(tmp_path):
    few = {"name": "digits", "max_samples": 100}
    record = train_here(named("ConvNextV1", epochs=1, dataset=few), home=tmp_path)
    assert (record.status, record.reason) == ("finished", "")
    store = RunStore(tmp_path)
    folder = store.artifact_dir(record.id)
    model = keras.saving.load_model(folder / "model.keras")
    assert type(model).__name__ == "ConvNextV1"
    assert model.get_config()["classifier_activation"] is None
    with np.load(folder / "predictions.npz") as data:
        np.testing.assert_allclose(data["y_prob"].sum(-1), 1, rtol=1e-5)
    snapshots, _ = store.snapshots_after(record.id, 0)
    assert snapshots


@pytest.mark.slow
def test_a_mixture_shows_its_density_while_it_trains(tmp_path):
    few = {"name": "inverse_sine", "options": {"n": 300}}
    record = train_here(named("MDNModel", epochs=2, dataset=few), home=tmp_path)
    assert (record.status, record.reason) == ("finished", "")
    snapshots, _ = RunStore(tmp_path).snapshots_after(record.id, 0)
    curve = snapshots[-1]["pictures"]["mixture"]
    quantiles = np.array(curve["quantiles"])
    assert quantiles.shape == (5, len(curve["x"]))
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert 0 <= snapshots[-1]["regression"]["coverage_90"] <= 1
    assert snapshots[-1]["skipped"] == {}


@pytest.mark.slow
def test_a_capsule_network_shows_its_drawings_while_it_trains(tmp_path):
    few = {"name": "digits", "max_samples": 150, "standardise": False}
    recipe = named("CapsNet", epochs=2, dataset=few, reconstruction=True)
    record = train_here(recipe, home=tmp_path)
    assert (record.status, record.reason) == ("finished", "")
    assert "val_reconstruction_loss" in record.last
    store = RunStore(tmp_path)
    snapshots, _ = store.snapshots_after(record.id, 0)
    drawn = snapshots[-1]["pictures"]["reconstruction"]
    assert (drawn["low"], drawn["high"]) == (0, 1)
    assert len(drawn["labels"]) == 8
    folder = store.artifact_dir(record.id)
    with np.load(folder / "predictions.npz") as data:
        assert data["outputs"].shape == (len(data["y_true"]), 10)
    assert (folder / "analysis" / "report.json").exists()


PAIRS = {"name": "captioned_shapes", "options": {"n": 150}}


@pytest.mark.slow
def test_images_are_matched_with_texts(tmp_path):
    recipe = named("CLIP", epochs=2, dataset=PAIRS, embed_dim=8)
    record = train_here(recipe, home=tmp_path)
    assert (record.status, record.reason) == ("finished", "")
    assert {"loss", "val_loss", "clip_accuracy", "val_clip_accuracy"} <= set(
        record.last
    )
    store = RunStore(tmp_path)
    snapshots, _ = store.snapshots_after(record.id, 0)
    last = snapshots[-1]
    assert "no classes" in last["skipped"]["calibration"]
    likeness = last["pictures"]["matching"]
    assert np.shape(likeness["likeness"]) == (16, 16)
    assert len(likeness["captions"][0].split()) == 5
    assert last["weights"]
    assert last["activations"]
    folder = store.artifact_dir(record.id)
    model = keras.saving.load_model(folder / "model.keras")
    data = load_dataset("captioned_shapes", options={"n": 150})
    with np.load(folder / "predictions.npz") as file:
        x = {k: v[file["rows"]] for k, v in data.inputs_test.items()}
        logits = model.predict(x, verbose=0)["logits_per_image"]
        np.testing.assert_allclose(file["outputs"], logits, atol=1e-4)
        np.testing.assert_array_equal(file["y_true"], x["text"])
    with np.load(folder / "representation.npz") as file:
        assert file["features"].shape == (30, 8)
        assert not any(n.startswith("logits") for n in file["layers"])
    report = AnalysisReport.load(folder / "analysis")
    assert report.errors == {}
    assert report.weights
    assert report.activations


@pytest.mark.slow
def test_captions_are_learned(tmp_path):
    pairs = {"name": "captioned_shapes", "options": {"n": 2000}}
    recipe = named("CLIP", epochs=8, dataset=pairs)
    calm = recipe.optimizer.model_copy(update={"learning_rate": 1e-3})
    record = train_here(recipe.model_copy(update={"optimizer": calm}), home=tmp_path)
    assert record.status == "finished", record.reason
    assert record.last["val_clip_accuracy"] > 0.2  # by chance 1 / 64


def test_pictures_can_be_left_out(tmp_path):
    few = {"name": "inverse_sine", "options": {"n": 100}}
    recipe = named("MDNModel", epochs=1, dataset=few)
    plain = recipe.analysis.model_copy(update={"pictures": False})
    record = train_here(recipe.model_copy(update={"analysis": plain}), home=tmp_path)
    snapshots, _ = RunStore(tmp_path).snapshots_after(record.id, 0)
    assert snapshots[-1]["pictures"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("zoo", "epochs", "accuracy"),
    [
        ("ConvNextV1", 20, 0.9),
        ("ConvNextV2", 20, 0.9),
        ("ResNet", 10, 0.9),
        ("ViT", 20, 0.8),
    ],
)
def test_every_family_learns_the_digits(zoo, epochs, accuracy, tmp_path):
    record = train_here(named(zoo, epochs=epochs), home=tmp_path)
    assert record.status == "finished", record.reason
    assert record.last["val_accuracy"] > accuracy


@pytest.mark.slow
@pytest.mark.parametrize("zoo", ["ConvNextV1", "MobileNetV4", "ResNet", "ViT"])
def test_every_family_trains_on_shapes(zoo, tmp_path):
    few = {"name": "shapes", "max_samples": 300}
    record = train_here(named(zoo, epochs=1, dataset=few), home=tmp_path)
    assert record.status == "finished", record.reason
