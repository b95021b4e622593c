"""Radial basis functions against float64 NumPy."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import RBFLayer, prototypes
from tests.layers.slopes import slope, weight_slopes


def built(features=3, **arguments):
    layer = RBFLayer(**{"units": 4, "center_initializer": "normal", **arguments})
    layer.build((None, features))
    rng = np.random.default_rng(0)
    layer.centers.assign(rng.normal(size=layer.centers.shape))
    layer.gamma.assign(rng.uniform(0.2, 2, layer.gamma.shape))
    return layer


def values(layer):
    return [ops.convert_to_numpy(w).astype("float64") for w in layer.get_weights()]


@pytest.mark.parametrize("shape", [(5, 3), (2, 4, 3), (2, 2, 3, 3)])
def test_formula(shape):
    layer = built()
    centers, gamma = values(layer)
    x = np.random.default_rng(1).normal(size=shape).astype("float32")
    squares = ((x[..., None, :] - centers) ** 2).sum(-1)
    y = ops.convert_to_numpy(layer(x))
    np.testing.assert_allclose(y, np.exp(-gamma * squares), rtol=1e-5, atol=1e-7)


def test_one_at_a_centre_also_far_from_the_origin():
    layer = built()
    layer.centers.assign(ops.convert_to_numpy(layer.centers) + 300)
    y = ops.convert_to_numpy(layer(ops.convert_to_numpy(layer.centers)))
    np.testing.assert_allclose(np.diag(y), 1, atol=1e-5)
    assert (y > 0).all()
    assert (y <= 1).all()


def test_without_width_everything_is_close():
    layer = built()
    layer.gamma.assign(np.zeros(4))
    np.testing.assert_array_equal(layer(np.ones((2, 3), "float32")), np.ones((2, 4)))


def test_widths_stay_positive():
    layer = RBFLayer(2, gamma_init=1e-5)
    layer.build((None, 1))
    kept = ops.convert_to_numpy(layer.gamma.constraint(np.array([-1.0, 0.5])))
    np.testing.assert_allclose(kept, [1e-5, 0.5])
    assert RBFLayer(2, trainable_gamma=False).trainable


def test_fixed_widths_are_not_trained():
    layer = built(trainable_gamma=False)
    assert [w.name for w in layer.trainable_weights] == ["centers"]


@pytest.mark.parametrize("training", [True, False])
def test_repulsion_is_a_loss_of_the_call(training):
    layer = built(repulsion_strength=0.7, min_center_distance=2.0)
    centers, _ = values(layer)
    apart = np.linalg.norm(centers[:, None] - centers, axis=-1)
    pairs = np.maximum(0, 2.0 - apart)[~np.eye(4, dtype=bool)]
    layer(np.ones((2, 3), "float32"), training=training)
    (loss,) = layer.losses
    expected = 0.7 * (pairs**2).mean()
    np.testing.assert_allclose(ops.convert_to_numpy(loss), expected, rtol=1e-5)


def test_coincident_centres_have_a_finite_slope():
    centers = np.ones((3, 2))
    centers[2] += 0.1
    told = slope(lambda c: prototypes.repulsion(c, 1.0), centers)
    assert np.isfinite(told).all()
    assert (told[2] < 0).all()  # the loss falls as the third moves away
    layer = RBFLayer(2, center_initializer="ones", repulsion_strength=1.0)
    slopes = weight_slopes(layer, _first_call(layer, np.ones((1, 2), "float32")))
    assert all(np.isfinite(v).all() for v in slopes.values())


def _first_call(layer, x):
    layer(x)
    return x


def test_lone_centre_has_nothing_to_repel():
    layer = RBFLayer(1, repulsion_strength=1.0)
    layer(np.ones((2, 2), "float32"))
    assert float(ops.convert_to_numpy(layer.losses[0])) == 0


def test_adapting_puts_centres_into_blobs():
    rng = np.random.default_rng(0)
    middles = np.array([[0.0, 0.0], [5, 5], [0, 5]])
    x = np.concatenate([rng.normal(m, 0.3, (40, 2)) for m in middles])
    layer = RBFLayer(3)
    layer.adapt(x.reshape(3, 40, 2))
    centers, _ = values(layer)
    means = x.reshape(3, 40, 2).mean(1)
    apart = np.linalg.norm(means[:, None] - centers, axis=-1)
    np.testing.assert_allclose(apart.min(0), 0, atol=1e-5)
    assert sorted(apart.argmin(0)) == [0, 1, 2]
    with pytest.raises(ValueError, match="`x` must be at least 3 rows"):
        layer.adapt(x[:2])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"units": 0}, "units"),
        ({"gamma_init": 0.0}, "gamma_init"),
        ({"repulsion_strength": -1.0}, "repulsion_strength"),
        ({"min_center_distance": 0.0}, "min_center_distance"),
    ],
)
def test_bad_argument_is_named(arguments, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        RBFLayer(**{"units": 2, **arguments})


def test_features_must_be_known():
    with pytest.raises(ValueError, match="`input_shape` must be"):
        RBFLayer(2).build((None, None))
