"""The picture of true and given maps: what is in its bytes, and who gets it."""

import json

import numpy as np
import pytest

from dl_techniques.analysis._depth_maps import depth_facts, depth_maps
from dl_techniques.analysis._live_pictures import kinds_of
from dl_techniques.analysis._live_snapshot import shortened
from dl_techniques.utils.pixels import unpacked

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 8, 12, 3)).astype("float32")
Y = RNG.uniform(1, 7, (6, 8, 12, 1)).astype("float32")
GIVEN = (Y + RNG.normal(0, 0.5, Y.shape))[..., 0].astype("float32")


def read(record, name, low, high):
    return low + unpacked(record[name])[..., 0] / 255 * (high - low)


@pytest.mark.parametrize("given", [GIVEN, GIVEN[..., None]])
def test_maps_and_errors_are_in_the_record(given):
    found = depth_maps(X, Y, given)
    true, guess = Y[:4, ..., 0], GIVEN[:4]
    low, high = float(true.min()), float(true.max())
    assert (found["low"], found["high"]) == (low, high)
    half = (high - low) / 255 / 2 + 1e-6
    np.testing.assert_allclose(read(found, "true", low, high), true, atol=half)
    clipped = np.clip(guess, low, high)
    np.testing.assert_allclose(read(found, "given", low, high), clipped, atol=half)
    error = abs(guess.astype("float64") - true)
    half = error.max() / 255 / 2 + 1e-6
    got = read(found, "error", 0, found["largest"])
    np.testing.assert_allclose(got, error, atol=half)
    np.testing.assert_allclose(found["mae"], error.mean((1, 2)), rtol=1e-6)
    np.testing.assert_allclose(
        found["relative"], (error / true).mean((1, 2)), rtol=1e-6
    )
    images = unpacked(found["images"])
    assert images.shape == (4, 8, 12, 3)
    assert (images.min((0, 1, 2)) == 0).all()
    assert (images.max((0, 1, 2)) == 255).all()


def test_large_maps_are_made_smaller_until_they_fit():
    shape = (4, 256, 256)
    x, y = RNG.uniform(size=(*shape, 3)), RNG.uniform(1, 2, (*shape, 1))
    found = depth_maps(x, y, y + 0.25)
    assert len(json.dumps(shortened(found))) < 20_000
    assert unpacked(found["true"]).shape[1] < 64
    np.testing.assert_allclose(found["mae"], 0.25, rtol=1e-6)


def test_numbers_that_are_none_are_no_obstacle():
    wild = GIVEN.copy()
    wild[0] = np.nan
    wild[1] = np.inf
    found = depth_maps(X, Y, wild)
    json.dumps(shortened(found), allow_nan=False)
    assert np.isfinite(found["largest"])
    flat = depth_maps(X, np.ones_like(Y), np.ones_like(GIVEN))
    assert (unpacked(flat["error"]) == 0).all()


@pytest.mark.parametrize(
    ("x", "y", "outputs"),
    [
        (X[..., 0], Y, {"": GIVEN}),
        (X, Y[:, 0, 0], {"": GIVEN}),
        (X, Y.astype("int32"), {"": GIVEN}),
        (X, Y, {"": GIVEN[:, :4]}),
        (X, Y, {"a": GIVEN, "b": GIVEN}),
        (X, Y[:, 0, 0, 0], {"": GIVEN[:, 0, :1]}),
    ],
)
def test_other_data_have_no_such_picture(x, y, outputs):
    assert depth_facts(None, x, y, outputs) is None


def test_maps_have_one():
    assert depth_facts(None, X, Y, {"": GIVEN}) == {}
    assert "depth" in kinds_of(None, X, Y, {"": GIVEN})
