"""Non-local blocks against a float64 reference that loops over pairs."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import NonLocalAttention
from dl_techniques.layers.attention.non_local_pairs import MODES

RNG = np.random.default_rng(0)


def filled(layer, shape, seed=1):
    """Builds `layer` with random weights and returns them in float64."""
    rng = np.random.default_rng(seed)
    layer.build((None, *shape[1:]))
    for w in layer.weights:
        if "seed" not in w.path:
            values = rng.normal(0, 0.4, w.shape)
            w.assign(abs(values) + 0.1 if w.name == "moving_variance" else values)
    return {
        w.path.split("/", 1)[-1]: ops.convert_to_numpy(w).astype("float64")
        for w in layer.weights
    }


def pooled(x, step):
    """Max-pools the last two axes before the channels (or the only one) by windows."""
    axes = [1] if x.ndim == 3 else [x.ndim - 3, x.ndim - 2]
    for axis in axes if step else []:
        size = x.shape[axis] // step
        parts = np.split(np.take(x, range(size * step), axis), size, axis)
        x = np.concatenate([p.max(axis, keepdims=True) for p in parts], axis)
    return x


def reference(x, w, mode, step=None, scale=False):
    """The branch before the residual, and the weights, pair by pair."""
    x = x.astype("float64")

    def dense(name):
        return x @ w[f"{name}/kernel"] + w[f"{name}/bias"]

    theta, phi = (x, x) if mode == "gaussian" else (dense("theta"), dense("phi"))
    phi, g = pooled(phi, step), pooled(dense("g"), step)
    theta, phi, g = (t.reshape(len(x), -1, t.shape[-1]) for t in (theta, phi, g))
    f = np.zeros((len(x), theta.shape[1], phi.shape[1]))
    for b, i, j in np.ndindex(f.shape):
        if mode == "concatenation":
            pair = np.concatenate([theta[b, i], phi[b, j]])
            f[b, i, j] = max((pair @ w["concat/kernel"])[0], 0)
        else:
            f[b, i, j] = theta[b, i] @ phi[b, j]
    if "gaussian" in mode:
        f = np.exp(f / (np.sqrt(theta.shape[-1]) if scale else 1))
        f /= f.sum(-1, keepdims=True)
    else:
        f /= f.shape[-1]
    y = f @ g @ w["out/kernel"] + w["out/bias"]
    return y.reshape(x.shape), f


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("shape", "step"),
    [((2, 5, 4), 2), ((2, 4, 3, 4), None), ((2, 5, 4, 4), 2), ((2, 3, 4, 4, 2), 2)],
)
def test_formula(mode, shape, step):
    x = RNG.normal(0, 0.7, shape).astype("float32")
    layer = NonLocalAttention(3, mode, step, normalization=None)
    w = filled(layer, shape)
    z, weights = layer(x, return_attention_scores=True)
    y, f = reference(x, w, mode, step)
    np.testing.assert_allclose(ops.convert_to_numpy(weights), f, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(z), x + y, atol=1e-5)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), x + y, atol=1e-5)


def test_norm_scale_and_residual():
    x = RNG.normal(0, 0.7, (2, 3, 3, 4)).astype("float32")
    batch = NonLocalAttention(use_scale=True, residual=False)
    w = filled(batch, x.shape)
    y, _ = reference(x, w, "embedded_gaussian", scale=True)
    spread = np.sqrt(w["norm/moving_variance"] + 1e-5)
    expected = (y - w["norm/moving_mean"]) / spread * w["norm/gamma"] + w["norm/beta"]
    np.testing.assert_allclose(ops.convert_to_numpy(batch(x)), expected, atol=2e-5)
    layer = NonLocalAttention(normalization="layer")
    w = filled(layer, x.shape)
    y, _ = reference(x, w, "embedded_gaussian")
    spread = np.sqrt(y.var(-1, keepdims=True) + 1e-5)
    normed = (y - y.mean(-1, keepdims=True)) / spread * w["norm/gamma"]
    expected = x + normed + w["norm/beta"]
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), expected, atol=2e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("normalization", ["batch", "layer", None])
def test_block_starts_as_the_identity(mode, normalization):
    x = RNG.normal(size=(2, 4, 4, 3)).astype("float32")
    layer = NonLocalAttention(mode=mode, normalization=normalization)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(x, training=True)), x)
    np.testing.assert_array_equal(ops.convert_to_numpy(layer(x)), x)


def test_order_of_positions_does_not_matter():
    x = RNG.normal(size=(1, 6, 4)).astype("float32")
    layer = NonLocalAttention(normalization=None)
    filled(layer, x.shape)
    order = RNG.permutation(6)
    y = ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(x[:, order])), y[:, order], atol=1e-5
    )


@pytest.mark.parametrize("mode", ["gaussian", "embedded_gaussian"])
def test_one_position_reads_itself(mode):
    x = RNG.normal(size=(3, 1, 1, 4)).astype("float32")
    layer = NonLocalAttention(mode=mode, normalization=None, residual=False)
    w = filled(layer, x.shape)
    g = x @ w["g/kernel"] + w["g/bias"]
    expected = g @ w["out/kernel"] + w["out/bias"]
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x)), expected, atol=1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("step", [None, 2])
def test_masked_steps_are_no_keys(mode, step):
    x = RNG.normal(size=(1, 6, 4)).astype("float32")
    layer = NonLocalAttention(3, mode, step)
    filled(layer, x.shape)
    mask = np.array([[True] * 4 + [False] * 2])
    short = ops.convert_to_numpy(layer(x[:, :4]))
    y = ops.convert_to_numpy(layer(x, mask=mask))
    np.testing.assert_allclose(y[:, :4], short, atol=1e-5)
    nothing = ops.convert_to_numpy(layer(x, mask=np.zeros((1, 6), bool)))
    assert np.isfinite(nothing).all()


def test_parameters_and_weight_names():
    layer = NonLocalAttention(mode="concatenation")
    layer.build((None, None, None, 8))
    names = {w.path.split("/", 1)[-1]: tuple(w.shape) for w in layer.trainable_weights}
    assert names["theta/kernel"] == names["phi/kernel"] == names["g/kernel"] == (8, 4)
    assert names["concat/kernel"] == (8, 1)
    assert names["out/kernel"] == (4, 8)
    assert "concat/bias" not in names
    gaussian = NonLocalAttention(mode="gaussian", use_bias=False, normalization=None)
    gaussian.build((None, 5, 8))
    names = [w.path.split("/", 1)[-1] for w in gaussian.weights]
    assert names == ["g/kernel", "out/kernel"]


def test_regularizer_reaches_kernels_and_unknown_sizes_work():
    inputs = keras.Input((None, None, 4))
    layer = NonLocalAttention(subsample=2, kernel_regularizer="l2")
    z, weights = layer(inputs, return_attention_scores=True)
    assert z.shape == (None, None, None, 4)
    assert weights.shape == (None, None, None)
    model = keras.Model(inputs, [z, weights])
    for size in (4, 6):
        _, w = model(RNG.normal(size=(2, size, 5, 4)).astype("float32"))
        assert w.shape == (2, size * 5, size // 2 * 2)
        np.testing.assert_allclose(ops.convert_to_numpy(w).sum(-1), 1, atol=1e-5)
    assert len(layer.losses) == 4


@pytest.mark.parametrize(
    "bad",
    [{"mode": "x"}, {"subsample": 1}, {"normalization": "x"}, {"dropout": 1.0}],
)
def test_illegal_arguments(bad):
    with pytest.raises(ValueError, match="must be"):
        NonLocalAttention(**bad)


def test_illegal_shapes():
    for shape in ((None, 4), (None, 3, None), (1, 2, 2, 2, 2, 2)):
        with pytest.raises(ValueError, match="input_shape"):
            NonLocalAttention().build(shape)
    with pytest.raises(ValueError, match="subsample"):
        NonLocalAttention(subsample=4).build((None, 3, 3, 2))
