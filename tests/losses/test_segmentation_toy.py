"""The two circles: losses grow with the offset."""

import numpy as np
import pytest

from dl_techniques.losses.segmentation import losses_over_offset, two_circles


def test_circles():
    y, p = two_circles(0.0, size=20, radius=5, softness=0)
    np.testing.assert_array_equal(y, p)
    assert y.sum() == pytest.approx(np.pi * 25, rel=0.1)
    moved = two_circles(3.0, size=20, radius=5, softness=0)[1]
    np.testing.assert_array_equal(moved[0, :, 3:], y[0, :, :-3])
    soft = two_circles(0.0, size=20, radius=5)[1]
    assert soft[0, 10, 14, 0] > 0.5 > soft[0, 10, 15, 0] > 0.05
    for kwargs, named in (({"size": 2}, "size"), ({"radius": 0}, "radius")):
        with pytest.raises(ValueError, match=f"`{named}` must be"):
            two_circles(0.0, **kwargs)


def test_every_loss_sees_the_offset():
    values = losses_over_offset([0, 2, 5, 9], size=24, radius=5)
    assert len(values) == 12
    for name, found in values.items():
        assert found.shape == (4,), name
        assert (np.diff(found[:3]) > 0).all(), name
    overlap = losses_over_offset([12], ["dice"], size=40, radius=5)["dice"]
    assert overlap[0] == pytest.approx(1, abs=1e-3)
