"""Runs whose recipe names a model of the catalog."""

import keras
import numpy as np
import pytest

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
