"""Every classification loss of the library trains from a recipe, or is refused."""

import numpy as np
import pytest

from dl_techniques import catalog
from dl_techniques.recipes import Component, build_model, check, to_script
from dl_techniques.recipes.advice import advise
from dl_techniques.recipes.schema import DatasetSpec, TrainingSpec
from tests.recipes.info import CURVE, VECTOR, Info, layer, recipe

FAMILIES = ("any loss", "mixtures", "information", "calibration", "probabilities")
PAIR = Info("vector", (6,), 2)


def own(kind):
    return [e for e in catalog.entries(kind) if e.family in FAMILIES]


def spec_of(entry, **fields):
    component = Component(name=entry.name, args=entry.example)
    part = {"loss": component} if entry.kind == "loss" else {"metrics": (component,)}
    return recipe(layer("Dense", units=4), **part, **fields)


every_one = pytest.mark.parametrize(
    "entry", own("loss") + own("metric"), ids=lambda e: e.name
)


@every_one
def test_it_trains_on_two_and_on_three_classes(entry):
    rng = np.random.default_rng(0)
    for info in (PAIR, VECTOR):
        spec = spec_of(entry)
        assert check(spec, info) == ()
        model = build_model(spec, info, steps=1)
        model.run_eagerly = True
        x = rng.normal(size=(8, 6)).astype("float32")
        told = model.train_on_batch(x, np.arange(8) % 2, return_dict=True)
        assert all(np.isfinite(v) for v in told.values())


@every_one
def test_a_regression_data_set_refuses_it_with_a_reason(entry):
    (problem,) = check(spec_of(entry), CURVE)
    assert "regression" in problem.message
    assert problem.repair


def test_logits_reach_the_loss_and_what_is_inside_it():
    entry = catalog.get("loss", "WeightedCrossEntropyWithAnyLoss")
    for activation, head in (("relu", "auto"), ("softmax", "none")):
        logits = head == "auto"
        component = Component(name=entry.name, args=entry.example)
        metric = Component(name="BrierScoreMetric")
        last = layer("Dense", units=3, activation=activation)
        spec = recipe(last, head=head, loss=component, metrics=(metric,))
        model = build_model(spec, VECTOR, steps=1)
        assert model.loss.from_logits is logits
        assert model.loss.anyloss.from_logits is logits
        script = to_script(spec, VECTOR)
        assert script.count(f"from_logits={logits}") == 3


def test_only_a_metric_may_stand_inside_the_mixture():
    name = "WeightedCrossEntropyWithAnyLoss"
    loss = Component(name=name, args={"anyloss": "BrierScoreLoss"})
    (problem,) = check(recipe(layer("Dense", units=3), loss=loss), VECTOR)
    assert problem.where == "loss.args.anyloss"
    assert "F1Loss" in problem.message


def test_a_small_batch_is_advised_against():
    entry = catalog.get("loss", "F1Loss")
    (hint,) = advise(spec_of(entry, training=TrainingSpec(batch_size=12)), VECTOR)
    assert hint.where == "training.batch_size"
    assert advise(spec_of(entry, training=TrainingSpec(batch_size=24)), VECTOR) == ()
    rare = DatasetSpec(imbalance=0.1)
    (hint,) = advise(spec_of(entry, dataset=rare), PAIR)
    assert "2.9 samples" in hint.message
    assert hint.repair["value"] == 88
