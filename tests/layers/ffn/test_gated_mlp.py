"""The gMLP block and its gating unit against a float64 reference."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import GatedMLP, SpatialGatingUnit
from tests.layers.ffn.weights import built, gelu, run, weights_of

RNG = np.random.default_rng(1)


def layer_norm(x, gamma, beta, epsilon):
    z = x - x.mean(-1, keepdims=True)
    return z / np.sqrt((z**2).mean(-1, keepdims=True) + epsilon) * gamma + beta


def gating(z, w, epsilon, causal=False):
    u, v = np.split(z, 2, axis=-1)
    kernel = np.tril(w["spatial_kernel"]) if causal else w["spatial_kernel"]
    v = layer_norm(v, w["norm/gamma"], w["norm/beta"], epsilon)
    return u * (np.einsum("ij,bjd->bid", kernel, v) + w["spatial_bias"][:, None])


@pytest.mark.parametrize("causal", [False, True])
def test_unit_is_the_papers(causal):
    z = RNG.normal(size=(2, 4, 6))
    layer, w = built(SpatialGatingUnit(causal, epsilon=0.01), z.shape)
    np.testing.assert_allclose(run(layer, z), gating(z, w, 0.01, causal), atol=1e-5)


def test_unit_starts_by_passing_the_first_half():
    z = RNG.normal(size=(2, 4, 6)).astype("float32")
    np.testing.assert_array_equal(run(SpatialGatingUnit(spatial_init=0), z), z[..., :3])


@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 2, 3, 4)])
def test_block_is_the_papers(shape):
    x = RNG.normal(size=shape)
    layer, w = built(GatedMLP(6, epsilon=1e-3, sgu_epsilon=0.1), shape)
    tokens = x.reshape(2, 6, 4)
    z = layer_norm(tokens, w["norm/gamma"], w["norm/beta"], 1e-3)
    z = gelu(z @ w["proj_in/kernel"] + w["proj_in/bias"])
    inner = {k.removeprefix("sgu/"): v for k, v in w.items()}
    inner |= {n: w[f"sgu/{n}"] for n in ("norm/gamma", "norm/beta")}
    y = gating(z, inner, 0.1) @ w["proj_out/kernel"] + w["proj_out/bias"]
    np.testing.assert_allclose(run(layer, x), x + y.reshape(shape), atol=1e-4)
    assert w["sgu/spatial_kernel"].shape == (6, 6)


def test_default_width_and_weight_count():
    layer = GatedMLP(use_norm=False)
    layer.build((None, 5, 4))
    w = weights_of(layer)
    assert w["proj_in/kernel"].shape == (4, 16)
    kernels = sum(v.size for k, v in w.items() if "kernel" in k)
    assert kernels == 1.5 * 4 * 16 + 5**2
    assert not any(k.startswith("norm/") for k in w)


def test_without_mixing_the_gate_is_open():
    layer, w = built(GatedMLP(6, residual=False, use_norm=False), (1, 3, 4))
    layer.sgu.spatial_kernel.assign(np.zeros((3, 3)))
    layer.sgu.spatial_bias.assign(np.ones(3))
    x = RNG.normal(size=(2, 3, 4))
    z = gelu(x @ w["proj_in/kernel"] + w["proj_in/bias"])[..., :3]
    expected = z @ w["proj_out/kernel"] + w["proj_out/bias"]
    np.testing.assert_allclose(run(layer, x), expected, atol=1e-4)


def test_causal_block_does_not_look_ahead_but_the_other_does():
    x = RNG.normal(size=(1, 5, 4))
    later = x.copy()
    later[:, 3:, 0] += 1.0
    for causal in (True, False):
        layer, _ = built(GatedMLP(6, causal=causal), x.shape)
        same = np.abs(run(layer, x) - run(layer, later))[:, :3].max() < 1e-6
        assert same == causal
    swapped = x[:, ::-1]
    assert not np.allclose(run(layer, swapped), run(layer, x)[:, ::-1], atol=1e-3)


def test_masked_tokens_do_not_reach_the_others():
    x = RNG.normal(size=(1, 4, 4)).astype("float32")
    other = x.copy()
    other[:, 3, 0] += 5.0
    layer, _ = built(GatedMLP(6), x.shape)
    mask = ops.convert_to_tensor([[True, True, True, False]])
    a, b = (run(layer, v, mask=mask) for v in (x, other))
    np.testing.assert_allclose(a[:, :3], b[:, :3], atol=1e-6)


@pytest.mark.parametrize("shape", [(None, 4), (None, None, 4), (None, 2, None, 4)])
def test_bad_shape_is_named(shape):
    with pytest.raises(ValueError, match="`input_shape` must be"):
        GatedMLP().build(shape)


def test_another_number_of_tokens_is_refused():
    layer = GatedMLP(4)
    layer.build((None, 3, 2))
    with pytest.raises(ValueError, match="incompatible"):
        layer(np.zeros((1, 4, 2), "float32"))


def test_odd_width_is_named():
    with pytest.raises(ValueError, match=r"`hidden_dim` must be even. Received:"):
        GatedMLP(5)
