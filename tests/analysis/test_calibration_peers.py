"""Agreement with netcal, torchmetrics and scikit-learn."""

import warnings

import numpy as np
import pytest

from dl_techniques.analysis import calibration as cal

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(7)
    p = rng.dirichlet(np.full(5, 0.6), size=1500).astype(np.float32)
    y = np.array([rng.choice(5, p=q / q.sum()) for q in p.astype(float) ** 0.7])
    return y, p


@pytest.mark.parametrize("n_bins", [1, 10, 15])
def test_netcal(data, n_bins):
    netcal = pytest.importorskip("netcal.metrics")
    y, p = data
    binary = (y == 0).astype(int), p[:, 0]
    for labels, scores in (data, binary):
        for theirs, ours in (
            (netcal.ECE, cal.expected_calibration_error),
            (netcal.MCE, cal.maximum_calibration_error),
            (netcal.ACE, cal.average_calibration_error),
        ):
            want = theirs(n_bins).measure(scores, labels)
            assert ours(labels, scores, n_bins=n_bins) == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_torchmetrics(data, norm):
    torch = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("torchmetrics")
        from torchmetrics.functional.classification import (
            binary_calibration_error,
            multiclass_calibration_error,
        )
    y, p = torch.from_numpy(data[0]), torch.from_numpy(data[1])
    want = multiclass_calibration_error(p, y, 5, 15, norm)
    got = cal.expected_calibration_error(*data, norm=norm)
    assert got == pytest.approx(float(want), abs=1e-6)
    want = binary_calibration_error(p[:, 0].contiguous(), (y == 0).int(), 15, norm)
    got = cal.expected_calibration_error(data[0] == 0, data[1][:, 0], norm=norm)
    assert got == pytest.approx(float(want), abs=1e-6)


def test_sklearn(data):
    metrics = pytest.importorskip("sklearn.metrics")
    calibration = pytest.importorskip("sklearn.calibration")
    y, p = data
    wide = p.astype(np.float64)
    wide /= wide.sum(1, keepdims=True)
    assert cal.negative_log_likelihood(y, wide) == pytest.approx(
        metrics.log_loss(y, wide), abs=1e-6
    )
    assert cal.brier_score(y, wide) == pytest.approx(
        metrics.brier_score_loss(y, wide), abs=1e-6
    )
    hit = y == 0
    assert cal.brier_score(hit, p[:, 0]) == pytest.approx(
        metrics.brier_score_loss(hit, p[:, 0]), abs=1e-6
    )
    for strategy in ("uniform",):
        accuracy, confidence = calibration.calibration_curve(
            hit, p[:, 0], n_bins=10, strategy=strategy
        )
        table = cal.bin_predictions(p[:, 0], hit, n_bins=10, strategy=strategy)
        filled = table.count > 0
        np.testing.assert_allclose(table.accuracy[filled], accuracy, atol=1e-6)
        np.testing.assert_allclose(table.mean_confidence[filled], confidence, atol=1e-6)
