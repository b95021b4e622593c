"""Reading a model out: names, values, memory, gradients; nothing changes."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from dl_techniques.analysis import (
    ActivationDistributionAnalyzer,
    ActivationReport,
    LiveAnalysisCallback,
    activation_statistics,
    capture_activations,
    gradient_flow,
)
from dl_techniques.analysis._layer_choice import chosen_layers
from dl_techniques.analysis._recording import listening
from dl_techniques.analysis._streamed_statistics import statistics
from dl_techniques.analysis.flags import CONSTANT, DEAD_UNITS, OUT_OF_BUDGET, SUBSAMPLED


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(70, 8)).astype("float32")


@pytest.fixture
def nested():
    keras.utils.set_random_seed(0)
    inner = keras.Sequential(
        [keras.Input((8,)), layers.Dense(6, activation="tanh", name="d")], name="block"
    )
    inputs = keras.Input((8,))
    shared = layers.Dense(8, activation="relu", name="shared")
    h = layers.Dropout(0.5)(inner(shared(shared(inputs))))
    return keras.Model(inputs, layers.Dense(3, name="head")(h))


class Branches(keras.Model):
    """Subclassed, with attention and two outputs."""

    def __init__(self):
        super().__init__()
        self.first = layers.Dense(4, name="first")
        self.attention = layers.MultiHeadAttention(2, 3, name="attention")

    def call(self, x):
        h = self.first(x)
        return {"mixed": self.attention(h, h), "plain": h}


def test_every_layer_is_read_in_one_pass_with_its_path(nested, x):
    found = capture_activations(nested, x, batch_size=32)
    assert list(found) == ["shared#0", "shared#1", "block/d", "head"]
    w, b = nested.get_layer("shared").get_weights()
    first = np.maximum(x @ w + b, 0)
    np.testing.assert_allclose(found["shared#0"], first, atol=1e-5)
    np.testing.assert_allclose(
        found["shared#1"], np.maximum(first @ w + b, 0), atol=1e-5
    )
    np.testing.assert_allclose(found["head"], nested.predict(x, verbose=0), atol=1e-5)
    assert found.bounds == {"block/d": 1.0}


def test_the_model_is_as_before_even_after_an_error(nested, x):
    before = [np.array(w) for w in nested.get_weights()]
    with pytest.raises(ValueError, match="shape"):
        capture_activations(nested, x[:, :5])
    capture_activations(nested, x)
    assert not any("call" in vars(layer) for layer in nested.layers)
    for a, b in zip(before, nested.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_pass_within_a_pass_is_refused(nested, x):
    chosen = chosen_layers(nested, ["head"])
    with (
        listening(chosen, []),
        pytest.raises(RuntimeError, match="recorded already"),
    ):
        capture_activations(nested, x)
    assert list(capture_activations(nested, x, ["head"])) == ["head"]


def test_subclassed_models_and_blocks_are_seen_inside():
    model = Branches()
    found = capture_activations(model, np.ones((3, 5, 7), "float32"))
    assert found["first"].shape == (3, 5, 4)
    assert found["attention/query"].shape == (3, 5, 2, 3)
    assert found["attention"].shape == (3, 5, 4)


def test_layers_are_chosen_by_path_name_or_object(nested, x):
    assert list(capture_activations(nested, x, ["block/d"])) == ["block/d"]
    assert list(capture_activations(nested, x, ["d"])) == ["block/d"]
    head = nested.get_layer("head")
    assert list(capture_activations(nested, x, [head])) == ["head"]
    with pytest.raises(ValueError, match=r"`layers` must be among .*block/d.*'nose'"):
        capture_activations(nested, x, ["nose"])


def test_masked_steps_do_not_count():
    tokens = np.array([[1, 2, 0, 0], [3, 4, 5, 0]])
    inputs = keras.Input((None,), dtype="int32")
    h = layers.Embedding(10, 4, mask_zero=True, name="embed")(inputs)
    h = layers.LSTM(5, return_sequences=True, name="lstm")(h)
    model = keras.Model(inputs, layers.GlobalAveragePooling1D()(h))
    found = capture_activations(model, tokens)
    report = ActivationDistributionAnalyzer(model).analyze(tokens)
    if keras.backend.backend() == "jax":  # keeps masks where only Keras finds them
        assert report["lstm"].stats.count == 5 * 5
        return
    np.testing.assert_array_equal(found.masks["lstm"], tokens > 0)
    assert report["lstm"].stats.count == 5 * 5
    kept = found["embed"][tokens > 0]
    assert report["embed"].stats.mean == pytest.approx(float(kept.mean()), abs=1e-6)


def test_memory_is_bounded_and_units_are_kept():
    model = Branches()
    x = np.random.default_rng(0).normal(size=(30, 50, 7)).astype("float32")
    found = capture_activations(model, x, ["first"], max_bytes=10_000)
    assert found.flags == (SUBSAMPLED,)
    assert found["first"].shape == (30, 20, 4)
    assert found["first"].nbytes <= 10_000
    tiny = capture_activations(model, x, ["first"], max_bytes=160)
    assert tiny["first"].shape == (10, 1, 4)
    assert len(tiny.rows) == 10


def test_samples_are_random_and_their_places_told(nested, x):
    found = capture_activations(nested, x, max_samples=10, seed=1)
    assert found.rows.max() > 20
    again = nested.predict(x[found.rows], verbose=0)
    np.testing.assert_allclose(found["head"], again, atol=1e-5)


def test_reduce_averages_or_applies_a_function_or_describes():
    model, x = Branches(), np.random.default_rng(0).normal(size=(9, 5, 7))
    whole = capture_activations(model, x.astype("float32"))
    mean = capture_activations(model, x.astype("float32"), reduce="mean")
    np.testing.assert_allclose(mean["first"], whole["first"].mean(axis=1), atol=1e-6)
    top = capture_activations(model, x.astype("float32"), reduce=lambda a: a.max(1))
    np.testing.assert_allclose(top["first"], whole["first"].max(axis=1), atol=1e-6)
    stats = capture_activations(model, x.astype("float32"), reduce="stats")
    assert isinstance(stats, ActivationReport)
    assert stats["first"].stats.mean == pytest.approx(whole["first"].mean(), abs=1e-6)


def test_streamed_statistics_equal_those_of_the_whole(nested, x):
    y = np.arange(70) % 3
    report = ActivationDistributionAnalyzer(nested, batch_size=7).analyze(x, y)
    whole = capture_activations(nested, x)
    for layer in report:
        other = activation_statistics(
            whole[layer.path], labels=y, bound=whole.bounds.get(layer.path)
        )
        for name in ("mean", "std", "skewness", "hoyer_sparsity", "zero_fraction"):
            assert getattr(layer.stats, name) == pytest.approx(
                getattr(other, name), rel=1e-6, abs=1e-6
            )
        np.testing.assert_allclose(
            layer.stats.selectivity, other.selectivity, rtol=1e-5
        )
    assert ActivationReport.from_json(report.to_json()) == report
    assert list(report.to_frame()["layer"]) == [layer.path for layer in report]


def test_no_batch_is_begun_after_the_time(nested, x):
    layers_ = chosen_layers(nested, None)
    report = statistics(nested, layers_, x, batch_size=7, time_budget=0)
    assert report.n == 7
    assert report.flags == (OUT_OF_BUDGET,)
    assert report["head"].stats.count == 7 * 3


def test_dead_units_and_constant_layers_are_flagged(x):
    inputs = keras.Input((8,))
    h = layers.Dense(5, activation="relu", name="hidden")(inputs)
    model = keras.Model(inputs, layers.Dense(2, kernel_initializer="zeros")(h))
    kernel, bias = model.get_layer("hidden").get_weights()
    kernel[:, 2], bias[2] = 0, -1
    model.get_layer("hidden").set_weights([kernel, bias])
    hidden, last = ActivationDistributionAnalyzer(model).analyze(x)
    assert hidden.stats.unit_dead.tolist()[2]
    assert DEAD_UNITS in hidden.flags
    assert CONSTANT in last.flags


def test_kept_names_of_the_statistics(nested, x):
    found = ActivationDistributionAnalyzer(nested, ["head"]).compute_activation_stats(x)
    assert set(found["head"]) == {
        *("mean", "std", "min", "max", "sparsity", "positive_ratio", "zero_ratio"),
        *("distribution", "percentiles"),
    }
    assert list(found["head"]["percentiles"]) == [1, 5, 25, 50, 75, 95, 99]
    assert sum(found["head"]["distribution"]["counts"]) == 70 * 3


def test_unknown_layer_is_named_at_once(nested):
    with pytest.raises(ValueError, match="shared"):
        ActivationDistributionAnalyzer(nested, ["nose"])


def test_watch_looks_while_a_model_trains(nested, x):
    watch = ActivationDistributionAnalyzer(nested).watch(x, np.arange(70) % 3)
    assert isinstance(watch, LiveAnalysisCallback)
    assert watch.sections == ("activations",)


def test_bad_argument_is_named(nested, x):
    for options in ({"batch_size": 0}, {"max_samples": 0}, {"reduce": "sum"}):
        with pytest.raises(ValueError, match=next(iter(options))):
            capture_activations(nested, x, **options)


def test_gradients_equal_the_formula(x):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8,)), layers.Dense(3, name="head")])
    y = np.arange(70) % 3
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    flow = gradient_flow(model, x, y, loss=loss)
    w, b = (v.astype("float64") for v in model.get_weights())
    z = x @ w + b
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    error = (p - np.eye(3)[y]) / len(x)
    assert flow.paths == ("head/kernel", "head/bias")
    expected = [np.linalg.norm(x.T @ error), np.linalg.norm(error.sum(0))]
    np.testing.assert_allclose(flow.gradient_norm, expected, rtol=1e-5)
    np.testing.assert_allclose(
        flow.ratio[0], expected[0] / np.linalg.norm(w), rtol=1e-5
    )
    assert np.isnan(flow.ratio[1])  # the bias is zero
    assert flow.loss == pytest.approx(-np.log(p[np.arange(70), y]).mean(), rel=1e-5)


def test_gradient_takes_the_compiled_loss_with_penalties(x):
    model = keras.Sequential(
        [keras.Input((8,)), layers.Dense(1, kernel_regularizer="l2"), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    y = x[:, :1]
    before = [np.array(w) for w in model.get_weights()]
    flow = gradient_flow(model, x, y)
    assert flow.loss == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-5)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(flow.to_frame()) == 4


def test_weights_without_influence_have_no_gradient(x):
    inputs = keras.Input((8,))
    model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    flow = gradient_flow(model, x, x[:, :1], loss=lambda y, p: ops.square(y - p[0]))
    np.testing.assert_array_equal(flow.gradient_norm[2:], 0)
    np.testing.assert_array_equal(flow.zero_fraction[2:], 1)


def test_gradient_needs_a_loss(nested, x):
    with pytest.raises(ValueError, match="`loss` must be given"):
        gradient_flow(nested, x, x)
