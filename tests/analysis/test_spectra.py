import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dl_techniques.analysis import flags
from dl_techniques.analysis._power_law import best_tail
from dl_techniques.analysis.spectra import (
    LayerSpectrum,
    SpectralAnalyzer,
    SpectralReport,
    WeightMatrix,
    clip_fingers,
    compare_distributions,
    correlation_traps,
    detx_tail,
    eigenvalues,
    fit_marchenko_pastur,
    fit_power_law,
    randomized_spectrum,
    smooth_matrix,
    spectral_metrics,
    vector_localization,
)


def heavy(shape, seed=0, dtype=np.float32, df=3):
    rng = np.random.default_rng(seed)
    return (rng.standard_t(df, size=shape) * 0.05).astype(dtype)


def pareto(exponent, n):
    return (1 - (np.arange(n) + 0.5) / n) ** (-1 / (exponent - 1))


def plain_search(x, small_n=20):
    """Tries every start, as the formula is written."""
    x, best = np.sort(x), None
    n = len(x)
    for i in range(n - 1):
        k = n - i
        if n < small_n and k < 8:
            continue
        total = np.log(x[i:] / x[i]).sum()
        if total <= 1e-10:
            continue
        alpha = 1 + (k - 1 if n < small_n else k) / total
        gap = 1 - (x[i:] / x[i]) ** (1 - alpha) - np.arange(k) / k
        d = np.abs(gap).max()
        if best is None or d < best[2] - 1e-13:
            best = (i, alpha, d)
    return best


# eigenvalues


@pytest.mark.parametrize("shape", [(40, 12), (12, 40), (30, 30), (3, 20, 8)])
@pytest.mark.parametrize("method", ["gram", "svd"])
def test_eigenvalues_are_squared_singular_values(shape, method):
    w = heavy(shape, dtype=np.float64)
    found = eigenvalues(w, method=method)
    expected = np.sort(np.linalg.svd(w, compute_uv=False).ravel() ** 2)
    np.testing.assert_allclose(
        found.values, expected, rtol=1e-9, atol=1e-13 * expected[-1]
    )
    assert found.n_long == max(shape[-2:])
    assert found.n_short == min(shape[-2:])
    assert found.receptive_field == (shape[0] if len(shape) == 3 else 1)
    assert found.rank == len(expected)
    assert found.complete
    assert found.total == pytest.approx((w**2).sum(), rel=1e-10)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sum_is_the_frobenius_norm_in_every_dtype(dtype):
    w = (heavy((300, 200)) * 400).astype(dtype)  # squares overflow float16
    found = eigenvalues(w)
    assert found.values.sum() == pytest.approx(
        (w.astype(np.float64) ** 2).sum(), rel=1e-10
    )


def test_bfloat16_weights_are_read():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    w = heavy((20, 10)).astype(ml_dtypes.bfloat16)
    expected = np.linalg.svd(w.astype(np.float64), compute_uv=False)[::-1] ** 2
    np.testing.assert_allclose(eigenvalues(w).values, expected, rtol=1e-9)


def test_rank_uses_the_rounding_of_the_storage_dtype():
    rng = np.random.default_rng(0)
    product = rng.normal(size=(100, 20)) @ rng.normal(size=(20, 60))
    found = eigenvalues(product.astype(np.float32))
    assert (found.rank, found.rank_loss) == (20, 40)
    assert flags.RANK_DEFICIENT in found.flags


def test_complex_kernels_use_moduli():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(9, 5)) + 1j * rng.normal(size=(9, 5))
    expected = np.linalg.svd(w, compute_uv=False)[::-1] ** 2
    np.testing.assert_allclose(eigenvalues(w).values, expected, rtol=1e-9)


def test_bad_weights_give_no_numbers():
    w = heavy((20, 10))
    w[3, 4] = np.nan
    found = eigenvalues(w)
    assert found.flags == (flags.NONFINITE_DROPPED,)
    assert np.isnan(found.lambda_max)
    fit = fit_power_law(found.values)
    assert np.isnan(fit.alpha)
    assert fit.quality == "unknown"
    zero = eigenvalues(np.zeros((20, 10), np.float32))
    assert flags.DEGENERATE_SPECTRUM in zero.flags
    metrics = spectral_metrics(zero, fit_power_law(zero.values))
    assert np.isnan(metrics.stable_rank)


