"""Pictures of the live analysis: densities and drawings as thin records."""

import json

import keras
import numpy as np
import pytest
from scipy import optimize, stats

from dl_techniques.analysis import LiveAnalysisCallback
from dl_techniques.analysis import _live_pictures as pictures
from dl_techniques.analysis._live_pictures import Scene
from dl_techniques.analysis._live_snapshot import shortened
from dl_techniques.analysis._mixture_curves import (
    mixture_densities,
    mixture_quantiles,
)
from dl_techniques.models import CLIP, CapsNet, MDNModel
from dl_techniques.utils.pixels import packed, unpacked

MIXTURE = (
    np.array([[0.5, 0.5], [0.9, 0.1], [1.0, 0.0]]),
    np.array([[-2.0, 2.0], [0.0, 30.0], [1.0, 7.0]]),
    np.array([[0.1, 1.0], [1.0, 0.01], [2.0, 3.0]]),
)


def cdf(y, i):
    pi, mu, sigma = (v[i] for v in MIXTURE)
    return (pi * stats.norm.cdf((y - mu) / sigma)).sum()


@pytest.mark.parametrize("i", range(3))
def test_quantiles_are_those_of_a_root_finder(i):
    levels = (0.05, 0.25, 0.6, 0.95)
    found = mixture_quantiles(MIXTURE, levels)
    assert found.shape == (4, 3)
    for level, value in zip(levels, found[:, i], strict=True):
        root = optimize.brentq(lambda y, p=level: cdf(y, i) - p, -100, 100)
        assert value == pytest.approx(root, abs=1e-6)


def test_density_is_that_of_the_parts():
    y = np.linspace(-4, 8, 7)
    found = mixture_densities(MIXTURE, y)
    pi, mu, sigma = MIXTURE
    parts = [
        [(pi[i] * stats.norm.pdf(v, mu[i], sigma[i])).sum() for i in range(3)]
        for v in y
    ]
    np.testing.assert_allclose(found, parts, rtol=1e-12)


def mdn(k=3):
    keras.utils.set_random_seed(0)
    model = MDNModel((8,), 1, k, input_shape=(1,))
    model.compile("adam")
    return model


def wave(n=300):
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (n, 1)).astype("float32")
    return x, (np.sin(3 * x) + 0.1 * rng.normal(size=(n, 1))).astype("float32")


def look(model, x, y, epochs=1, **options):
    given = {"sections": ("calibration", "confidence", "pictures"), "grace": 60.0}
    callback = LiveAnalysisCallback(x, y, **(given | options))
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[callback])
    return callback.snapshots[-1]


def test_mixture_is_drawn_over_the_input():
    x, y = wave()
    model = mdn()
    found = look(model, x, y).pictures
    assert list(found) == ["mixture"]
    curve = found["mixture"]
    assert (curve["x"][0], curve["x"][-1]) == pytest.approx(
        (x.min(), x.max()), abs=0.02
    )
    grid = np.asarray(curve["x"], "float32")[:, None]
    for row, level in zip(curve["quantiles"], curve["levels"], strict=True):
        expected = model.predict_quantile(grid, level)[:, 0]
        np.testing.assert_allclose(row, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        curve["mean"], model.predict_mean(grid)[:, 0], rtol=1e-4, atol=1e-5
    )
    assert np.shape(curve["density"]) == (len(curve["y"]), len(curve["x"]))
    np.testing.assert_allclose(np.max(curve["density"], 0), 1)
    assert len(curve["points_x"]) == len(curve["points_y"]) == 200
    text = json.dumps(shortened(found), allow_nan=False, separators=(",", ":"))
    assert len(text) < 20_000


def test_a_mixture_is_judged_as_a_distribution():
    x, y = wave(200)
    model = mdn()
    fit = look(model, x, y, epochs=2).regression
    means, spread = model.predict_mean(x), model.predict_with_uncertainty(x)
    np.testing.assert_allclose(fit["prediction"], means[:, 0], rtol=1e-4, atol=1e-5)
    inside = ((y >= spread.lower) & (y <= spread.upper)).mean()
    assert fit["coverage_90"] == pytest.approx(inside)
    assert fit["nll"] == pytest.approx(model.evaluate(x, y, verbose=0)[0], rel=1e-4)
    assert fit["rmse"] == pytest.approx(np.sqrt(((means - y) ** 2).mean()), rel=1e-4)
    assert fit["quantiles"]["n"] == len(x)


