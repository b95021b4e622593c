"""The self-organising map against a loop over samples and cells."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import SOM2dLayer


def square(n, seed=0):
    return np.random.default_rng(seed).uniform(0, 1, (n, 2)).astype("float32")


def built(map_size=(3, 4), **arguments):
    layer = SOM2dLayer(map_size, **{"initializer": "uniform", **arguments})
    layer.build((None, 2))
    start = np.random.default_rng(1).uniform(0, 1, (*map_size, 2))
    layer.som_weights.assign(start)
    return layer


def weights(layer):
    return ops.convert_to_numpy(layer.som_weights).astype("float64")


def reference(x, w, rate, sigma, neighborhood):
    """Sample by sample, cell by cell."""
    moved, best, errors = w.copy(), [], []
    for sample in x.astype("float64"):
        apart = np.linalg.norm(w - sample, axis=-1)
        i, j = np.unravel_index(apart.argmin(), apart.shape)
        best.append((i, j))
        errors.append(apart.min())
        for a in range(w.shape[0]):
            for b in range(w.shape[1]):
                g2 = (a - i) ** 2 + (b - j) ** 2
                near = (
                    np.exp(-g2 / (2 * sigma**2))
                    if neighborhood == "gaussian"
                    else float(g2 <= sigma**2)
                )
                moved[a, b] += rate * near * (sample - w[a, b]) / len(x)
    return moved, np.array(best), np.array(errors)


@pytest.mark.parametrize("neighborhood", ["gaussian", "bubble"])
@pytest.mark.parametrize("decay", ["linear", "exponential"])
def test_formula(neighborhood, decay):
    layer = built(
        neighborhood=neighborhood,
        decay=decay,
        initial_learning_rate=0.5,
        max_iterations=4,
        sigma=1.5,
    )
    w, x = weights(layer), square(7)
    for t in range(4):
        share = t / 4
        if decay == "linear":
            rate, sigma = 0.5 * (1 - share), 1.5 - share
        else:
            rate, sigma = 0.5 * 0.01**share, 1.5 * (0.5 / 1.5) ** share
        w, best, errors = reference(x, w, rate, sigma, neighborhood)
        told = layer(x, training=True)
        np.testing.assert_array_equal(told["bmu"], best)
        np.testing.assert_allclose(told["error"], errors, atol=1e-5)
        np.testing.assert_allclose(weights(layer), w, atol=1e-5)
    assert int(layer.iterations) == 4
    layer(x, training=True)
    np.testing.assert_allclose(weights(layer), w, atol=1e-5)  # the rate is 0 now


def test_other_outputs():
    x = square(5)
    whole = built()(x)
    error = built(output="quantization_error")(x)
    onehot = ops.convert_to_numpy(built(output="bmu_onehot")(x))
    np.testing.assert_array_equal(error, whole["error"])
    flat = ops.convert_to_numpy(whole["bmu"]) @ [4, 1]
    np.testing.assert_array_equal(onehot, np.eye(12)[flat])


def test_inference_changes_nothing():
    layer = built()
    before = weights(layer)
    layer(square(9))
    layer.trainable = False
    layer(square(9), training=True)
    np.testing.assert_array_equal(weights(layer), before)
    assert int(layer.iterations) == 0


@pytest.mark.slow
def test_map_unfolds_over_a_square():
    layer = SOM2dLayer((10, 10), initial_learning_rate=0.5, max_iterations=300)
    layer.build((None, 2))
    layer.som_weights.assign(0.1 * np.random.default_rng(0).normal(size=(10, 10, 2)))
    test = square(400, seed=5)
    first = float(ops.mean(layer(test)["error"]))
    for step in range(300):
        layer(square(64, seed=step + 10), training=True)
    assert float(ops.mean(layer(test)["error"])) < 0.25 * first
    w = weights(layer).reshape(-1, 2)
    cells = np.indices((10, 10)).reshape(2, -1).T
    two = np.linalg.norm(test[:, None] - w, axis=-1).argsort(1)[:, :2]
    apart = abs(cells[two[:, 0]] - cells[two[:, 1]]).max(1)
    assert (apart > 1).mean() < 0.1  # topographic error


def test_masked_positions_move_nothing():
    one, two = built(), built()
    x = square(6).reshape(2, 3, 2)
    mask = np.array([[1, 1, 0], [1, 0, 0]], bool)
    one(x, training=True, mask=ops.convert_to_tensor(mask))
    two(x[mask], training=True)
    np.testing.assert_allclose(weights(one), weights(two), atol=1e-6)


def test_explanation_shows_the_map():
    layer = built()
    told = layer.explain(square(5))
    w = weights(layer)
    np.testing.assert_allclose(told["weights"], w, rtol=1e-6)
    np.testing.assert_array_equal(told["bmu"], layer(square(5))["bmu"])
    neighbours = [w[0, 1], w[2, 1], w[1, 0], w[1, 2]]
    expected = np.mean([np.linalg.norm(w[1, 1] - n) for n in neighbours])
    np.testing.assert_allclose(told["u_matrix"][1, 1], expected)
    corner = [np.linalg.norm(w[0, 0] - n) for n in (w[1, 0], w[0, 1])]
    np.testing.assert_allclose(told["u_matrix"][0, 0], np.mean(corner))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"map_size": 4}, "map_size"),
        ({"map_size": (4, 0)}, "map_size"),
        ({"initial_learning_rate": 0.0}, "initial_learning_rate"),
        ({"sigma": 0.0}, "sigma"),
        ({"neighborhood": "square"}, "neighborhood"),
        ({"decay": "step"}, "decay"),
        ({"max_iterations": 0}, "max_iterations"),
        ({"output": "both"}, "output"),
    ],
)
def test_bad_argument_is_named(arguments, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        SOM2dLayer(**{"map_size": (2, 2), **arguments})
