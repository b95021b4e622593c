"""The shearlet transform against a float64 NumPy one, and its energy."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import ShearletTransform
from dl_techniques.layers.shearlet_filters import partner_signs, shearlet_filters


def images(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def run(x, **arguments):
    layer = ShearletTransform(**arguments)
    return layer, ops.convert_to_numpy(layer(x)).astype("float64")


def reference(x, scales, directions):
    """Filters frequency by frequency with scalar code."""
    height, width = x.shape
    bank = np.zeros((1 + scales * directions, height, width))
    lift = np.polynomial.Polynomial([0, 0, 0, 0, 35, -84, 70, -20])

    def low(r, j):
        half = 2.0 ** (j - scales) / 4
        return np.cos(np.pi / 2 * lift(np.clip((r - half) / half, 0, 1)))

    for i, fy in enumerate(np.fft.fftfreq(height)):
        for j, fx in enumerate(np.fft.fftfreq(width)):
            r = max(abs(fx), abs(fy))
            bank[0, i, j] = low(r, 0)
            if r == 0:
                continue
            t = fy / fx if abs(fy) <= abs(fx) else 2 - fx / fy
            for s in range(scales):
                above = 1.0 if s == scales - 1 else low(r, s + 1)
                band = np.sqrt(max(above**2 - low(r, s) ** 2, 0))
                for k in range(directions):
                    away = abs((t - 4 * k / directions + 2) % 4 - 2)
                    window = np.cos(
                        np.pi / 2 * lift(np.clip(away * directions / 4, 0, 1))
                    )
                    bank[1 + s * directions + k, i, j] = band * window
    mirror = -np.arange(height) % height, -np.arange(width) % width
    bank = (bank + bank[:, mirror[0]][:, :, mirror[1]]) / 2
    bank /= np.sqrt((bank**2).sum(0))
    y = np.fft.ifft2(np.fft.fft2(x) * bank)
    assert abs(y.imag).max() < 1e-12
    return np.moveaxis(y.real, 0, -1)


@pytest.mark.parametrize("shape", [(8, 12), (9, 11)])
@pytest.mark.parametrize(("scales", "directions"), [(1, 4), (3, 8), (2, 5)])
def test_formula(shape, scales, directions):
    x = images(2, *shape, 2)
    _, y = run(x, scales=scales, directions=directions)
    size = 1 + scales * directions
    for b in range(2):
        for c in range(2):
            part = y[b, :, :, c * size : (c + 1) * size]
            expected = reference(x[b, :, :, c].astype("float64"), scales, directions)
            np.testing.assert_allclose(part, expected, atol=2e-6)


@pytest.mark.parametrize("complex_output", [False, True])
@pytest.mark.parametrize("shape", [(16, 8), (9, 15)])
def test_energy_and_inverse(complex_output, shape):
    x = images(2, *shape, 3)
    layer, y = run(x, complex_output=complex_output, scales=2, directions=6)
    energy = (x.astype("float64") ** 2).sum((1, 2, 3))
    np.testing.assert_allclose((y**2).sum((1, 2, 3)), energy, rtol=1e-5)
    back = ops.convert_to_numpy(layer.inverse(y.astype("float32")))
    np.testing.assert_allclose(back, x, atol=1e-5)


def test_complex_halves_are_an_even_part_and_its_hilbert_partner():
    x = images(1, 16, 16)
    _, real = run(x, scales=2, directions=4)
    _, both = run(x, scales=2, directions=4, complex_output=True)
    even, partner = both[..., :9], both[..., 9:]
    spectrum = np.fft.fft2(both[0, :, :, :9], axes=(0, 1))
    turned = np.fft.fft2(partner[0], axes=(0, 1))
    _, angles = shearlet_filters(16, 16, 2, 4)
    sign = np.moveaxis(partner_signs(16, 16, angles), 0, -1)
    np.testing.assert_allclose(even[..., 0], real[..., 0], atol=1e-6)
    assert abs(partner[..., 0]).max() < 1e-6
    expected = np.where(sign == 0, 0, -1j * sign * spectrum)[..., 1:]
    np.testing.assert_allclose(turned[..., 1:], expected, atol=1e-4)
    inside = np.moveaxis(abs(sign) == 1, -1, 0)[1:]
    assert inside.sum() == 8 * (16 * 16 - 4)
    alone = np.fft.fft2(real[0], axes=(0, 1))[1, 3, 1:]
    np.testing.assert_allclose(spectrum[1, 3, 1:] * np.sqrt(2), alone, atol=1e-4)


def test_constant_image_excites_only_the_low_pass():
    _, y = run(np.full((1, 8, 8, 1), 2.0, "float32"))
    np.testing.assert_allclose(y[..., 0], 2.0, rtol=1e-6)
    assert abs(y[..., 1:]).max() < 1e-6


def test_shifting_the_image_shifts_the_coefficients():
    x = images(1, 8, 10, 1)
    _, y = run(x)
    _, moved = run(np.roll(x, (3, 2), (1, 2)))
    np.testing.assert_allclose(moved, np.roll(y, (3, 2), (1, 2)), atol=1e-6)


def test_turning_the_image_turns_the_directions():
    x = images(1, 9, 9, 1)
    _, y = run(x, scales=2, directions=4)
    _, turned = run(np.rot90(x, axes=(1, 2)).copy(), scales=2, directions=4)
    order = [0, 3, 4, 1, 2, 7, 8, 5, 6]
    expected = np.rot90(y, axes=(1, 2))[..., order]
    np.testing.assert_allclose(turned, expected, atol=1e-6)


@pytest.mark.parametrize("k", range(8))
def test_an_edge_excites_the_direction_normal_to_it(k):
    layer = ShearletTransform(directions=8)
    layer.build((None, 33, 33, 1))
    _, angles = shearlet_filters(33, 33, 3, 8)
    row, column = np.mgrid[-16:17, -16:17]
    side = column * np.cos(angles[1 + k]) + row * np.sin(angles[1 + k])
    x = (np.tanh(side) * np.exp(-(row**2 + column**2) / 60)).astype("float32")
    y = ops.convert_to_numpy(layer(x[None, ..., None]))
    energy = (y[..., 1:] ** 2).sum((0, 1, 2)).reshape(3, 8)
    assert (energy[1:].argmax(1) == k).all()


def test_one_image_without_channels_counts_as_one_channel():
    x = images(2, 8, 9)
    _, y = run(x, scales=1, directions=4)
    _, same = run(x[..., None], scales=1, directions=4)
    np.testing.assert_array_equal(y, same)


def test_without_the_low_pass_there_is_no_inverse():
    layer, y = run(images(1, 8, 8, 1), include_lowpass=False)
    _, whole = run(images(1, 8, 8, 1))
    np.testing.assert_allclose(y, whole[..., 1:], atol=1e-6)
    with pytest.raises(ValueError, match="`include_lowpass` must be"):
        layer.inverse(y)


def test_explanation_shares_the_energy():
    layer, y = run(images(2, 8, 8, 2), complex_output=True)
    told = layer.explain(images(2, 8, 8, 2))
    assert told["windows"].shape == (25, 8, 8)
    assert told["windows"][0].argmax() == 4 * 8 + 4
    assert told["energy"].shape == (2, 25)
    np.testing.assert_allclose(told["energy"].sum(-1), 1, rtol=1e-5)
    low = (y[..., 0] ** 2 + y[..., 25] ** 2).sum((1, 2)) / (y**2).sum((1, 2, 3))
    np.testing.assert_allclose(told["energy"][:, 0], low, rtol=1e-5)


@pytest.mark.parametrize("shape", [(None, 8, 7, 1), (None, None, 8, 1), (None, 8)])
def test_sides_must_be_known_and_large_enough(shape):
    with pytest.raises(ValueError, match="`input_shape` must be"):
        ShearletTransform().build(shape)