def test_a_head_in_a_stack_is_known_too():
    from dl_techniques.layers import MDNLayer
    from dl_techniques.losses import MDNLoss

    x, y = wave(64)
    model = keras.Sequential([keras.Input((1,)), MDNLayer(1, 2)])
    model.compile("adam", MDNLoss(2, 1))
    snapshot = look(model, x, y)
    assert "mixture" in snapshot.pictures
    assert snapshot.skipped == {}
    assert 0 <= snapshot.regression["coverage_90"] <= 1


@pytest.mark.parametrize("width", [1, 2])
def test_other_models_have_no_pictures(width):
    x, _ = wave(40)
    x = np.repeat(x, width, 1)
    model = mdn() if width == 2 else keras.Sequential([keras.layers.Dense(1)])
    if width == 2:
        model = MDNModel((4,), 1, 2, input_shape=(2,))
    model.compile("adam", None if width == 2 else "mse")
    snapshot = look(model, x, x[:, :1])
    assert snapshot.pictures is None
    assert "pictures" not in snapshot.skipped


def images(n, side, channels, classes=3):
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(n, side, side, channels)).astype("float32")
    return x, np.arange(n) % classes


def test_a_capsule_network_shows_its_drawings():
    keras.utils.set_random_seed(0)
    x, y = images(40, 8, 1, 10)
    model = CapsNet.classifier("lab8", reconstruction=True)
    model.compile("adam")
    snapshot = look(model, x, y)
    found = snapshot.pictures["reconstruction"]
    assert sorted(found["labels"][:8]) == list(range(8))
    shown, drawn = (unpacked(found[k]) for k in ("images", "drawn"))
    assert shown.shape == drawn.shape == (8, 8, 8, 1)
    rows = [int(np.flatnonzero(y == k)[0]) for k in found["labels"]]
    np.testing.assert_array_equal(shown, np.round(255 * x[rows].astype("float64")))
    expected = model.predict(x[rows], verbose=0)
    assert np.abs(drawn - 255 * expected["reconstruction"]).max() <= 0.51
    error = ((x[rows] - expected["reconstruction"]) ** 2).mean((1, 2, 3))
    np.testing.assert_allclose(found["error"], error, rtol=1e-4)
    right = (model.predict(x, verbose=0)["length"].argmax(1) == y).mean()
    assert snapshot.calibration["accuracy"] == pytest.approx(right)


@pytest.mark.parametrize(
    ("side", "channels"), [(8, 1), (28, 1), (32, 3), (96, 3), (300, 3)]
)
def test_drawings_stay_small(side, channels):
    x, y = images(20, side, channels)
    scene = Scene(x, y, {"reconstruction": x[::-1]}, {})
    found = pictures.reconstructions(scene)
    text = json.dumps(shortened(found), allow_nan=False, separators=(",", ":"))
    assert len(text) < 20_000
    assert len(found["labels"]) == len(unpacked(found["images"])) >= 4


def test_likeness_of_pairs_is_told_in_words():
    u = np.array([[1.0, 0], [0.6, 0.8], [0, 1], [0, 1]])
    v = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    ids = np.array([[1, 2, 0], [2, 0, 0], [3, 1, 1], [3, 1, 1]])
    outputs = {"image_features": u, "text_features": v}
    words = {"words": ("", "red", "ring", "blue")}
    found = pictures.matching(Scene({"text": ids}, ids, outputs, words))
    assert found["captions"] == ["red ring", "ring", "blue red red"]
    np.testing.assert_allclose(
        found["likeness"], [[1, 1, 0], [0.6, 0.6, 0.8], [0, 0, 1]]
    )
    np.testing.assert_array_equal(found["ranks"], [1, 3, 1])
    assert found["image_to_text"] == 0.75
    assert found["text_to_image"] == 0.75  # the ring is nearer to the first image
    assert (
        pictures.matching(Scene({"text": ids}, ids, outputs, {}))["captions"][1] == "2"
    )


