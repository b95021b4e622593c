"""Retrieval by rank against NumPy."""

import numpy as np
import pytest

from dl_techniques.metrics import CLIPAccuracy, CLIPRecallAtK

Z = np.random.default_rng(0).normal(size=(8, 8))


def share(z, k):
    rank = (z > np.diag(z)[:, None]).sum(-1)
    return (rank < k).mean()


@pytest.mark.parametrize("k", [1, 3, 8])
def test_share_of_hits(k):
    i2t, t2i = share(Z, k), share(Z.T, k)
    pairs = {"i2t": i2t, "t2i": t2i, "mean": (i2t + t2i) / 2}
    for direction, expected in pairs.items():
        for form in (Z, (Z, Z.T), {"logits_per_image": Z}):
            got = float(CLIPAccuracy(k, direction)(None, form))
            assert got == pytest.approx(expected)
    assert float(CLIPRecallAtK(k)(None, Z)) == pytest.approx(i2t)


def test_one_number_over_batches_and_zero_before():
    metric = CLIPAccuracy()
    assert float(metric.result()) == 0
    metric.update_state(None, Z)
    metric.update_state(None, np.eye(2))
    expected = (8 * (share(Z, 1) + share(Z.T, 1)) / 2 + 2) / 10
    assert float(metric.result()) == pytest.approx(expected)
    assert metric.result().shape == ()


def test_ties_hit_and_nan_does_not():
    assert float(CLIPAccuracy()(None, np.ones((3, 3)))) == 1
    assert float(CLIPAccuracy()(None, np.full((3, 3), np.nan))) == 0


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="`top_k` must be"):
        CLIPAccuracy(0)
    with pytest.raises(ValueError, match="`direction` must be"):
        CLIPAccuracy(1, "up")
    with pytest.raises(ValueError, match="`k` must be"):
        CLIPRecallAtK(0)
    with pytest.raises(ValueError, match="`k` must be at most the batch size"):
        CLIPRecallAtK(9)(None, Z)
