"""Tests of distributional calibration."""

import math

import numpy as np
import pytest

from dl_techniques.analysis import flags
from dl_techniques.analysis import regression_calibration as reg
from dl_techniques.analysis.results import AnalysisResult


def mixture(n=2000, k=3, seed=0):
    rng = np.random.default_rng(seed)
    pi, mu = rng.dirichlet(np.ones(k), n), rng.normal(size=(n, k)) * 3
    sigma = rng.uniform(0.3, 1.5, (n, k))
    chosen = (pi.cumsum(1) > rng.random((n, 1))).argmax(1)
    at = (np.arange(n), chosen)
    return rng.normal(mu[at], sigma[at]), (pi, mu, sigma)


def test_the_stated_mixture_is_calibrated():
    stats = pytest.importorskip("scipy.stats")
    y, parts = mixture()
    pit = reg.pit_values(y, mixture=parts)
    found = reg.quantile_calibration(pit)
    want = stats.kstest(pit, "uniform")
    assert want.pvalue > 0.01
    assert found.ks == pytest.approx(want.statistic)
    assert found.error < 0.02
    assert reg.interval_coverage(pit, 0.8) == pytest.approx(0.8, abs=0.03)
    assert AnalysisResult.from_json(found.to_json()) == found


def test_crps_is_the_integral():
    y, (pi, mu, sigma) = mixture(4)
    got = reg.crps_mixture(y, pi, mu, sigma)
    x = np.linspace(-25, 25, 200_001)
    for i in range(4):
        f = reg.pit_values(
            x, mixture=tuple(np.tile(p[i], (len(x), 1)) for p in (pi, mu, sigma))
        )
        want = np.trapezoid((f - (x >= y[i])) ** 2, x)
        assert got[i] == pytest.approx(want, abs=3e-4)
    one = reg.crps_gaussian(y, mu[:, 0], sigma[:, 0])
    np.testing.assert_allclose(
        one, reg.crps_mixture(y, np.ones((4, 1)), mu[:, :1], sigma[:, :1])
    )
    draws = np.random.default_rng(0).normal(mu[:, :1], sigma[:, :1], (4, 40_000))
    np.testing.assert_allclose(reg.crps_samples(y, draws), one, atol=0.03)


def test_likelihoods():
    stats = pytest.importorskip("scipy.stats")
    y, (pi, mu, sigma) = mixture(50)
    dense = (pi * stats.norm.pdf(y[:, None], mu, sigma)).sum(1)
    assert reg.mixture_nll(y, pi, mu, sigma) == pytest.approx(-np.log(dense).mean())
    assert reg.mixture_nll(y + 1e4, pi, mu, sigma) < math.inf
    want = -stats.norm.logpdf(y, mu[:, 0], sigma[:, 0]).mean()
    assert reg.gaussian_nll(y, mu[:, 0], sigma[:, 0]) == pytest.approx(want)


def test_other_pits():
    np.testing.assert_allclose(
        reg.pit_values([0.0, 2.0], samples=[[-1.0, 1.0], [2.0, 3.0]]), [0.5, 0.25]
    )
    np.testing.assert_allclose(reg.pit_values([0.3], cdf=lambda y: y), [0.3])


def test_report_and_edges():
    y = np.arange(10.0)
    r = reg.regression_report(y, y + 1, np.ones(10))
    assert r.mae == r.rmse == r.bias == 1
    assert r.r2 == pytest.approx(1 - 10 / 82.5)
    assert r.coverage_90 == 1
    r = reg.regression_report(np.ones(4), np.ones(4))
    assert r.flags == (flags.CONSTANT,)
    assert math.isnan(r.r2)
    assert math.isnan(r.crps)
    assert reg.regression_report([], []).flags == (flags.EMPTY,)
    assert (
        reg.regression_report([1, np.nan], [1, 2]).flags[0] == flags.NONFINITE_DROPPED
    )
    assert reg.quantile_calibration([]).flags == (flags.EMPTY,)
    assert reg.sharpness([3.0, 4.0]) == pytest.approx(math.sqrt(12.5))


def test_wrong_arguments_say_so():
    y, (pi, mu, sigma) = mixture(5)
    for bad, text in (
        (lambda: reg.pit_values(y), "`cdf` must be"),
        (lambda: reg.pit_values(y, mixture=(2 * pi, mu, sigma)), "`pi` must be"),
        (lambda: reg.pit_values(y, mixture=(pi, mu, -sigma)), "`sigma` must be"),
        (lambda: reg.pit_values(y[:3], mixture=(pi, mu, sigma)), "`mixture` must be"),
        (lambda: reg.quantile_calibration([2.0]), "`pit` must be"),
        (lambda: reg.quantile_calibration([0.5], [1.0]), "`levels` must be"),
        (lambda: reg.interval_coverage([0.5], 1.0), "`level` must be"),
        (lambda: reg.regression_report(y, y[:2]), "`prediction` must be"),
    ):
        with pytest.raises(ValueError, match=text):
            bad()