@pytest.mark.slow
def test_images_and_texts_show_their_likeness():
    keras.utils.set_random_seed(0)
    model = CLIP.from_variant("lab8", vision_layers=1, text_layers=1)
    rng = np.random.default_rng(0)
    x = {
        "image": rng.uniform(size=(40, 8, 8, 1)).astype("float32"),
        "text": rng.integers(1, 5, (40, 8)),
    }
    model.compile("adam")
    callback = LiveAnalysisCallback(
        x, x["text"], sections=("calibration", "pictures"), grace=60.0, words="·abcd"
    )
    model.fit(x, verbose=0, callbacks=[callback])
    snapshot = callback.snapshots[-1]
    found = snapshot.pictures["matching"]
    told = model.predict(x, verbose=0)
    cosines = told["image_features"] @ told["text_features"].T
    np.testing.assert_allclose(found["likeness"], cosines[:16, :16], atol=6e-4)
    assert set("".join(found["captions"])) == set("abcd ")
    assert found["image_to_text"] == (np.diag(cosines) >= cosines.T).T.all(1).mean()
    text = json.dumps(shortened(found), allow_nan=False, separators=(",", ":"))
    assert len(text) < 20_000


def test_smaller_pixels_are_means():
    x = np.arange(2 * 5 * 4 * 1).reshape(2, 5, 4, 1).astype("uint8")
    found = pictures._smaller(x, 2)
    assert found.shape == (2, 2, 2, 1)
    assert found[0, 0, 0, 0] == round(np.mean([0, 1, 4, 5]))


def test_standardised_images_keep_their_range():
    x, y = images(9, 6, 1)
    scene = Scene(4 * x - 2, y, {"reconstruction": x}, {})
    found = pictures.reconstructions(scene)
    assert (found["low"], found["high"]) == pytest.approx(
        ((4 * x - 2).min(), (4 * x - 2).max()), abs=0.02
    )


def test_pixels_come_back_as_they_were():
    x = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 1)).astype("uint8")
    np.testing.assert_array_equal(unpacked(packed(x)), x)
    with pytest.raises(ValueError, match="`pixels` must be of type uint8"):
        packed(x.astype("float32"))


def test_pictures_count_against_the_budget(monkeypatch):
    x, y = wave(64)
    now = [0.0]
    callback = LiveAnalysisCallback(
        x, y, budget=0.1, clock=lambda: now[0], sections=("pictures",)
    )
    callback.set_model(mdn())

    def slow(*_):
        now[0] += 0.2
        return {}

    monkeypatch.setattr(callback, "_pictures_section", slow)
    callback.on_train_begin()
    for epoch in range(30):
        now[0] += 0.5
        callback.on_epoch_end(epoch, {})
    assert callback._budget.spent <= 0.1 * (now[0] - callback._budget.spent) + 0.2
    late = [s for s in callback.snapshots if "pictures" in s.skipped]
    assert 0 < len(late) < len(callback.snapshots)


def test_a_kind_of_one_s_own_is_one_line(monkeypatch):
    own = pictures.Kind(
        lambda model, x, y, outputs: {"width": outputs[""].shape[-1]},
        lambda scene: {"type": "Own", "n": len(scene.x), **scene.facts},
    )
    monkeypatch.setitem(pictures.KINDS, "own", own)
    x, y = wave(20)
    found = look(mdn(), x, y).pictures
    assert found["own"] == {"type": "Own", "n": 20, "width": 9}
    assert "mixture" in found


def test_the_answer_is_named_or_the_first():
    from types import SimpleNamespace

    from dl_techniques.analysis._output_kind import answer_of

    named = SimpleNamespace(answer="b")
    assert answer_of(named, {"a": 1, "b": 2}) == 2
    assert answer_of(named, 5) == 5
    assert answer_of(SimpleNamespace(), {"z": 1, "a": [3, 4]}) == 3
    assert answer_of(SimpleNamespace(), (7, 8)) == 7
