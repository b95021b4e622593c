import keras
import numpy as np
import pytest

from dl_techniques import layers
from dl_techniques.analysis import flags
from dl_techniques.analysis.matrices import layer_matrices, unsupported_variables
from dl_techniques.analysis.smoothing import smooth_model
from dl_techniques.analysis.spectra import SpectralAnalyzer

L = keras.layers


@keras.saving.register_keras_serializable("dl_techniques_tests")
class Labelled(keras.layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], 6))

    def call(self, x):
        return x @ self.kernel

    def spectral_matrices(self):
        return [("latent", self.kernel), ("sign", keras.ops.sign(self.kernel))]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    x = keras.Input((12, 8))
    shared = L.Dense(8, name="shared")
    inner = keras.Sequential([keras.Input((12, 8)), L.Dense(8, name="deep")], name="in")
    y = shared(shared(inner(x)))
    y = L.MultiHeadAttention(2, 4, name="mha")(y, y)
    y = L.Bidirectional(L.LSTM(5, return_sequences=True), name="bi")(y)
    y = L.Conv1D(6, 3, name="c1")(y)
    y = L.Reshape((10, 3, 2))(y)
    y = L.Conv2D(8, 2, groups=2, name="c2")(y)
    y = L.DepthwiseConv2D(2, name="dw")(y)
    y = L.Flatten()(y)
    y = Labelled(name="own")(y)
    return keras.Model(x, L.TimeDistributed(L.Dense(1), name="td")(y[:, None]))


def test_every_weight_once_in_order_with_its_layout(model):
    found = layer_matrices(model)
    by_path = {m.path: m for m in found}
    paths = list(by_path)
    assert len(paths) == len(found) == len(set(paths))
    assert paths[:2] == ["in/deep", "shared"]
    shapes = {p: m.mats.shape for p, m in by_path.items()}
    assert shapes["mha/query"] == (1, 8, 8)
    assert shapes["mha/attention_output"] == (1, 8, 8)
    assert shapes["c1"] == (3, 10, 6)
    assert shapes["c2"] == (8, 1, 4)
    assert shapes["own/latent"] == shapes["own/sign"]
    assert by_path["c2"].scale == pytest.approx(np.sqrt(0.5))
    assert by_path["c1"].scale == 1
    kinds = {m.kind for m in found}
    assert {"dense", "einsum", "recurrent", "conv", "custom"} <= kinds
    recurrent = [p for p in paths if "recurrent_kernel" in p]
    assert len(recurrent) == 2
    assert unsupported_variables(model) == ("dw/kernel",)


def test_kernel_size_may_be_one_number():
    layer = layers.KANConv2D(5, 3)
    layer.build((None, 8, 8, 2))
    stacks = {m.variable: (m.kind, m.mats) for m in layer_matrices(layer)}
    kind, base = stacks["base_kernel"]
    assert (kind, base.shape) == ("conv", (9, 2, 5))
    kernel = keras.ops.convert_to_numpy(layer.base_kernel)
    np.testing.assert_array_equal(base, kernel.reshape(9, 2, 5))
    assert stacks["spline_kernel"][0] == "conv"


def test_options_change_the_folding(model):
    gates = layer_matrices(model, rnn_gates="split")
    split = [m for m in gates if m.kind == "recurrent"]
    assert len(split) == 2 * 2 * 4
    assert {m.mats.shape[2] for m in split} == {5}
    heads = {m.path: m.mats for m in layer_matrices(model, per_head=True)}
    query = model.get_layer("mha")._query_dense.kernel
    full = keras.ops.convert_to_numpy(query)
    np.testing.assert_array_equal(heads["mha/query"], full.transpose(1, 0, 2))
    assert heads["mha/attention_output"].shape == (2, 4, 8)
    unfolded = {m.path: m for m in layer_matrices(model, conv_mode="unfold")}
    assert unfolded["c1"].mats.shape == (1, 30, 6)
    assert unfolded["c2"].scale == 1
    assert layer_matrices(model.get_layer("shared").kernel)[0].mats.shape == (1, 8, 8)
    with pytest.raises(ValueError, match="conv_mode"):
        layer_matrices(model, conv_mode="guess")


def test_analysis_leaves_the_model_alone(model):
    before = model.get_weights()
    seeds = [keras.ops.convert_to_numpy(v) for v in model.non_trainable_variables]
    report = SpectralAnalyzer(model).analyze(min_evals=4, randomize=True, mp_fit=True)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    after = [keras.ops.convert_to_numpy(v) for v in model.non_trainable_variables]
    assert all((a == b).all() for a, b in zip(seeds, after, strict=True))
    assert ("dw/kernel", flags.SHAPE_UNSUPPORTED) in report.skipped
    conv = next(x for x in report.layers if x.path == "c1")
    assert len(conv.spectrum.values) == 3 * 6


@pytest.mark.parametrize("method", ["detx", "power_law", "fraction"])
def test_smoothing_works_on_a_copy(model, method):
    before = model.get_weights()
    report = smooth_model(model, method=method, fraction=0.5)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert all(x.kept <= x.total for x in report.layers)
    if method == "fraction":
        changed = {x.path: x for x in report.layers}
        kernel = report.model.get_layer("c1").kernel
        new = keras.ops.convert_to_numpy(kernel)
        old = keras.ops.convert_to_numpy(model.get_layer("c1").kernel)
        assert np.linalg.matrix_rank(new[0], tol=1e-5) == 3
        moved = np.linalg.norm(new - old) / np.linalg.norm(old)
        assert changed["c1"].relative_change == pytest.approx(moved, rel=1e-4)
        assert len(report.to_frame()) == len(report.layers)
        assert report.to_dict()["model"] is None


def test_smoothing_in_place():
    keras.utils.set_random_seed(0)
    small = keras.Sequential([keras.Input((20,)), L.Dense(12, name="d")])
    bias = small.get_weights()[1]
    report = smooth_model(small, method="fraction", fraction=0.25, inplace=True)
    assert report.model is small
    assert np.linalg.matrix_rank(small.get_weights()[0], tol=1e-5) == 3
    np.testing.assert_array_equal(small.get_weights()[1], bias)
