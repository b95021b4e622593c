import time

import numpy as np
import pytest

from dl_techniques.datasets import DatasetError, load_dataset
from dl_techniques.datasets.shape_images import NAMES, PALETTE, draw_images, masks
from dl_techniques.datasets.shapes import colours


def cramers_v(a, b, k):
    table = np.histogram2d(a, b, bins=(np.arange(k + 1), np.arange(k + 1)))[0]
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    return np.sqrt(((table - expected) ** 2 / expected).sum() / table.sum() / (k - 1))


@pytest.mark.parametrize("cue", [0.0, 0.3, 0.8, 1.0])
def test_the_cue_is_the_correlation_of_colour_and_class(cue):
    y = np.arange(20_000) % 4
    colour = colours(y, 4, cue, np.random.default_rng(0))
    assert cramers_v(colour, y, 4) == pytest.approx(cue, abs=0.02)


def seen_colour(x):
    """Reads each image's colour back: the most saturated pixel's nearest palette."""
    flat = x.reshape(len(x), -1, 3)
    best = np.argmax(flat.max(2) - flat.min(2), axis=1)
    pixel = flat[np.arange(len(x)), best]
    pixel = pixel - pixel.mean(1, keepdims=True)
    hues = PALETTE - PALETTE.mean(1, keepdims=True)
    cosine = pixel @ hues.T / np.linalg.norm(hues, axis=1)
    return cosine.argmax(1)


def test_train_and_test_cue_are_separate_and_visible_in_the_pixels():
    data = load_dataset(
        "shapes",
        options={"n": 3000, "classes": 6, "cue_train": 0.9, "noise": 0.0},
        standardise=False,
        train_size=0.5,
    )
    train = cramers_v(seen_colour(data.x_train), data.y_train, 6)
    test = cramers_v(seen_colour(data.x_test), data.y_test, 6)
    assert train == pytest.approx(0.9, abs=0.04)
    assert test < 0.12
    assert "0.9 in training" in data.notes[0]


@pytest.mark.parametrize("label", range(6))
def test_shapes_have_their_areas(label):
    """Mean area over r uniform in [6, 10], r squared averaging 65.33."""
    mask = masks(np.full(300, label), np.random.default_rng(1))
    factor = {
        "circle": np.pi,
        "square": 1.7**2,
        "triangle": 3 * np.sqrt(3) * 0.36,
        "cross": 4 * 0.6 - 0.36,
        "ring": np.pi * (1 - 0.36),
        "bar": 2 * 0.6,
    }[NAMES[label]]
    assert mask.sum((1, 2)).mean() == pytest.approx(65.33 * factor, rel=0.06)
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_images_fill_the_promised_range():
    data = load_dataset("shapes", options={"n": 200}, standardise=False)
    assert data.x_train.shape == (160, 32, 32, 3)
    assert data.x_train.min() >= 0
    assert 0.8 < data.x_train.max() <= 1
    scaled = load_dataset("shapes", options={"n": 200})
    assert scaled.x_mean.shape == (3,)
    np.testing.assert_allclose(scaled.x_train.mean((0, 1, 2)), 0, atol=1e-3)


def test_five_thousand_images_take_less_than_a_second():
    y = np.arange(5000) % 4
    seconds = []
    for _ in range(4):  # the best of four, since other work slows single ones
        start = time.process_time()
        draw_images(y, y, 0.05, np.random.default_rng(0))
        seconds.append(time.process_time() - start)
    assert min(seconds) < 1


def test_a_cap_too_small_for_the_parts_is_said_in_words():
    with pytest.raises(DatasetError, match=r"`train_size` must leave .* test set"):
        load_dataset("shapes", train_size=0.999)
    data = load_dataset("shapes", max_samples=40, train_size=0.5)
    assert len(data.x_train) == len(data.x_test) == 20