def test_big_matrices_give_the_top_values_and_the_exact_norm():
    w = heavy((300, 200), dtype=np.float64, df=2)
    exact = eigenvalues(w)
    top = eigenvalues(w, n_short_max=100, n_top=40)
    assert not top.complete
    assert top.flags == (flags.TRUNCATED_SPECTRUM,)
    assert top.total == pytest.approx(exact.total, rel=1e-12)
    np.testing.assert_allclose(top.values[-20:], exact.values[-20:], rtol=1e-2)
    metrics = spectral_metrics(top, fit_power_law(top.values))
    assert np.isnan(metrics.entropy)
    assert np.isnan(metrics.log_alpha_norm)
    assert metrics.stable_rank == pytest.approx(
        exact.total / exact.lambda_max, rel=1e-6
    )


@pytest.mark.parametrize("bad", [np.ones(3), np.ones((0, 3)), np.array([["a"]])])
def test_what_is_no_matrix_is_refused(bad):
    with pytest.raises(ValueError, match="mats"):
        eigenvalues(bad)


# power law


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 400),
    st.integers(0, 10**6),
    st.sampled_from(["pareto", "lognormal", "gamma", "ties"]),
)
def test_pruned_search_equals_the_plain_loop(n, seed, kind):
    rng = np.random.default_rng(seed)
    x = {
        "pareto": lambda: rng.pareto(1.5, n) + 1,
        "lognormal": lambda: rng.lognormal(0, 2, n),
        "gamma": lambda: rng.gamma(2, 1, n) + 1e-3,
        "ties": lambda: np.round(rng.pareto(1.0, n), 1) + 0.1,
    }[kind]()
    x = np.sort(x)
    expected, found = plain_search(x), best_tail(np.log(x))
    if expected is None:
        assert found is None
        return
    assert found.distance == pytest.approx(expected[2], abs=1e-10)
    gap = abs(found.start - expected[0])
    assert gap == 0 or abs(found.distance - expected[2]) < 1e-12


@pytest.mark.parametrize("exponent", [1.5, 2.0, 3.0, 4.5])
def test_exponent_of_exact_pareto_quantiles(exponent):
    fit = fit_power_law(pareto(exponent, 120), xmin=None)
    whole = fit_power_law(pareto(exponent, 120), xmin=1.0)
    assert abs(fit.alpha - exponent) < 0.03 * max(1, exponent - 1)
    assert abs(whole.alpha - exponent) < 0.03
    assert fit.sigma == pytest.approx((fit.alpha - 1) / np.sqrt(fit.num_pl_spikes))


def test_alpha_ignores_transposing_scale_and_rotation():
    w = heavy((200, 120))
    alpha = fit_power_law(eigenvalues(w).values).alpha
    assert fit_power_law(eigenvalues(w.T).values).alpha == pytest.approx(
        alpha, rel=1e-9
    )
    for c in (1e-3, 4.0, 1024.0):
        scaled = fit_power_law(eigenvalues(w.astype(np.float64) * c).values)
        assert scaled.alpha == pytest.approx(alpha, rel=1e-9)
    rng = np.random.default_rng(1)
    q = np.linalg.qr(rng.normal(size=(120, 120)))[0]
    mixed = w[rng.permutation(200)].astype(np.float64) @ q
    np.testing.assert_allclose(
        eigenvalues(mixed).values, eigenvalues(w).values, rtol=1e-6
    )


def test_random_matrices_are_not_power_laws():
    w = np.random.default_rng(0).normal(size=(800, 512))
    fit = fit_power_law(eigenvalues(w).values)
    assert fit.verdict == "rejected"
    assert np.isnan(fit.reported_alpha)
    assert np.isfinite(fit.alpha)
    assert fit.quality == "unknown"
    assert flags.NOT_POWER_LAW in fit.flags


def test_power_laws_are_accepted_and_labelled():
    rng = np.random.default_rng(4)
    for exponent, label in ((1.6, "over-trained"), (3.0, "good"), (8, "under-trained")):
        x = (1 - rng.random(300)) ** (-1 / (exponent - 1))
        fit = fit_power_law(x, n_bootstrap=20)
        assert fit.verdict != "rejected"
        assert fit.quality == label
        assert 0 <= fit.p <= 1


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        (np.ones(50), flags.DEGENERATE_SPECTRUM),
        (np.arange(1, 8), flags.TOO_FEW_VALUES),
        (np.zeros(30), flags.TOO_FEW_VALUES),
        ([], flags.TOO_FEW_VALUES),
    ],
)
def test_what_cannot_be_fitted_is_nan_and_flagged(values, flag):
    fit = fit_power_law(values)
    assert np.isnan(fit.alpha)
    assert fit.status == "failed"
    assert fit.flags == (flag,)


