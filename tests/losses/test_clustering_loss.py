"""The clustering loss against k-means' inertia and entropies."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.losses import ClusteringLoss

RNG = np.random.default_rng(0)
Q = RNG.dirichlet(np.ones(3), size=8)
D = RNG.uniform(0, 4, size=(8, 3))


def value(loss, d=D, q=Q, w=None):
    return float(ops.convert_to_numpy(loss(d, q, sample_weight=w)))


@pytest.mark.parametrize("balance", ["kl", "mse"])
def test_formula(balance):
    share = Q.mean(0)
    r = np.log(3) + (share * np.log(share)).sum()
    r = r if balance == "kl" else ((share - 1 / 3) ** 2).mean()
    expected = 2.0 * (Q * D).sum(-1).mean() + 0.3 * r
    assert value(ClusteringLoss(2.0, 0.3, balance)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("balance", ["kl", "mse"])
def test_balance_alone(balance):
    loss = ClusteringLoss(0.0, 1.0, balance)
    assert value(loss, q=np.tile(np.eye(3), (2, 1)), d=D[:6]) == pytest.approx(
        0, abs=1e-6
    )
    one = np.zeros((8, 3))
    one[:, 0] = 1
    most = np.log(3) if balance == "kl" else (4 / 9 + 2 / 9) / 3
    assert value(loss, q=one) == pytest.approx(most, rel=1e-5)


def test_hard_assignments_give_the_inertia():
    x, centers = RNG.normal(size=(8, 2)), RNG.normal(size=(3, 2))
    d = ((x[:, None] - centers) ** 2).sum(-1)
    hard = np.eye(3)[d.argmin(-1)]
    inertia = d.min(-1).sum()
    got = value(ClusteringLoss(distribution_weight=0.0), d, hard)
    assert got == pytest.approx(inertia / 8, rel=1e-5)


def test_names_of_clusters_do_not_matter_and_weights_enter_the_sums():
    loss = ClusteringLoss()
    order = [2, 0, 1]
    turned = value(loss, D[:, order], Q[:, order])
    assert turned == pytest.approx(value(loss), rel=1e-5)
    w = np.array([0, 1, 2, 0, 1, 0, 0, 3])
    repeated = value(loss, np.repeat(D, w, 0), np.repeat(Q, w, 0))
    assert value(loss, w=w) == pytest.approx(repeated, rel=1e-5)


def test_what_is_wrong_is_named():
    for kwargs in (
        {"distance_weight": -1.0},
        {"distribution_weight": -1.0},
        {"balance": "even"},
    ):
        with pytest.raises(ValueError, match=f"`{next(iter(kwargs))}` must be"):
            ClusteringLoss(**kwargs)
    with pytest.raises(ValueError, match="`y_true` must be"):
        ClusteringLoss()(D[:, :2], Q)
