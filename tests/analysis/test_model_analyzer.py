"""Every section for models of different kinds; failures and limits."""

import json

import keras
import numpy as np
import pytest
from keras import layers

from dl_techniques.analysis import (
    AnalysisConfig,
    AnalysisReport,
    ModelAnalyzer,
    accuracy_coverage_curve,
    expected_calibration_error,
)
from dl_techniques.analysis.flags import OUT_OF_BUDGET, SUBSAMPLED
from dl_techniques.layers import MDNLayer

QUICK = AnalysisConfig(timing=False, n_boot=50)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240).astype("int32")
    centres = 2 * np.eye(3, 10)[y]
    return (rng.normal(size=(240, 10)) + centres).astype("float32"), y


@pytest.fixture(scope="module")
def trained(data):
    """Two architectures with other output kinds, trained for a moment."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((10,))
    h = layers.Dense(16, activation="relu", name="hidden")(inputs)
    mlp = keras.Model(inputs, layers.Dense(3, name="head")(layers.Dropout(0.2)(h)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    mlp.compile("adam", loss, metrics=["accuracy"])
    net = keras.Sequential(
        [
            keras.Input((10,)),
            layers.Reshape((10, 1)),
            layers.Conv1D(8, 3, activation="tanh", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(3, activation="softmax", name="probabilities"),
        ]
    )
    net.compile("adam", "sparse_categorical_crossentropy")
    x, y = data
    histories = {
        name: model.fit(x, y, validation_split=0.2, epochs=2, verbose=0)
        for name, model in (("mlp", mlp), ("net", net))
    }
    return {"mlp": mlp, "net": net}, histories


@pytest.fixture(scope="module")
def report(trained, data):
    models, histories = trained
    analyzer = ModelAnalyzer(
        models, config=QUICK, histories=histories, class_names=("a", "b", "c")
    )
    return analyzer.analyze(*data, strict=True)


def test_every_section_is_there_for_both(report):
    for section in (
        *("predictions", "performance", "cost", "confidence", "calibration"),
        *("temperature", "weights", "spectra", "activations", "flow", "separation"),
        *("projection", "dynamics"),
    ):
        assert set(getattr(report, section)) == {"mlp", "net"}, section
    assert set(report.cka) == {("mlp", "mlp"), ("mlp", "net"), ("net", "net")}
    assert report.errors == {}
    assert report.skipped == {}
    assert report.agreement.matrix.shape == (2, 2)
    assert [d.metric for d in report.differences] == ["accuracy", "ece", "nll"]
    assert report.fingerprint.names == ("mlp", "net")


def test_numbers_equal_those_of_the_arrays(report, trained, data):
    x, y = data
    logits = trained[0]["mlp"].predict(x, verbose=0).astype("float64")
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    found = report.performance["mlp"]
    assert found.kind == "multiclass"
    assert found.accuracy == pytest.approx((p.argmax(1) == y).mean())
    assert found.nll == pytest.approx(-np.log(p[np.arange(240), y]).mean(), rel=1e-5)
    assert found.evaluated["accuracy"] == pytest.approx(found.accuracy, abs=1e-6)
    np.testing.assert_allclose(report.predictions["mlp"].scores, p, atol=1e-6)
    ece = expected_calibration_error(y, p)
    assert report.calibration["mlp"].diagram.ece == pytest.approx(ece, rel=1e-6)
    stats = report.confidence["net"]
    assert accuracy_coverage_curve(stats.max_probability, stats.correct).aurc < 1


def test_costs_are_counted(report):
    cost = report.cost["mlp"]
    assert cost.parameters == cost.trainable == 10 * 16 + 16 + 16 * 3 + 3
    assert cost.macs == 10 * 16 + 16 * 3
    assert report.cost["net"].macs == 8 * 3 * 8 + 8 * 3
    assert report.cost["net"].trainable == report.cost["net"].parameters - 16
    assert cost.epochs == 2
    assert np.isnan(cost.ms_single)


def test_json_is_strict_and_gives_the_report_back(report, tmp_path):
    def refuse(text):
        raise AssertionError(text)

    json.loads(report.to_json(), parse_constant=refuse)
    folder = report.save(tmp_path / "analysis")
    json.loads((folder / "report.json").read_text(), parse_constant=refuse)
    same = AnalysisReport.load(folder) == report
    assert same  # a comparison that pytest does not print
    assert (folder / "tables" / "metrics.csv").read_text().startswith("model,accuracy")
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    assert size < 1_000_000


def test_tables_say_what_is_better(report):
    frame = report.compare()
    assert list(frame.index) == ["mlp", "net"]
    assert frame.attrs["direction"]["ece"] == "min"
    assert list(report.compare(["accuracy", "macs"]).columns) == ["accuracy", "macs"]
    ranks = report.rank(["parameters"])["parameters"]
    assert sorted(ranks) == [1, 2]
    assert ranks["net"] == 1
    with pytest.raises(ValueError, match="`metrics` must be of"):
        report.compare(["beauty"])
    assert report.pareto().names == ("mlp", "net")


def test_nothing_in_the_model_changes(trained, data):
    model = trained[0]["net"]
    before = [np.array(w) for w in model.get_weights()]
    flags = [layer.trainable for layer in model.layers]
    ModelAnalyzer(model).analyze(*data)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert flags == [layer.trainable for layer in model.layers]


def test_a_failing_section_is_recorded_and_the_others_go_on(trained, data, monkeypatch):
    from dl_techniques.analysis import _sections

    def broken(*_):
        raise RuntimeError("out of order\nat line 3")

    monkeypatch.setitem(_sections.RUN, "spectra", broken)
    analyzer = ModelAnalyzer(trained[0], config=QUICK)
    what = ("spectra", "weights", "confidence")
    found = analyzer.analyze(*data, what=what)
    assert found.errors["spectra", "mlp"] == "RuntimeError: out of order"
    assert set(found.weights) == set(found.confidence) == {"mlp", "net"}
    with pytest.raises(RuntimeError, match="out of order"):
        analyzer.analyze(*data, what=what, strict=True)


def test_models_of_other_inputs_and_classes_do_not_stop_the_rest(trained, data):
    other = keras.Sequential([keras.Input((4,)), layers.Dense(5)])
    more = keras.Sequential([keras.Input((10,)), layers.Dense(5, activation="softmax")])
    models = {"mlp": trained[0]["mlp"], "narrow": other, "more": more}
    found = ModelAnalyzer(models, config=QUICK).analyze(*data)
    assert ("performance", "narrow") in found.errors
    assert set(found.performance) == {"mlp", "more"}
    assert set(found.weights) == set(found.spectra) == set(models)
    assert found.agreement is None
    assert "shapes" in found.skipped["comparison", "between models"]
    same = AnalysisReport.from_json(found.to_json()) == found
    assert same  # a comparison that pytest does not print


def test_time_and_progress_are_kept(trained, data):
    told = []
    found = ModelAnalyzer(trained[0], config=QUICK).analyze(
        *data, time_budget=1e-9, progress=lambda *a: told.append(a)
    )
    assert OUT_OF_BUDGET in found.flags
    assert found.skipped["weights", "net"] == "no time was left"
    assert told[-1][0] == told[-1][1]


def test_samples_are_drawn_with_every_class(trained, data):
    config = AnalysisConfig(max_samples=30, timing=False)
    found = ModelAnalyzer(trained[0], config=config).analyze(
        *data, what=("performance",)
    )
    assert found.n == 30
    assert found.total == 240
    assert SUBSAMPLED in found.flags
    share = np.bincount(found.predictions["mlp"].labels, minlength=3) / 30
    np.testing.assert_allclose(share, np.bincount(data[1]) / 240, atol=0.04)


def test_batches_are_read_once(trained, data, report):
    x, y = data
    reads = []

    class Batches(keras.utils.PyDataset):
        def __len__(self):
            return 8

        def __getitem__(self, i):
            reads.append(i)
            return x[i * 30 : i * 30 + 30], y[i * 30 : i * 30 + 30]

    found = ModelAnalyzer(trained[0], config=QUICK).analyze(
        Batches(), what=("performance",)
    )
    assert reads == list(range(8))
    assert found.performance["mlp"].accuracy == report.performance["mlp"].accuracy
    few = AnalysisConfig(max_samples=50, timing=False)
    found = ModelAnalyzer(trained[0], config=few).analyze(
        ((x[i : i + 40], y[i : i + 40]) for i in range(0, 240, 40)),
        what=("performance",),
    )
    assert found.n == 50
    assert found.rows.max() > 150


def small(outputs, activation, loss, features=10):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((features,)), layers.Dense(outputs, activation=activation)]
    )
    if loss is not None:
        model.compile("sgd", loss)
    return model


@pytest.mark.parametrize(
    ("outputs", "activation", "loss", "kind"),
    [
        (3, "softmax", None, "multiclass"),
        (3, None, None, "multiclass"),
        (1, "sigmoid", "binary_crossentropy", "binary"),
        (1, None, keras.losses.BinaryCrossentropy(from_logits=True), "binary"),
        (1, None, "mse", "regression"),
    ],
)
def test_output_kind_is_told_by_loss_and_last_layer(
    data, outputs, activation, loss, kind
):
    x, y = data
    y = y if outputs == 3 else np.minimum(y, 1)
    model = small(outputs, activation, loss)
    what = ("performance", "confidence", "calibration")
    found = ModelAnalyzer(model, config=QUICK).analyze(x, y, what=what)
    assert found.errors == {}
    assert found.performance[model.name].kind == kind
    if kind == "regression":
        assert found.confidence == {}
        assert "numbers" in found.skipped["confidence", model.name]
    else:
        assert found.calibration[model.name].kind == kind


def test_several_labels_a_sample(data):
    x, y = data
    hot = np.eye(3)[y] + np.eye(3)[(y + 1) % 3]
    model = small(3, "sigmoid", "binary_crossentropy")
    found = ModelAnalyzer(model, config=QUICK).analyze(
        x, hot, what=("performance", "calibration")
    )
    assert found.errors == {}
    assert found.performance[model.name].kind == "multilabel"


def test_a_mixture_head_is_judged_as_a_distribution(data):
    x, _ = data
    inputs = keras.Input((10,))
    model = keras.Model(inputs, MDNLayer(1, 2)(inputs))
    found = ModelAnalyzer(model, config=QUICK).analyze(x, x[:, :1], strict=True)
    performance = found.performance[model.name]
    assert performance.kind == "mdn"
    assert 0 <= performance.quantiles.error <= 0.5
    assert np.isfinite(performance.nll)


def test_given_logits_stand_for_the_outputs(trained, data):
    x, y = data
    logits = 5 * np.eye(3)[y]
    found = ModelAnalyzer({"mlp": trained[0]["mlp"]}, config=QUICK).analyze(
        x, y, logits=logits, what=("performance",)
    )
    assert found.performance["mlp"].accuracy == 1


def test_without_labels_the_inside_is_still_seen(trained, data):
    found = ModelAnalyzer(trained[0], config=QUICK).analyze(data[0])
    assert "labels" in found.errors["performance", "mlp"]
    assert set(found.spectra) == set(found.activations) == {"mlp", "net"}


def test_bad_arguments_are_named(trained, data):
    with pytest.raises(ValueError, match="`models` must be"):
        ModelAnalyzer({})
    with pytest.raises(ValueError, match="`what` must be"):
        ModelAnalyzer(trained[0]).analyze(*data, what=("colour",))
    with pytest.raises(ValueError, match="`histories` must be"):
        ModelAnalyzer(trained[0], histories={"x": {}})
    for bad in ({"n_bins": 0}, {"strategy": "log"}, {"time_budget": -1.0}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            AnalysisConfig(**bad)
