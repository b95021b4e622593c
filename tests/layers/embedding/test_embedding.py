"""Positions and patches against float64 references."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import (
    ClassToken,
    PatchEmbed,
    PatchEmbedding1D,
    PatchEmbedding2D,
    PositionalEmbedding,
    RotaryPositionEmbedding,
)
from dl_techniques.layers.embedding.rotation import rotate_heads

RNG = np.random.default_rng(0)


def run(layer, x, *args, **call):
    return ops.convert_to_numpy(layer(np.asarray(x, "float32"), *args, **call))


def rotated(x, positions, theta, layout, scaling=1.0):
    """Turns (batch, time, d) as complex numbers, float64."""
    width = x.shape[-1]
    angle = positions[:, None] / scaling * theta ** (-np.arange(0, width, 2) / width)
    if layout == "half":
        pairs = x[..., : width // 2] + 1j * x[..., width // 2 :]
    else:
        pairs = x[..., ::2] + 1j * x[..., 1::2]
    turned = pairs * np.exp(1j * angle)
    if layout == "half":
        return np.concatenate([turned.real, turned.imag], -1)
    return np.stack([turned.real, turned.imag], -1).reshape(x.shape)


@pytest.mark.parametrize("layout", ["interleaved", "half"])
def test_rotation_is_a_complex_product(layout):
    x, places = RNG.normal(size=(2, 5, 8)), np.array([0.0, 3, 7.5, 100, 5000])
    layer = RotaryPositionEmbedding(500.0, layout=layout, scaling_factor=2.0)
    expected = rotated(x, places, 500.0, layout, 2.0)
    np.testing.assert_allclose(
        run(layer, x, places.astype("float32")), expected, atol=5e-4
    )
    np.testing.assert_allclose(
        np.linalg.norm(run(layer, x), axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-5
    )


def test_products_depend_on_the_distance_alone():
    q, k = RNG.normal(size=(2, 1, 6, 8))
    layer = RotaryPositionEmbedding()
    scores = [
        run(layer, q, start_index=s) @ run(layer, k, start_index=s).swapaxes(1, 2)
        for s in (0, 40)
    ]
    np.testing.assert_allclose(*scores, atol=1e-4)


def test_rotations_add_and_zero_is_the_identity():
    x = RNG.normal(size=(1, 3, 4))
    layer = RotaryPositionEmbedding()
    twice = run(layer, run(layer, x, np.array([1, 2, 3])), np.array([4, 5, 6]))
    np.testing.assert_allclose(twice, run(layer, x, np.array([5, 7, 9])), atol=1e-5)
    np.testing.assert_allclose(run(layer, x, np.zeros(3)), x, atol=1e-6)


def test_start_index_continues_a_longer_run_and_positions_may_differ_by_sample():
    x = RNG.normal(size=(2, 6, 4))
    layer = RotaryPositionEmbedding()
    whole = run(layer, x)
    np.testing.assert_allclose(
        run(layer, x[:, 4:], start_index=4), whole[:, 4:], atol=1e-5
    )
    places = np.array([[0, 1], [2, 3]])
    mixed = run(layer, x[:, :2], places)
    np.testing.assert_allclose(mixed[0], whole[0, :2], atol=1e-6)
    np.testing.assert_allclose(
        mixed[1], run(layer, x[:, :2], start_index=2)[1], atol=1e-5
    )


def test_half_layout_is_a_permutation_of_the_features():
    x, order = RNG.normal(size=(1, 4, 8)), [0, 2, 4, 6, 1, 3, 5, 7]
    half = run(RotaryPositionEmbedding(layout="half"), x[..., order])
    inter = run(RotaryPositionEmbedding(), x)
    np.testing.assert_allclose(half, inter[..., order], atol=1e-6)


def test_fraction_leaves_features_alone_and_heads_turn_alike():
    x = RNG.normal(size=(2, 4, 3, 7))
    layer = RotaryPositionEmbedding(fraction=0.6)
    y = run(layer, x)
    np.testing.assert_allclose(y[..., 4:], x[..., 4:], rtol=1e-6)
    expected = rotated(x[:, :, 1, :4], np.arange(4), 1e4, "interleaved")
    np.testing.assert_allclose(y[:, :, 1, :4], expected, atol=1e-5)
    other = rotate_heads(ops.convert_to_tensor(x.astype("float32")), 1e4, layer.layout)
    np.testing.assert_allclose(
        run(RotaryPositionEmbedding(), x), ops.convert_to_numpy(other), atol=1e-6
    )
    np.testing.assert_allclose(run(RotaryPositionEmbedding(fraction=0), x), x)
    across = RotaryPositionEmbedding(sequence_axis=-2)
    swapped = run(across, x.swapaxes(1, 2))
    np.testing.assert_allclose(
        swapped.swapaxes(1, 2), run(RotaryPositionEmbedding(), x), atol=1e-6
    )


def test_far_positions_stay_apart_in_bfloat16():
    x = np.ones((1, 2, 4))
    layer = RotaryPositionEmbedding(dtype="mixed_bfloat16")
    y = ops.convert_to_numpy(ops.cast(layer(x, start_index=1000), "float32"))
    expected = rotated(x, np.array([1000.0, 1001]), 1e4, "interleaved")
    np.testing.assert_allclose(y, expected, atol=0.02)


@pytest.mark.parametrize(
    "bad",
    [{"theta": 1.0}, {"fraction": 1.5}, {"layout": "x"}, {"sequence_axis": 0}],
)
def test_rotation_refuses(bad):
    with pytest.raises(ValueError, match="must be"):
        RotaryPositionEmbedding(**bad)


def test_learned_positions_are_added_and_unused_rows_get_no_gradient():
    layer = PositionalEmbedding(6)
    y = run(layer, np.zeros((2, 4, 3)))
    table = ops.convert_to_numpy(layer.position_embedding)
    np.testing.assert_allclose(y, np.broadcast_to(table[:4], y.shape))
    np.testing.assert_allclose(
        run(layer, np.zeros((1, 2, 3)), start_index=3)[0], table[3:5]
    )
    model = keras.Sequential([keras.Input((4, 3)), layer])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.train_on_batch(np.zeros((2, 4, 3)), np.ones((2, 4, 3)))
    new = ops.convert_to_numpy(layer.position_embedding)
    assert (new[:4] != table[:4]).all()
    np.testing.assert_array_equal(new[4:], table[4:])
    with pytest.raises(ValueError, match="max_seq_len"):
        layer(np.zeros((1, 7, 3)))
    with pytest.raises(ValueError, match="max_seq_len"):
        PositionalEmbedding(None)


def test_sinusoids_follow_the_formula_for_odd_widths():
    y = run(PositionalEmbedding(None, "sinusoidal"), np.zeros((1, 9, 5)))[0]
    for p in range(9):
        for j in range(5):
            angle = p / 10000 ** (2 * (j // 2) / 5)
            expected = np.sin(angle) if j % 2 == 0 else np.cos(angle)
            assert abs(y[p, j] - expected) < 1e-5


def test_patches_are_a_dense_layer_on_unfolded_pixels():
    x = RNG.normal(size=(2, 4, 6, 3))
    layer = PatchEmbedding2D((2, 3), 5)
    y = run(layer, x)
    kernel, bias = (ops.convert_to_numpy(w) for w in layer.projection.weights)
    unfolded = x.reshape(2, 2, 2, 2, 3, 3).transpose(0, 1, 3, 2, 4, 5)
    expected = unfolded.reshape(2, 4, 18) @ kernel.reshape(18, 5) + bias
    np.testing.assert_allclose(y, expected, atol=1e-5)
    assert layer.count_params() == 2 * 3 * 3 * 5 + 5
    assert PatchEmbed is PatchEmbedding2D


def test_sequence_patches_and_unknown_sizes():
    x = RNG.normal(size=(2, 6, 3))
    layer = PatchEmbedding1D(3, 4, use_bias=False)
    kernel_input = x.reshape(2, 2, 9)
    y = run(layer, x)
    kernel = ops.convert_to_numpy(layer.projection.kernel).reshape(9, 4)
    np.testing.assert_allclose(y, kernel_input @ kernel, atol=1e-5)
    inputs = keras.Input((None, None, 3))
    outputs = PatchEmbedding2D(2, 4)(inputs)
    assert outputs.shape == (None, None, 4)
    model = keras.Model(inputs, outputs)
    assert model(np.zeros((2, 4, 6, 3), "float32")).shape == (2, 6, 4)
    with pytest.raises(ValueError, match="patch_size"):
        PatchEmbedding2D(3, 4).build((None, 4, 6, 1))
    assert PatchEmbedding2D(3, 4, stride=2).compute_output_shape((1, 7, 7, 1)) == (
        1,
        9,
        4,
    )
    for bad in ({"patch_size": 0}, {"patch_size": (2, 2, 2)}, {"stride": 0}):
        with pytest.raises(ValueError, match="integer"):
            PatchEmbedding2D(**{"patch_size": 2, "embed_dim": 4} | bad)


def test_class_token_comes_first_and_extends_the_mask():
    x = RNG.normal(size=(2, 3, 4)).astype("float32")
    layer = ClassToken("ones")
    y = run(layer, x)
    np.testing.assert_allclose(y[:, 0], 1)
    np.testing.assert_allclose(y[:, 1:], x)
    mask = layer.compute_mask(x, ops.convert_to_tensor([[True, False, True]] * 2))
    expected = [[True, True, False, True]] * 2
    np.testing.assert_array_equal(ops.convert_to_numpy(mask), expected)