def test_fingers_are_dropped_until_alpha_falls():
    spectrum = np.concatenate([pareto(2.5, 80), [4e3] * 4])
    found = clip_fingers(spectrum)
    assert found.n_fingers == 0 or found.fit.alpha + 1 < found.raw_fit.alpha
    values = eigenvalues(heavy((256, 784))).values
    clipped = clip_fingers(values)
    assert clipped.n_fingers >= 2
    again = fit_power_law(np.sort(values)[: -clipped.n_fingers])
    assert clipped.fit.alpha == again.alpha


def test_rivals_are_told_apart():
    rng = np.random.default_rng(0)
    x = np.sort((1 - rng.random(500)) ** (-1 / 1.5))
    fit = fit_power_law(x, xmin=x[0])
    found = compare_distributions(x, fit)
    assert found["exponential"].z > 2
    assert found["truncated_power_law"].R <= 1e-3  # nested: never worse
    y = 1 + rng.exponential(1, 500)
    against = compare_distributions(y, fit_power_law(y, xmin=y.min()))
    assert against["exponential"].z < -2
    assert against["exponential"].p < 0.05
    log_normal = stats.lognorm(0.5, scale=5).rvs(500, random_state=1)
    rival = compare_distributions(
        log_normal, fit_power_law(log_normal, xmin=log_normal.min())
    )
    assert rival["lognormal"].R < -10


# scalars


def test_scalars_of_known_spectra():
    eye = eigenvalues(np.eye(12))
    metrics = spectral_metrics(eye, fit_power_law(eye.values))
    assert metrics.stable_rank == pytest.approx(12)
    assert metrics.entropy == pytest.approx(1)
    assert metrics.gini == 0
    assert np.isnan(metrics.alpha_weighted)
    one = eigenvalues(np.outer(np.arange(1, 9.0), np.ones(8)))
    single = spectral_metrics(one, fit_power_law(one.values))
    assert single.stable_rank == pytest.approx(1)
    assert np.isnan(single.dominance)
    assert np.isnan(single.entropy)


def test_scalars_follow_their_formulas():
    w = heavy((90, 50), dtype=np.float64)
    s = eigenvalues(w)
    fit = fit_power_law(s.values)
    m = spectral_metrics(s, fit)
    x, p = s.values, s.values / s.values.sum()
    assert m.stable_rank <= m.matrix_rank
    assert m.entropy == pytest.approx(-(p * np.log(p)).sum() / np.log(50))
    assert m.effective_rank == pytest.approx(np.exp(-(p * np.log(p)).sum()))
    assert m.log_alpha_norm == pytest.approx(np.log10((x**fit.alpha).sum()))
    apart = np.abs(x[:, None] - x).sum() / (2 * len(x) ** 2 * x.mean())
    assert m.gini == pytest.approx(apart)
    assert m.participation_ratio == pytest.approx(x.sum() ** 2 / (x**2).sum())
    assert m.dominance == pytest.approx(x[-1] / x[:-1].sum())


def test_huge_alpha_does_not_overflow():
    spectrum = eigenvalues(np.diag(1e3 * (1 + 2e-3 * np.arange(30))))
    fit = fit_power_law(spectrum.values)
    assert fit.alpha > 10
    assert np.isfinite(spectral_metrics(spectrum, fit).log_alpha_norm)


def test_localisation_of_a_single_entry():
    w = np.full((40, 12), 1e-3)
    w[3, 5] = 10
    found = vector_localization(w, 2)
    assert found.left_participation[0] == pytest.approx(1, abs=1e-3)
    assert found.right_participation[0] == pytest.approx(1, abs=1e-3)
    assert vector_localization(w.T).left_entropy[0] == pytest.approx(
        found.right_entropy[0], abs=1e-6
    )


# random-matrix theory


