"""What every loss in the library must do, whatever it computes.

A loss joins by a line in `cases_losses/<family>.py`; nothing else is written here for
it. What it computes is tested in the file that mirrors its module. Metrics follow in
`test_metrics.py`, files read by another process in `test_loss_files.py`; signatures,
ranges and illegal values in `test_catalog.py`.
"""

import json

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import catalog, losses
from tests.contract.loss_case import LOSSES, ONLY, each, label_forms, with_labels
from tests.gradients import gradient

# AnyLoss has no score of its own; the wrapper is put in place by the recipe builder.
PARTS = {"AnyLoss", "OneHotTargets"}
SAMPLEWISE = [c for c in LOSSES if c.batch == "sample"]
WHOLE = [c for c in LOSSES if c.batch == "whole"]


def total(case, y):
    """The loss as a scalar function of the predictions."""
    loss = case.make()
    return lambda p: ops.sum(loss(y, p))


@pytest.mark.skipif(bool(ONLY), reason="some families only")
def test_every_public_loss_has_a_case():
    public = {
        name
        for name in losses.__all__
        if isinstance(getattr(losses, name), type)
        and issubclass(getattr(losses, name), keras.losses.Loss)
    }
    assert sorted(public - PARTS - {c.cls.__name__ for c in LOSSES}) == []


@each(LOSSES)
def test_the_catalog_has_it(case):
    entry = catalog.get("loss", case.cls.__name__)
    assert entry.look_at
    assert entry.problems(entry.example) == []


@each(LOSSES)
def test_config_survives_json(case):
    loss = case.make()
    text = json.dumps(keras.losses.serialize(loss))
    revived = keras.losses.deserialize(json.loads(text))
    assert type(revived) is case.cls
    assert json.dumps(keras.losses.serialize(revived)) == text
    y, p = case.data()
    np.testing.assert_array_equal(loss(y, p), revived(y, p))


@each(LOSSES)
def test_compiled_equals_eager_and_reloads(case, tmp_path):
    model, x, y = case.compiled()
    told = case.told(model, x, y)
    assert told == pytest.approx(float(case.value(y, model(x))), rel=1e-4, abs=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.loss) is case.cls
    loaded.run_eagerly = True
    assert case.told(loaded, x, y) == pytest.approx(told, rel=1e-4, abs=1e-5)


@each(LOSSES)
def test_one_step_is_finite(case):
    model, x, y = case.compiled(jit=False)  # compiling the gradient costs seconds
    before = [w.copy() for w in model.get_weights()]
    assert np.isfinite(model.train_on_batch(x, y)).all()
    after = model.get_weights()
    assert all(np.isfinite(w).all() for w in after)
    assert any((a != b).any() for a, b in zip(before, after, strict=True))


@each(LOSSES)
@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_half_precision_predictions_are_computed_in_float32(case, half):
    y, p = case.data()
    rounded = ops.cast(ops.convert_to_tensor(p), half)
    expected = case.value(y, ops.convert_to_numpy(ops.cast(rounded, "float32")))
    got = case.value(y, rounded)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


@each(LOSSES)
def test_half_precision_losses_stay_close(case):
    y, p = case.data()
    got = case.value(y, p, dtype="float16").astype("float32")
    np.testing.assert_allclose(got, case.value(y, p), rtol=2e-2, atol=2e-2)


@each(LOSSES)
def test_gradient_is_finite_at_extremes(case):
    y, p = case.data()
    flat = np.full_like(p, p.mean())
    extremes = [1e4 * p, -1e4 * p, 0 * p] if case.head == "linear" else [flat]
    if case.head in ("softmax", "sigmoid"):
        sure = (p >= p.max(-1, keepdims=True)) if p.shape[-1] > 1 else (p > 0.5)
        extremes += [sure.astype("float32"), 1 - sure.astype("float32")]
    for extreme in extremes:
        assert np.isfinite(case.value(y, extreme)).all()
        assert np.isfinite(gradient(total(case, y), extreme)).all()


@each(LOSSES)
def test_order_of_samples_does_not_matter(case):
    y, p = case.data()
    order = np.random.default_rng(2).permutation(len(y))
    np.testing.assert_allclose(
        case.value(y[order], p[order]), case.value(y, p), rtol=1e-5, atol=1e-6
    )


@each(with_labels(LOSSES))
def test_labels_may_be_numbers_columns_or_rows(case):
    y, p = case.data()
    values = [case.value(form, p) for form in label_forms(y, p.shape[-1])]
    for value in values[1:]:
        np.testing.assert_allclose(value, values[0], rtol=1e-6)


@each(with_labels(LOSSES))
def test_shapes_that_do_not_match_are_refused(case):
    y, p = case.data()
    rows = np.ones((len(y), p.shape[-1] + 1), "float32")
    for wrong in (y[:-1], rows):
        with pytest.raises(ValueError, match="y_true"):
            case.value(wrong, p)


@each(SAMPLEWISE)
def test_reductions_and_weights_are_those_of_keras(case):
    y, p = case.data()
    each_one = case.value(y, p, reduction="none")
    assert each_one.shape[:1] == y.shape[:1]
    weights = np.linspace(0, 2, len(y)).astype("float32")
    weighted = case.value(y, p, weights, reduction="none")
    shape = (-1,) + (1,) * (each_one.ndim - 1)
    np.testing.assert_allclose(weighted, each_one * weights.reshape(shape), rtol=1e-5)
    for reduction, value in (
        ("sum", each_one.sum()),
        ("sum_over_batch_size", each_one.mean()),
    ):
        got = case.value(y, p, reduction=reduction)
        np.testing.assert_allclose(got, value, rtol=1e-5, atol=1e-6)


@each(WHOLE)
def test_weights_enter_the_sums(case):
    y, p = case.data()
    weights = np.arange(len(y)) % 3
    kept = case.value(y, p, weights)
    repeated = case.value(np.repeat(y, weights, 0), np.repeat(p, weights, 0))
    np.testing.assert_allclose(kept, repeated, rtol=1e-5, atol=1e-6)


@each(WHOLE)
def test_a_scalar_is_not_summed(case):
    y, p = case.data()
    assert case.value(y, p, reduction="none").shape == ()
    for reduction in ("sum", "mean"):
        with pytest.raises(ValueError, match="reduction"):
            case.make(reduction=reduction)
