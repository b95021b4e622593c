"""What every metric in the library must do; one joins by a line in `cases_losses/`."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import catalog, metrics
from tests.contract.loss_case import METRICS, ONLY, each, label_forms, with_labels


def result(metric):
    return np.asarray(ops.convert_to_numpy(metric.result()))


@pytest.mark.skipif(bool(ONLY), reason="some families only")
def test_every_public_metric_has_a_case():
    public = {
        name
        for name in metrics.__all__
        if isinstance(getattr(metrics, name), type)
        and issubclass(getattr(metrics, name), keras.metrics.Metric)
    }
    assert sorted(public - {c.cls.__name__ for c in METRICS}) == []


@each(METRICS)
def test_the_catalog_has_it(case):
    entry = catalog.get("metric", case.cls.__name__)
    assert entry.problems(entry.example) == []


@each(METRICS)
def test_config_survives_json(case):
    metric = case.make()
    text = json.dumps(keras.metrics.serialize(metric))
    revived = keras.metrics.deserialize(json.loads(text))
    assert type(revived) is case.cls
    assert json.dumps(keras.metrics.serialize(revived)) == text
    y, p = case.data()
    np.testing.assert_array_equal(metric(y, p), revived(y, p))


@each(METRICS)
def test_starts_at_a_number_and_resets_to_it(case):
    metric = case.make()
    first = result(metric)
    assert first.shape == ()
    assert np.isfinite(first)
    y, p = case.data()
    metric.update_state(y, p)
    told = result(metric)
    metric.reset_state()
    np.testing.assert_array_equal(result(metric), first)
    metric.update_state(y, p)
    np.testing.assert_allclose(result(metric), told, rtol=1e-6)


@each(METRICS)
def test_unequal_batches_give_the_value_of_all_data(case):
    y, p = case.data(3 * case.size + 1)
    whole = case.value(y, p)
    metric = case.make()
    for cut in (slice(0, case.size), slice(case.size, None)):
        metric.update_state(y[cut], p[cut])
    np.testing.assert_allclose(result(metric), whole, rtol=1e-5, atol=1e-6)


@each(METRICS)
def test_weights_count_samples(case):
    y, p = case.data()
    weights = np.arange(len(y)) % 3
    kept = case.value(y, p, weights)
    repeated = case.value(np.repeat(y, weights, 0), np.repeat(p, weights, 0))
    np.testing.assert_allclose(kept, repeated, rtol=1e-5, atol=1e-6)


@each(METRICS)
def test_compiled_equals_eager_and_reloads(case, tmp_path):
    model, x, y = case.compiled()
    told = case.told(model, x, y)
    assert told == pytest.approx(float(case.value(y, model(x))), rel=1e-4, abs=1e-5)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    loaded.run_eagerly = True
    assert case.told(loaded, x, y) == pytest.approx(told, rel=1e-4, abs=1e-5)


@each(METRICS)
def test_half_precision_predictions_are_counted_in_float32(case):
    y, p = case.data()
    rounded = ops.cast(ops.convert_to_tensor(p), "float16")
    expected = case.value(y, ops.convert_to_numpy(ops.cast(rounded, "float32")))
    np.testing.assert_allclose(case.value(y, rounded), expected, rtol=1e-5, atol=1e-6)


@each(with_labels(METRICS))
def test_labels_may_be_numbers_columns_or_rows(case):
    y, p = case.data()
    values = [case.value(form, p) for form in label_forms(y, p.shape[-1])]
    for value in values[1:]:
        np.testing.assert_allclose(value, values[0], rtol=1e-6)
