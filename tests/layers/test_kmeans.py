"""Soft k-means against float64 NumPy and scikit-learn."""

import numpy as np
import pytest
from keras import ops
from sklearn.cluster import KMeans

from dl_techniques.datasets import load_dataset
from dl_techniques.layers import KMeansLayer
from dl_techniques.losses import ClusteringLoss
from dl_techniques.recipes import Recipe, build_model, check

MIDDLES = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])


def blobs(n=60, spread=0.4, seed=0):
    rng = np.random.default_rng(seed)
    x = np.concatenate([rng.normal(m, spread, (n, 2)) for m in MIDDLES])
    return rng.permutation(x).astype("float32")


def built(features=2, **arguments):
    layer = KMeansLayer(**{"n_clusters": 3, "seed": 0, **arguments})
    layer.build((None, features))
    return layer


def centroids(layer):
    return ops.convert_to_numpy(layer.centroids).astype("float64")


def reference(x, c, v, arguments):
    """One training step with an array of all differences."""
    squares = ((x[:, None] - c) ** 2).sum(-1)
    z = -squares / arguments["temperature"]
    q = np.exp(z - z.max(1, keepdims=True))
    q /= q.sum(1, keepdims=True)
    weight = q.sum(0)[:, None]
    move = q.T @ x / weight - c
    for k in range(len(c)):
        for j in range(len(c)):
            gap = c[k] - c[j]
            apart = np.linalg.norm(gap)
            if j != k and apart < arguments["min_distance"]:
                push = (arguments["min_distance"] - apart) * gap / apart
                move[k] += arguments["repulsion_strength"] * push
    v = arguments["momentum"] * v + (1 - arguments["momentum"]) * move
    return q, squares, c + arguments["centroid_lr"] * v, v


def test_assignments_and_moves():
    arguments = {
        "temperature": 1.5,
        "momentum": 0.6,
        "centroid_lr": 0.3,
        "repulsion_strength": 0.4,
        "min_distance": 2.5,
    }
    layer = built(**arguments)
    x = blobs(8)
    c, v = centroids(layer), np.zeros((3, 2))
    for _ in range(3):
        q, _, moved, v = reference(x.astype("float64"), c, v, arguments)
        y = ops.convert_to_numpy(layer(x, training=True))
        np.testing.assert_allclose(y, q, atol=1e-5)
        np.testing.assert_allclose(centroids(layer), moved, atol=1e-5)
        c = moved


def test_other_outputs():
    layer = built(temperature=2.0)
    x, c = blobs(4), centroids(layer)
    squares = ((x[:, None].astype("float64") - c) ** 2).sum(-1)
    q = ops.convert_to_numpy(layer(x))
    parts = {}
    for mode in ("mixture", "distances", "both"):
        other = built(temperature=2.0, output_mode=mode)
        other.set_weights(layer.get_weights())
        parts[mode] = other(x)
    np.testing.assert_allclose(parts["distances"], np.sqrt(squares), rtol=1e-5)
    np.testing.assert_allclose(parts["mixture"], q @ c, atol=1e-5)
    np.testing.assert_array_equal(parts["both"][0], q)
    np.testing.assert_allclose(parts["both"][1], squares, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("update", ["ema", "gradient"])
def test_clustering_loss_is_that_of_the_outputs(update):
    options = {"temperature": 2.0, "update": update, "repulsion_strength": 0.0}
    pair = built(**options, output_mode="both")
    layer = built(**options, add_clustering_loss=True, clustering_weight=0.3)
    layer.set_weights(pair.get_weights())
    x, c = blobs(4), centroids(layer)
    squares = ((x[:, None].astype("float64") - c) ** 2).sum(-1)
    q = np.exp(-squares / 2)
    q /= q.sum(1, keepdims=True)
    share = q.mean(0)
    even = np.log(3) + (share * np.log(share)).sum()
    expected = (q * squares).sum(1).mean() + 0.5 * even
    shown, far = pair(x)
    given = ClusteringLoss()(far, shown)
    np.testing.assert_allclose(ops.convert_to_numpy(given), expected, rtol=1e-5)
    layer(x, training=True)
    (added,) = [ops.convert_to_numpy(v) for v in layer.losses]
    np.testing.assert_allclose(added, 0.3 * expected, rtol=1e-5)


def test_masked_positions_are_left_out_of_the_clustering_loss():
    one, two = (built(temperature=1.0, add_clustering_loss=True) for _ in range(2))
    two.set_weights(one.get_weights())
    x = blobs(4).reshape(3, 4, 2)
    mask = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], bool)
    one(x, mask=ops.convert_to_tensor(mask))
    two(x[mask])
    a, b = (ops.convert_to_numpy(k.losses[0]) for k in (one, two))
    np.testing.assert_allclose(a, b, rtol=1e-5)


def test_clustering_loss_pulls_a_recipe_s_features_together():
    stack = [
        {"layer": "Dense", "args": {"units": 4}},
        {"layer": "KMeansLayer", "args": {"n_clusters": 3, "seed": 0}},
    ]
    tight = {}
    for weight in (0.0, 1.0):
        stack[1]["args"] |= {"add_clustering_loss": True, "clustering_weight": weight}
        recipe = Recipe.model_validate(
            {
                "dataset": {"name": "iris"},
                "model": {"stack": stack},
                "optimizer": {"learning_rate": 0.01},
            }
        )
        data = load_dataset("iris")
        assert check(recipe) == ()
        model = build_model(recipe, data.info, steps=100)
        model.fit(data.x_train, data.y_train, epochs=15, batch_size=30, verbose=0)
        _, dense, layer, _ = model.layers
        x = ops.convert_to_numpy(dense(data.x_train))
        squares = ((x[:, None] - centroids(layer)) ** 2).sum(-1)
        tight[weight] = squares.min(1).mean()
    assert tight[1.0] < 0.5 * tight[0.0]


