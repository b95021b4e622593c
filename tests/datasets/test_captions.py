import numpy as np
import pytest

from dl_techniques.datasets import DatasetError, load_dataset
from dl_techniques.datasets.captions import (
    COLOURS,
    WORDS,
    captions,
    draw_things,
    in_words,
)
from dl_techniques.datasets.previews import preview
from dl_techniques.datasets.shape_images import NAMES


def loaded(**options):
    return load_dataset("captioned_shapes", options=options, standardise=False)


def test_captions_tell_what_was_drawn():
    things = np.array([[0, 0, 1, 0, 1], [1, 5, 4, 1, 0]])
    assert in_words(captions(things)) == [
        "small red square top right",
        "large cyan ring bottom left",
    ]
    assert in_words(captions(things, "short")) == ["red square", "cyan ring"]
    assert in_words(np.array([[3, 0, 0]])) == ["red"]


def test_images_show_size_place_and_colour():
    rng = np.random.default_rng(0)
    for size, low, high in ((0, 30, 120), (1, 200, 330)):
        for height, side in ((0, 0), (0, 1), (1, 0), (1, 1)):
            things = np.tile([size, 0, 0, height, side], (50, 1))
            x = draw_things(things, 0.0, rng) / 255
            mask = (x[..., 0] - x[..., 1]) > 0.4  # red on grey
            assert low < mask.sum((1, 2)).mean() < high
            rows, columns = mask.any(2).mean(0), mask.any(1).mean(0)
            assert (rows[16:].sum() > rows[:16].sum()) == bool(height)
            assert (columns[16:].sum() > columns[:16].sum()) == bool(side)


def test_samples_are_images_with_tokens():
    data = loaded(n=200)
    assert (data.kind, data.task) == ("pairs", "matching")
    assert set(data.inputs_train) == {"image", "text"}
    assert data.inputs_train["image"] is data.x_train
    assert data.inputs_test["text"] is data.y_test
    assert data.x_train.shape == (160, 32, 32, 3)
    assert 0 <= data.x_train.min() < data.x_train.max() <= 1
    assert data.y_train.shape == (160, 5)
    assert set(data.y_train.ravel()) == set(range(1, len(WORDS)))
    assert loaded(n=200, detail="short").y_train.shape == (160, 2)
    capped = load_dataset("captioned_shapes", max_samples=50)
    assert len(capped.x_train) == 40


def test_captions_stay_with_their_images():
    data = loaded(n=600, noise=0.0)
    colour = data.y_train[:, 1] - WORDS.index(COLOURS[0])
    x = data.x_train.reshape(len(data.x_train), -1, 3)
    best = np.argmax(x.max(2) - x.min(2), axis=1)
    pixel = x[np.arange(len(x)), best]
    for k, sign in ((0, [1, 0, 0]), (1, [0, 1, 0]), (2, [0, 0, 1])):
        assert (pixel[colour == k].argmax(1) == np.argmax(sign)).mean() > 0.95


def test_unseen_pairs_are_kept_for_the_test():
    data = loaded(n=600, unseen=True)

    def pairs(y):
        first = WORDS.index(COLOURS[0]), WORDS.index(NAMES[0])
        return set(map(tuple, (y[:, 1:3] - np.array(first)).tolist()))

    assert pairs(data.y_test) == {(i, i) for i in range(6)}
    assert len(pairs(data.y_train)) == 30
    assert not pairs(data.y_train) & pairs(data.y_test)


def test_a_preview_has_words():
    found = preview(loaded(n=200), 6)
    assert found.images.shape == (6, 32, 32, 3)
    assert len(found.captions) == 6
    assert all(len(c.split()) == 5 for c in found.captions)


def test_labels_cannot_be_disturbed():
    with pytest.raises(DatasetError, match="`label_noise` must be 0"):
        load_dataset("captioned_shapes", label_noise=0.1)
