import numpy as np
import pytest

from dl_techniques.datasets import load_dataset


def points(name, **options):
    options = {"noise": 0.0, "n": 2000, **options}
    data = load_dataset(name, options=options, standardise=False)
    x = np.concatenate([data.x_train, data.x_test]).astype(np.float64)
    return x, np.concatenate([data.y_train, data.y_test])


def test_xor_labels_are_the_sign_of_the_product():
    x, y = points("xor")
    np.testing.assert_array_equal(y, x[:, 0] * x[:, 1] < 0)
    assert abs(x).max() <= 1
    quadrant = (x[:, 0] > 0) * 2 + (x[:, 1] > 0)
    assert np.bincount(quadrant).min() > 400


@pytest.mark.parametrize("cells", [2, 3, 4, 7])
def test_checkerboard_labels_are_the_colour_of_the_field(cells):
    x, y = points("checkerboard", cells=cells)
    field = np.clip(np.floor((x + 1) / 2 * cells), 0, cells - 1).astype(int)
    np.testing.assert_array_equal(y, field.sum(1) % 2)
    assert len({tuple(f) for f in field}) == cells**2


@pytest.mark.parametrize(("classes", "turns"), [(2, 1.5), (3, 1.0), (5, 0.5)])
def test_spiral_angle_tells_the_arm(classes, turns):
    x, y = points("spirals", classes=classes, turns=turns)
    radius = np.hypot(*x.T)
    arm = (np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - turns * radius) % 1
    np.testing.assert_array_equal(np.rint(arm * classes) % classes, y)
    assert radius.max() <= 1 + 1e-6
    assert np.bincount(y).tolist() == np.bincount(np.arange(2000) % classes).tolist()


def test_circles_have_the_promised_radii():
    x, y = points("circles", classes=4)
    np.testing.assert_allclose(np.hypot(*x.T), (y + 1) / 4, atol=1e-6)


def test_moons_are_half_circles():
    x, y = points("moons")
    centre = np.where(y[:, None] == 0, [0.0, 0.0], [1.0, 0.5])
    np.testing.assert_allclose(np.hypot(*(x - centre).T), 1, atol=1e-6)
    assert ((x - centre)[y == 0, 1] >= 0).all()
    assert ((x - centre)[y == 1, 1] <= 0).all()


def test_blobs_and_noise_have_the_promised_spread():
    x, y = points("blobs", classes=3, noise=0.2, n=20_000)
    for c in range(3):
        centre = [np.cos(2 * np.pi * c / 3), np.sin(2 * np.pi * c / 3)]
        np.testing.assert_allclose(x[y == c].mean(0), centre, atol=0.01)
        np.testing.assert_allclose(x[y == c].std(0), 0.2, atol=0.01)