def test_cold_assignment_is_the_nearest():
    layer = built(temperature=1e-4)
    x = blobs(10)
    nearest = ((x[:, None] - centroids(layer)) ** 2).sum(-1).argmin(1)
    np.testing.assert_allclose(layer(x), np.eye(3)[nearest], atol=1e-6)


def test_cluster_means_are_a_fixed_point():
    layer = built(temperature=1e-3, repulsion_strength=0.0)
    x = blobs()
    found = KMeans(3, n_init=5, random_state=0).fit(x)
    layer.centroids.assign(found.cluster_centers_)
    layer(x, training=True)
    np.testing.assert_allclose(centroids(layer), found.cluster_centers_, atol=1e-5)


def test_order_of_clusters_does_not_matter():
    one, two, order = built(), built(), [2, 0, 1]
    two.centroids.assign(centroids(one)[order])
    x = blobs(5)
    a = ops.convert_to_numpy(one(x, training=True))
    b = ops.convert_to_numpy(two(x, training=True))
    np.testing.assert_allclose(b, a[:, order], atol=1e-5)
    np.testing.assert_allclose(centroids(two), centroids(one)[order], atol=1e-5)


@pytest.mark.parametrize("adapted", [False, True])
def test_reaches_the_inertia_of_scikit_learn(adapted):
    layer, x = built(), blobs()
    if adapted:
        layer.adapt(x)
    else:
        layer.centroids.assign(x[:3] if len({*_nearest(x[:3])}) == 3 else MIDDLES + 1)
    for _ in range(150):
        layer(x, training=True)
    inertia = ((x[:, None] - centroids(layer)) ** 2).sum(-1).min(1).sum()
    assert inertia < 1.1 * KMeans(3, n_init=5, random_state=0).fit(x).inertia_


def _nearest(x):
    return ((x[:, None] - MIDDLES) ** 2).sum(-1).argmin(1)


def test_inference_changes_nothing_and_empty_clusters_stay():
    layer, x = built(), blobs()
    start = np.concatenate([MIDDLES[:2] + 0.5, [[90.0, 90.0]]])
    layer.centroids.assign(start)
    layer(x, training=False)
    np.testing.assert_allclose(centroids(layer), start)
    layer.trainable = False
    layer(x, training=True)
    np.testing.assert_allclose(centroids(layer), start)
    layer.trainable = True
    layer(x, training=True)
    moved = centroids(layer)
    np.testing.assert_array_equal(moved[2], start[2])
    assert (abs(moved[:2] - start[:2]).sum(1) > 1e-3).all()


def test_masked_positions_move_nothing():
    one, two = built(temperature=1.0), built(temperature=1.0)
    two.set_weights(one.get_weights())
    x = blobs(4).reshape(3, 4, 2)
    mask = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]], bool)
    one(x, training=True, mask=ops.convert_to_tensor(mask))
    two(x[mask], training=True)
    np.testing.assert_allclose(centroids(one), centroids(two), atol=1e-6)


def test_gradient_form_leaves_centroids_to_the_optimizer():
    layer = built(update="gradient", min_distance=4.0, repulsion_strength=2.0)
    before = centroids(layer)
    layer(blobs(3), training=True)
    np.testing.assert_array_equal(centroids(layer), before)
    assert [w.name for w in layer.trainable_weights] == ["centroids"]
    apart = np.linalg.norm(before[:, None] - before, axis=-1)
    pairs = np.maximum(0, 4.0 - apart)[~np.eye(3, dtype=bool)]
    loss = ops.convert_to_numpy(layer.losses[0])
    np.testing.assert_allclose(loss, 2 * (pairs**2).mean(), rtol=1e-5)


def test_another_axis_holds_the_features():
    last, first = built(), KMeansLayer(3, cluster_axis=1, seed=0)
    x = blobs(4).reshape(3, 4, 2)
    turned = np.moveaxis(x, -1, 1).copy()
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    expected = np.moveaxis(ops.convert_to_numpy(last(x)), -1, 1)
    np.testing.assert_allclose(first(turned), expected, atol=1e-6)
    first.adapt(turned)
    last.adapt(x)
    np.testing.assert_allclose(centroids(first), centroids(last), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"n_clusters": 0}, "n_clusters"),
        ({"temperature": 0.0}, "temperature"),
        ({"momentum": 1.0}, "momentum"),
        ({"centroid_lr": 0.0}, "centroid_lr"),
        ({"repulsion_strength": -0.1}, "repulsion_strength"),
        ({"min_distance": 0.0}, "min_distance"),
        ({"output_mode": "all"}, "output_mode"),
        ({"update": "both"}, "update"),
        ({"cluster_axis": 0}, "cluster_axis"),
        ({"seed": -1}, "seed"),
        ({"clustering_weight": -1.0}, "clustering_weight"),
    ],
)
def test_bad_argument_is_named(arguments, named):
    with pytest.raises(ValueError, match=f"`{named}` must be"):
        KMeansLayer(**{"n_clusters": 2, **arguments})
