"""Tests of temperature scaling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_techniques.analysis import calibration as cal
from dl_techniques.analysis import flags

SEEDS = st.integers(0, 2**31)


def logits(seed=0, n=300, k=4, scale=1.0):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, k)) * 1.5
    y = np.array([rng.choice(k, p=p) for p in cal.apply_temperature(z, 1.0)])
    return z * scale, y


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.0, 8.0])
def test_it_finds_the_scale_that_was_put_in(scale):
    z, y = logits(n=4000, scale=scale)
    fit = cal.fit_temperature(z, y)
    assert fit.temperature == pytest.approx(scale, rel=0.1)
    assert fit.converged
    assert not fit.flags


@given(SEEDS, st.floats(0.1, 10))
def test_the_likelihood_is_never_worse_and_stationary(seed, scale):
    z, y = logits(seed, 60, 3, scale)
    fit = cal.fit_temperature(z, y)
    assert fit.nll_after <= fit.nll_before
    for factor in (0.99, 1.01):
        t = fit.temperature * factor
        if flags.UNBOUNDED_TEMPERATURE not in fit.flags:
            around = cal.negative_log_likelihood(y, z / t, kind="logits")
            assert around >= fit.nll_after - 1e-12


def test_a_general_minimiser_agrees():
    optimize = pytest.importorskip("scipy.optimize")
    z, y = logits(scale=2.5)

    def loss(w):
        return cal.negative_log_likelihood(y, w * z, kind="logits")

    found = optimize.minimize_scalar(loss, (0.1, 1.0), tol=1e-12)
    assert cal.fit_temperature(z, y).temperature == pytest.approx(1 / found.x, rel=1e-6)


def test_the_argmax_stays():
    z, y = logits()
    t = cal.fit_temperature(z, y).temperature
    scaled = cal.apply_temperature(z, t)
    np.testing.assert_array_equal(scaled.argmax(1), z.argmax(1))
    np.testing.assert_allclose(scaled.sum(1), 1)


def test_one_column_is_a_sigmoid():
    z, y = logits(k=2)
    both = cal.fit_temperature(z, y)
    one = cal.fit_temperature(z[:, 1] - z[:, 0], y)
    assert one.temperature == pytest.approx(both.temperature, rel=1e-9)
    assert one.nll_after == pytest.approx(both.nll_after)
    assert cal.apply_temperature(np.zeros(3), 2.0).tolist() == [0.5] * 3


def test_soft_labels_and_weights():
    z, y = logits(n=50, k=3)
    hot = np.eye(3)[y]
    want = cal.fit_temperature(z, y).temperature
    soft = cal.fit_temperature(z, 0.9 * hot + 0.1 / 3).temperature
    assert soft > want
    times = np.arange(50) % 3
    rows = np.repeat(np.arange(50), times)
    weighted = cal.fit_temperature(z, y, sample_weight=times)
    again = cal.fit_temperature(z[rows], y[rows])
    assert weighted.temperature == pytest.approx(again.temperature, rel=1e-9)


def test_separable_labels_have_no_optimum():
    z, _ = logits()
    right = cal.fit_temperature(z, z.argmax(1))
    assert right.temperature == pytest.approx(0.05)
    wrong = cal.fit_temperature(z, z.argmin(1), bounds=(0.1, 10))
    assert wrong.temperature == pytest.approx(10)
    for fit in (right, wrong):
        assert fit.flags == (flags.UNBOUNDED_TEMPERATURE,)


def test_probabilities_serve_as_logits():
    z, y = logits(scale=2.0)
    p = cal.apply_temperature(z, 1.0)
    got = cal.fit_temperature(cal.logits_from_probabilities(p), y).temperature
    assert got == pytest.approx(cal.fit_temperature(z, y).temperature, rel=1e-7)
    back = cal.apply_temperature(cal.logits_from_probabilities(p[:, 0]), 1.0)
    np.testing.assert_allclose(back, p[:, 0], rtol=1e-12)
    assert np.isfinite(cal.logits_from_probabilities([0.0, 1.0])).all()


def test_nothing_and_constant_logits():
    fit = cal.fit_temperature(np.zeros((0, 3)), [])
    assert np.isnan(fit.temperature)
    assert fit.flags == (flags.EMPTY,)
    flat = cal.fit_temperature(np.ones((4, 3)), [0, 1, 2, 0])
    assert flat.temperature == 1.0
    assert flat.flags == (flags.CONSTANT,)


def test_float16_logits_do_not_overflow():
    z, y = logits(scale=3.0)
    small = cal.fit_temperature(z.astype(np.float16), y).temperature
    assert small == pytest.approx(cal.fit_temperature(z, y).temperature, rel=1e-3)


def test_the_curve_meets_the_fit():
    z, y = logits(scale=2.0)
    fit = cal.fit_temperature(z, y)
    curve = cal.temperature_curve(z, y, [0.5, 1.0, fit.temperature, 4.0])
    assert curve.nll[1] == pytest.approx(fit.nll_before)
    assert curve.nll.argmin() == 2
    assert curve.ece[2] == pytest.approx(fit.ece_after)


def test_wrong_arguments_say_so():
    z, y = logits(n=5)
    for bad, text in (
        (lambda: cal.fit_temperature(z, y, bounds=(2, 1)), "`bounds`"),
        (lambda: cal.fit_temperature(z, y, tol=0), "`tol`"),
        (lambda: cal.fit_temperature(z, y, max_iter=0), "`max_iter`"),
        (lambda: cal.apply_temperature(z, 0), "`temperature`"),
        (lambda: cal.temperature_curve(z, y, [-1.0]), "`temperatures`"),
    ):
        with pytest.raises(ValueError, match=text):
            bad()
