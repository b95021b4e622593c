"""Thinning keeps what a reader looks for."""

import numpy as np

from dl_techniques.ui.thinning import thinned


def test_short_curves_stay_as_they_are():
    curves = {"epoch": [1, 2, 3], "loss": [3.0, 2.0, None], "other": [1, 1, 1]}
    assert thinned(curves, ["loss", "val_loss"]) == {
        "epoch": [1, 2, 3],
        "loss": [3.0, 2.0, None],
    }


def test_ends_extremes_and_order_stay():
    rng = np.random.default_rng(0)
    loss, held_out = rng.normal(size=(2, 5000))
    loss[1234], held_out[4321] = 99.0, -99.0
    curves = {
        "epoch": list(range(1, 5001)),
        "loss": loss.tolist(),
        "val_loss": [None, *held_out[1:].tolist()],
    }
    found = thinned(curves, ["loss", "val_loss"], most=100)
    assert len(found["epoch"]) <= 102
    assert (found["epoch"][0], found["epoch"][-1]) == (1, 5000)
    assert found["epoch"] == sorted(found["epoch"])
    assert max(found["loss"]) == 99.0
    assert min(v for v in found["val_loss"] if v is not None) == -99.0
    at = found["epoch"].index(1235)
    assert found["loss"][at] == 99.0
