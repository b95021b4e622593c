"""Tests of the calibration measures against definitions and exact identities."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_techniques.analysis import calibration as cal
from dl_techniques.analysis import flags
from dl_techniques.analysis.results import AnalysisResult

SEEDS = st.integers(0, 2**31)
EMPTY = (np.zeros(0, int), np.zeros((0, 3)))


def predictions(seed=0, n=200, k=4, spread=0.7):
    rng = np.random.default_rng(seed)
    return rng.integers(0, k, n), rng.dirichlet(np.full(k, spread), size=n)


def slow_ece(confidence, outcome, n_bins):
    """The definition, a bin at a time."""
    edges, total, worst = np.linspace(0, 1, n_bins + 1), 0.0, 0.0
    for b in range(n_bins):
        inside = (confidence > edges[b]) & (confidence <= edges[b + 1])
        inside |= (confidence == 0) & (b == 0)
        if inside.any():
            gap = abs(outcome[inside].mean() - confidence[inside].mean())
            total, worst = total + inside.mean() * gap, max(worst, gap)
    return total, worst


@given(SEEDS, st.integers(1, 60), st.integers(2, 7), st.integers(1, 40))
def test_ece_is_its_definition(seed, n, k, n_bins):
    y, p = predictions(seed, n, k)
    ece, mce = slow_ece(p.max(1), p.argmax(1) == y, n_bins)
    got = cal.expected_calibration_error(y, p, n_bins=n_bins)
    assert got == pytest.approx(ece, abs=1e-12)
    assert cal.maximum_calibration_error(y, p, n_bins=n_bins) == pytest.approx(mce)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 40))
def test_values_on_an_edge_belong_to_the_bin_below(parts, n_bins):
    c = np.array(parts) / 40
    table = cal.bin_predictions(c, np.zeros(len(c)), n_bins=n_bins)
    index = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], c, side="left")
    np.testing.assert_array_equal(table.count, np.bincount(index, minlength=n_bins))


def test_ties_take_the_first_maximum():
    p = np.array([[0.4, 0.4, 0.2], [0.3, 0.35, 0.35]])
    table = cal.reliability_diagram([1, 1], p)
    assert table.accuracy == 0.5


@pytest.mark.parametrize("c", [0.1, 0.25, 0.5, 0.9])
def test_exact_hits_have_no_error(c):
    n = 40
    y = (np.arange(n) < round(c * n)).astype(int)
    assert cal.expected_calibration_error(y, np.full(n, c)) == pytest.approx(
        0, abs=1e-12
    )


def test_certain_and_half_wrong_is_one_half():
    p = np.tile([1.0, 0.0], (10, 1))
    assert cal.expected_calibration_error(np.arange(10) % 2, p) == 0.5


@given(SEEDS, st.integers(1, 30))
def test_norms_are_ordered(seed, n_bins):
    y, p = predictions(seed)
    l1, l2, top = (
        cal.expected_calibration_error(y, p, n_bins=n_bins, norm=norm)
        for norm in ("l1", "l2", "max")
    )
    assert 0 <= l1 <= l2 + 1e-12 <= top + 2e-12 <= 1 + 1e-9


@given(SEEDS)
def test_order_of_rows_and_classes_does_not_matter(seed):
    y, p = predictions(seed, k=5)
    rng = np.random.default_rng(seed)
    rows, names = rng.permutation(len(y)), rng.permutation(5)
    y2, p2 = np.argsort(names)[y[rows]], p[rows][:, names]
    for fn in (
        cal.expected_calibration_error,
        cal.maximum_calibration_error,
        cal.adaptive_calibration_error,
        cal.brier_score,
        cal.negative_log_likelihood,
    ):
        assert fn(y, p) == pytest.approx(fn(y2, p2), abs=1e-12)


@given(SEEDS)
def test_one_bin_compares_the_means(seed):
    y, p = predictions(seed)
    want = abs((p.argmax(1) == y).mean() - p.max(1).mean())
    assert cal.expected_calibration_error(y, p, n_bins=1) == pytest.approx(want)


@given(SEEDS, st.sampled_from(["uniform", "quantile"]))
def test_weights_are_repetitions(seed, strategy):
    y, p = predictions(seed, 50)
    times = np.random.default_rng(seed).integers(0, 4, 50)
    again, rows = np.repeat(np.arange(50), times), {"n_bins": 7}
    fns = [cal.brier_score, cal.negative_log_likelihood]
    if strategy == "uniform":
        fns += [cal.expected_calibration_error, cal.average_calibration_error]
    for fn in fns:
        options = rows if "error" in fn.__name__ else {}
        weighted = fn(y, p, sample_weight=times, **options)
        want = fn(y[again], p[again], **options)
        np.testing.assert_allclose(weighted, want, atol=1e-12)


@given(SEEDS, st.integers(1, 70), st.integers(1, 20))
def test_quantile_bins_have_equal_mass(seed, n, n_bins):
    rng = np.random.default_rng(seed)
    c, y = rng.random(n), rng.integers(0, 2, n)
    table = cal.bin_predictions(c, y, n_bins=n_bins, strategy="quantile")
    order = np.argsort(c, kind="stable")
    groups = np.array_split(order, min(n, n_bins))
    np.testing.assert_array_equal(table.count, [len(g) for g in groups])
    np.testing.assert_allclose(table.mean_confidence, [c[g].mean() for g in groups])
    np.testing.assert_allclose(table.accuracy, [y[g].mean() for g in groups])
    assert (np.diff(table.edges) >= 0).all()


def test_weighted_quantile_bins_have_equal_weight():
    rng = np.random.default_rng(0)
    c, w = rng.random(5000), rng.random(5000)
    table = cal.bin_predictions(c, c > 0.5, strategy="quantile", sample_weight=w)
    np.testing.assert_allclose(table.count, w.sum() / 15, rtol=0.01)
    assert table.count.sum() == pytest.approx(w.sum())


def test_empty_bins_are_nan():
    table = cal.bin_predictions([0.05, 0.95], [0, 1], n_bins=3)
    assert np.isnan(table.accuracy[1])
    assert np.isnan(table.gap[1])
    assert table.count.tolist() == [1, 0, 1]
    assert len(table.to_frame()) == 3


def test_binary_views_differ():
    y, p = np.array([0, 1, 0, 1]), np.array([0.2, 0.2, 0.9, 0.9])
    assert cal.expected_calibration_error(y, p) == pytest.approx(0.35)
    two = np.stack([1 - p, p], axis=1)
    top = cal.expected_calibration_error(y, p, binary_view="top")
    assert top == pytest.approx(cal.expected_calibration_error(y, two))


def test_classwise_looks_at_all_rows():
    y, p = predictions(k=3)
    found = cal.classwise_calibration_error(y, p)
    for k in range(3):
        want, _ = slow_ece(p[:, k], y == k, 15)
        assert found.per_class[k] == pytest.approx(want)
    assert found.mean == pytest.approx(found.per_class.mean())
    share = np.bincount(y) / len(y)
    assert found.weighted == pytest.approx(found.per_class @ share)


def test_an_absent_class_is_measured_and_flagged():
    found = cal.classwise_calibration_error([0, 1], [[0.5, 0.2, 0.3], [0.1, 0.6, 0.3]])
    assert found.flags == (flags.CLASS_ABSENT,)
    assert found.per_class[2] == pytest.approx(0.3)
    assert found.support.tolist() == [1, 1, 0]


def test_multilabel_is_a_column_a_label():
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 2, (50, 3)), rng.random((50, 3))
    found = cal.classwise_calibration_error(y, p, kind="multilabel")
    want = [cal.expected_calibration_error(y[:, k], p[:, k]) for k in range(3)]
    np.testing.assert_allclose(found.per_class, want)
    micro = cal.expected_calibration_error(y, p, kind="multilabel")
    assert micro == pytest.approx(cal.expected_calibration_error(y.ravel(), p.ravel()))
    assert cal.calibration_report(y, p, kind="multilabel").classwise is None


def test_debiasing_takes_chance_out():
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    y = rng.random(20_000) < p
    plain = cal.expected_calibration_error(y, p, norm="l2", n_bins=100)
    assert cal.debiased_calibration_error(y, p, n_bins=100) < plain / 2


@given(SEEDS, st.integers(1, 80), st.integers(1, 5), st.sampled_from("uq"))
def test_brier_parts_add_up(seed, n, k, strategy):
    y, p = predictions(seed, n, k + 1)
    p = p[:, 1] if k == 1 else p
    strategy = "uniform" if strategy == "u" else "quantile"
    for weight in (None, np.random.default_rng(seed).random(n) + 0.1):
        d = cal.brier_decomposition(y, p, strategy=strategy, sample_weight=weight)
        inside = d.within_bin_variance - d.within_bin_covariance
        total = d.reliability - d.resolution + d.uncertainty + inside
        assert total == pytest.approx(d.brier, abs=1e-12)
        assert d.brier == pytest.approx(cal.brier_score(y, p, sample_weight=weight))
        rest = d.reliability - d.resolution_generalised + d.uncertainty
        assert rest == pytest.approx(d.brier, abs=1e-12)


def test_constant_forecast_is_all_uncertainty():
    d = cal.brier_decomposition([0, 1, 0, 1], np.full(4, 0.5))
    parts = (d.reliability, d.resolution, d.uncertainty, d.within_bin_variance)
    np.testing.assert_allclose(parts, (0, 0, 0.25, 0), atol=1e-15)


def test_soft_labels_reach_the_proper_scores():
    p = np.array([[0.7, 0.3], [0.2, 0.8]])
    assert cal.brier_score(p, p) == 0
    entropy = -(p * np.log(p)).sum(1).mean()
    assert cal.negative_log_likelihood(p, p) == pytest.approx(entropy)
    logs = cal.negative_log_likelihood(p, np.log(p) + 3, kind="logits")
    assert logs == pytest.approx(entropy)
    one = cal.negative_log_likelihood(p[:, 1], p[:, 1])
    assert one == pytest.approx(entropy)
    assert cal.brier_score(p[:, 1], p[:, 1]) == 0


def test_one_hot_equals_numbers():
    y, p = predictions()
    hot = np.eye(4)[y]
    report, again = cal.calibration_report(y, p), cal.calibration_report(hot, p)
    assert report == again
    assert cal.check_predictions(hot, p).targets is None


def test_segmentation_outputs_are_rows():
    y, p = predictions(n=24, k=3)
    maps, masks = p.reshape(2, 3, 4, 3), y.reshape(2, 3, 4)
    assert cal.brier_score(masks, maps) == pytest.approx(cal.brier_score(y, p))
    weight = cal.brier_score(masks, maps, sample_weight=[1.0, 0.0])
    assert weight == pytest.approx(cal.brier_score(y[:12], p[:12]))


def test_nll_of_logits_does_not_clip():
    z = np.array([[0.0, 1000.0], [0.0, -1000.0]])
    assert cal.negative_log_likelihood([0, 0], z, kind="logits") == 500.0
    assert cal.negative_log_likelihood([0, 0], z[:, 1], kind="logits") == 500.0
    p = np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    want = -np.log(np.finfo(np.float32).eps) / 2
    assert cal.negative_log_likelihood([0, 0], p) == pytest.approx(want)
    assert cal.reliability_diagram([0, 0], p).n_clipped == 1


def test_report_agrees_with_its_parts():
    y, p = predictions(n=500)
    r = cal.calibration_report(y, p)
    assert r.diagram.ece == cal.expected_calibration_error(y, p)
    assert r.diagram.mce == cal.maximum_calibration_error(y, p)
    assert r.diagram.adaptive_ece == cal.adaptive_calibration_error(y, p)
    assert r.diagram.nll == cal.negative_log_likelihood(y, p)
    assert r.average_error == cal.average_calibration_error(y, p)
    assert r.debiased_error == cal.debiased_calibration_error(y, p)
    assert r.diagram == cal.reliability_diagram(y, p)
    over = r.diagram.mean_confidence - r.diagram.accuracy
    assert (
        r.diagram.overconfidence
        == over
        == pytest.approx(p.max(1).mean() - (p.argmax(1) == y).mean())
    )
    assert AnalysisResult.from_json(r.to_json()) == r
    exact = cal.calibration_report(y, None, logits=np.log(p))
    assert exact.diagram.nll == pytest.approx(r.diagram.nll)


def test_the_band_holds_a_calibrated_model():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(3), 3000)
    y = (p.cumsum(1) > rng.random((3000, 1))).argmax(1)
    d = cal.reliability_diagram(y, p, band=0.99)
    filled = d.table.count > 0
    inside = (d.table.accuracy >= d.band_low) & (d.table.accuracy <= d.band_high)
    assert inside[filled].mean() > 0.85
    assert d.ece_by_chance[0] < d.ece < d.ece_by_chance[2]
    assert np.isnan(d.band_low[~filled]).all()


def test_bootstrap_covers_the_value():
    y, p = predictions(n=400)
    low, high = cal.bootstrap_interval(cal.brier_score, y, p, n_boot=50)
    assert low < cal.brier_score(y, p) < high
    assert (low, high) == cal.bootstrap_interval(cal.brier_score, y, p, n_boot=50)
    assert np.isnan(cal.bootstrap_interval(cal.brier_score, *EMPTY)).all()


# Bad data


def test_invalid_rows_are_dropped_and_counted():
    y, p = predictions(n=6, k=3)
    bad, labels = p.copy(), y.copy()
    bad[0, 1], bad[1, 0], labels[2], labels[3] = np.nan, np.inf, 3, -1
    found = cal.check_predictions(labels, bad)
    assert found.n_invalid == 4
    assert found.flags == (flags.NONFINITE_DROPPED,)
    assert cal.brier_score(labels, bad) == cal.brier_score(y[4:], p[4:])
    with pytest.raises(ValueError, match="4 invalid of 6 rows"):
        cal.check_predictions(labels, bad, on_invalid="raise")


def test_nothing_is_nan_and_flagged():
    report = cal.calibration_report(*EMPTY)
    assert report.flags == (flags.EMPTY,)
    d = report.diagram
    for value in (d.ece, d.mce, d.brier, d.nll, d.accuracy, report.debiased_error):
        assert np.isnan(value)
    assert np.isnan(report.decomposition.brier)
    assert np.isnan(cal.adaptive_calibration_error([], []))
    assert AnalysisResult.from_json(report.to_json()) == report
    p = np.full((2, 3), np.nan)
    assert np.isnan(cal.expected_calibration_error([0, 1], p))


def test_one_row_and_zero_weight():
    assert cal.expected_calibration_error([1], [[0.2, 0.8]]) == pytest.approx(0.2)
    report = cal.calibration_report([1], [[0.2, 0.8]])
    assert np.isnan(report.debiased_error)
    assert np.isnan(cal.brier_score([1], [0.5], sample_weight=[0.0]))
    assert np.isnan(cal.brier_decomposition([1], [0.5], sample_weight=[0.0]).brier)


def test_nan_labels_are_invalid():
    found = cal.check_predictions([0.0, np.nan, 1.0], [0.1, 0.2, 0.3])
    assert found.labels.tolist() == [0, 1]
    assert found.n_invalid == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_small_floats_agree(dtype):
    y, p = predictions(n=1000)
    if dtype == "bfloat16":
        dtype = pytest.importorskip("ml_dtypes").bfloat16
    small = p.astype(dtype)
    tolerance = 5e-3 if small.dtype.itemsize == 2 else 1e-6
    options = {"sum_tol": 0.02}
    assert cal.check_predictions(y, small, **options).scores.dtype == np.float32
    if small.dtype.name != "bfloat16":
        got = cal.expected_calibration_error(y, small, n_bins=1)
        want = cal.expected_calibration_error(y, p, n_bins=1)
        assert got == pytest.approx(want, abs=1e-3)
        assert cal.brier_score(y, small) == pytest.approx(
            cal.brier_score(y, p), abs=tolerance
        )


def test_wrong_arguments_say_so():
    y, p = predictions(n=3, k=3)
    ece = cal.expected_calibration_error
    for bad, text in (
        (lambda: ece(y, 5 * p), "pass kind='logits'"),
        (lambda: ece([0, 1], [0.5, 1.5]), "pass kind='logits'"),
        (lambda: ece(y, p, n_bins=0), "`n_bins` must be"),
        (lambda: ece(y, p, n_bins=2.5), "`n_bins` must be"),
        (lambda: ece(y, p, strategy="even"), "`strategy` must be"),
        (lambda: ece(y, p, norm="l3"), "`norm` must be"),
        (lambda: ece(y, p, kind="maybe"), "`kind` must be"),
        (lambda: ece(y[:2], p), r"labels \(2,\), scores \(3, 3\)"),
        (lambda: ece(y + 0.5, p), "whole class numbers"),
        (lambda: ece(y, [["a"] * 3] * 3), "`scores` must be an array"),
        (lambda: ece(y, p, sample_weight=[1, 2]), "`sample_weight` must have one"),
        (lambda: ece(y, p, sample_weight=[1, 2, -1]), "`sample_weight` must be"),
        (lambda: ece(1, 0.5), "`scores` must be an array with at least one axis"),
        (lambda: cal.bin_predictions([2.0], [1]), "`confidence` must be between"),
        (lambda: cal.bin_predictions([0.5], [1, 0]), "same length"),
        (lambda: cal.negative_log_likelihood(y, p, eps=0), "`eps` must be"),
        (lambda: cal.reliability_diagram(y, p, band=1.5), "`level` must be"),
        (lambda: cal.bootstrap_interval(len), "`arrays` must be"),
        (lambda: cal.calibration_report(y, None), "`scores` must be given"),
        (lambda: ece(y[:, None], p[:, :1], kind="multiclass"), "K at least 2"),
    ):
        with pytest.raises(ValueError, match=text):
            bad()


def test_input_is_not_changed():
    y, p = predictions()
    before = (y.copy(), p.copy())
    cal.calibration_report(y, p)
    cal.fit_temperature(p, y)
    np.testing.assert_array_equal(before[0], y)
    np.testing.assert_array_equal(before[1], p)


@settings(max_examples=20)
@given(SEEDS)
def test_global_randomness_is_untouched(seed):
    np.random.seed(1)  # noqa: NPY002  # the state under test
    before = np.random.get_state()[1].copy()  # noqa: NPY002  # the state under test
    y, p = predictions(seed)
    cal.reliability_diagram(y, p)
    after = np.random.get_state()[1]  # noqa: NPY002  # the state under test
    np.testing.assert_array_equal(before, after)


def test_importing_it_is_cheap():
    code = (
        "import numpy, time, sys; start = time.process_time();"
        "import dl_techniques.analysis.calibration as c;"
        "spent = time.process_time() - start;"
        "heavy = {'keras','tensorflow','torch','jax','pandas'} & set(sys.modules);"
        "sys.exit(f'{spent} {heavy}' if spent > 0.5 or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