@pytest.mark.parametrize("method", ["density", "trace"])
@pytest.mark.parametrize("shape", [(600, 300), (300, 300), (2000, 200)])
def test_bulk_of_random_matrices(shape, method):
    w = np.random.default_rng(0).normal(size=shape) * 3
    x = eigenvalues(w).values
    fit = fit_marchenko_pastur(x, shape[0] / shape[1], shape[1], method=method)
    assert fit.sigma == pytest.approx(1, abs=0.03)
    assert fit.num_spikes == 0
    q = shape[0] / shape[1]
    assert fit.bulk_max == pytest.approx(9 * shape[0] * (1 + q**-0.5) ** 2, rel=0.06)
    assert fit.w_scale == pytest.approx(np.sqrt(len(x) / x.sum()))


def test_spikes_are_counted():
    rng = np.random.default_rng(0)
    w = rng.normal(size=(500, 250))
    u, v = rng.normal(size=(2, 500, 3)), rng.normal(size=(250, 3))
    w += 0.6 * u[0] @ v.T
    x = eigenvalues(w).values
    for method in ("density", "trace"):
        assert fit_marchenko_pastur(x, 2, 250, method=method).num_spikes == 3


def test_a_single_large_weight_is_a_trap():
    w = np.random.default_rng(0).normal(size=(300, 200)) * 0.05
    clean = correlation_traps(w)
    w[7, 9] = 20
    found = randomized_spectrum(w)
    traps = correlation_traps(found)
    assert clean.label == "none"
    assert traps.num_traps >= 1
    assert traps.label == "critical"
    assert found.ww_softrank == pytest.approx(1, abs=0.05)
    assert 0 <= found.rand_distance <= np.sqrt(np.log(2))


def test_shuffling_is_seeded_and_leaves_the_global_generator():
    w = heavy((20, 10))
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - that it is not touched
    first, again = randomized_spectrum(w, seed=3), randomized_spectrum(w, seed=3)
    assert first == again
    assert first.n_replicas == 5
    assert len(first.values) == 50
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002 - see above


def test_detx_is_the_smallest_tail_with_product_below_one():
    x = np.sort(np.random.default_rng(0).lognormal(0, 1.5, 60))
    unit = x / x.mean()
    expected = next(k for k in range(1, 61) if np.prod(unit[-k:]) < 1)
    found = detx_tail(x)
    assert found.num == expected
    assert found.value == x[-expected]
    assert found.log_det == pytest.approx(np.log(unit[-expected:]).sum())
    assert detx_tail(np.ones(5)).flags == (flags.DEGENERATE_SPECTRUM,)
    zeros = detx_tail([0, 0, 0, 1.0, 2.0])
    assert (zeros.num, zeros.flags) == (2, (flags.RANK_DEFICIENT,))


@given(st.integers(-2, 20), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_smoothing_drops_exactly_the_small_values(n_keep, seed):
    w = heavy((18, 11), seed, np.float64)
    s = smooth_matrix(w, n_keep)
    kept = min(max(n_keep, 1), 11)
    x = np.linalg.svd(w, compute_uv=False) ** 2
    assert ((w - s) ** 2).sum() == pytest.approx(x[kept:].sum(), rel=1e-5, abs=1e-15)
    assert np.linalg.matrix_rank(s, tol=1e-9) <= kept
    np.testing.assert_allclose(smooth_matrix(s, n_keep), s, atol=1e-12)


# reports


def some_matrices():
    shapes = ((60, 30), (40, 40), (9, 16, 24), (5, 4), (30, 64))
    for i, shape in enumerate(shapes):
        mats = heavy(shape, i).reshape(-1, *shape[-2:])
        scale = np.sqrt(0.5) if len(mats) > 1 else 1.0
        name = f"layer{i}"
        yield WeightMatrix(name, name, "kernel", "dense", mats, scale, i, "Dense")


def test_report_round_trips_and_does_not_depend_on_threads(tmp_path, monkeypatch):
    monkeypatch.setattr("dl_techniques.analysis._spectral_run.PARALLEL_COST", 0)
    analyzer = SpectralAnalyzer(list(some_matrices()))
    options = {"mp_fit": True, "randomize": True, "detx": True, "vectors": 2}
    report = analyzer.analyze(n_jobs=3, **options)
    assert report == analyzer.analyze(n_jobs=1, **options)
    assert [layer.layer_id for layer in report.layers] == [0, 1, 2, 4]
    assert report.skipped == (("layer3", "4 eigenvalues, fewer than 8"),)
    text = report.to_json()
    json.loads(text, parse_constant=pytest.fail)
    assert SpectralReport.from_json(text).to_frame().equals(report.to_frame())
    report.save_npz(tmp_path / "r.npz")
    assert SpectralReport.load_npz(tmp_path / "r.npz") == report
    assert isinstance(report.layers[0], LayerSpectrum)
    summary = analyzer.get_summary()
    assert summary["n_layers"] == 4
    frame = report.to_frame()
    assert summary["log_norm"] == pytest.approx(frame.log_norm.mean())
    everything = report.summary(include_rejected=True)
    assert everything["alpha"] == pytest.approx(frame.alpha.mean())


def test_budget_and_choice_of_layers():
    analyzer = SpectralAnalyzer(list(some_matrices()))
    late = analyzer.analyze(time_budget=0.0)
    assert flags.OUT_OF_BUDGET in late.flags
    assert ("layer0", flags.OUT_OF_BUDGET) in late.skipped
    chosen = analyzer.analyze(layers=[0, "layer4"])
    assert [layer.name for layer in chosen.layers] == ["layer0", "layer4"]
    with pytest.raises(ValueError, match="layers"):
        analyzer.analyze(layers=["nope"])
    assert len(analyzer.describe()) == 5
    assert len(analyzer.get_esd("layer2")) == 9 * 16


def test_loads_no_backend():
    code = (
        "import sys, dl_techniques.analysis.spectra\n"
        "assert not {'keras', 'tensorflow', 'torch', 'jax', 'pandas'} & "
        "set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# weightwatcher

EXACT = [
    "alpha",
    "D",
    "sigma",
    "xmin",
    "xmax",
    "num_pl_spikes",
    "N",
    "M",
    "rf",
    "Q",
    "num_evals",
    "alpha_weighted",
    "log_alpha_norm",
    "log_norm",
    "norm",
    "spectral_norm",
    "log_spectral_norm",
    "lambda_max",
    "sv_max",
    "stable_rank",
    "matrix_rank",
    "entropy",
    "rank_loss",
    "weak_rank_loss",
    "W_scale",
    "status",
    "warning",
    "raw_alpha",
    "detX_num",
    "detX_val",
    "detX_val_unrescaled",
    "ERG_gap",
]
CLOSE = {"sigma_mp": 0.02, "mp_softrank": 0.03, "bulk_max": 0.05}


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_every_column_of_weightwatcher(capsys):
    torch = pytest.importorskip("torch")
    ww = pytest.importorskip("weightwatcher")
    shapes = [(128, 300), (64, 128), (40, 24), (24, 16, 3, 3), (16, 16, 1, 1), (70, 70)]
    layers = [
        torch.nn.Linear(s[1], s[0])
        if len(s) == 2
        else torch.nn.Conv2d(s[1], s[0], s[2])
        for s in shapes
    ]
    mats = []
    for i, (layer, shape) in enumerate(zip(layers, shapes, strict=True)):
        w = heavy(shape, i, df=4)
        layer.weight.data = torch.tensor(w)
        stack = w.reshape(*shape[:2], -1).transpose(2, 1, 0)
        scale = float(np.sqrt(0.5)) if len(shape) == 4 else 1.0
        mats.append(WeightMatrix(str(i), str(i), "kernel", "conv", stack, scale, i))
    watcher = ww.WeightWatcher(model=torch.nn.Sequential(*layers))
    expected = watcher.analyze(mp_fit=True, detX=True)
    report = SpectralAnalyzer(mats).analyze(mp_fit=True, detx=True)
    found = report.to_frame("weightwatcher")
    missing = set(expected.columns) - set(found.columns)
    assert not missing
    for name in EXACT:
        if name not in expected:
            continue
        if expected[name].dtype.kind in "fiub":
            np.testing.assert_allclose(
                found[name].to_numpy(float),
                expected[name].to_numpy(float),
                1e-6,
                err_msg=name,
            )
        else:
            assert found[name].tolist() == expected[name].tolist(), name
    oblong = (found["Q"] > 1).to_numpy()
    for name, rel in CLOSE.items():
        np.testing.assert_allclose(found[name][oblong], expected[name][oblong], rel)
    assert (found["num_spikes"] - expected["num_spikes"])[oblong].abs().max() <= 1
