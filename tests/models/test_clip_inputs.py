"""Texts and images as OpenAI's CLIP takes them."""

import json

import numpy as np
import pytest

from dl_techniques.models import CLIPTokenizer, clip_images
from dl_techniques.models.clip_preprocessing import MEAN, STD
from dl_techniques.models.clip_tokenizer import END, START, byte_signs, words
from dl_techniques.pretrained import WeightsUnavailableError

MERGES = [
    ("c", "a"),
    ("ca", "t</w>"),
    ("a", "t</w>"),
    ("d", "o"),
    ("do", "g</w>"),
    ("l", "l</w>"),
]
SIGNS = list(byte_signs().values())
TOKENS = [*SIGNS, *(s + "</w>" for s in SIGNS), *("".join(m) for m in MERGES)]
VOCAB = {token: i for i, token in enumerate([*TOKENS, START, END])}


def tokenizer(**options):
    return CLIPTokenizer(VOCAB, MERGES, **{"context_length": 10, **options})


def names(ids):
    back = {i: t for t, i in VOCAB.items()}
    return [back[i] for i in ids]


def test_pairs_are_merged_in_their_order():
    made = tokenizer()
    assert names(made.encode("Cat  a DOG")) == ["cat</w>", "a</w>", "dog</w>"]
    assert names(made.encode("cats")) == ["ca", "t", "s</w>"]
    assert names(made.encode("bat")) == ["b", "at</w>"]
    made = tokenizer(context_length=20)
    assert made.decode(made(["A cat's dog, 12!"])[0]) == "a cat 's dog , 1 2 !"


def test_texts_begin_end_and_are_filled_up():
    ids = tokenizer()(["cat", "a b c d e f g h i j k"])
    start, end, cat = (VOCAB[t] for t in (START, END, "cat</w>"))
    assert ids[0].tolist() == [start, cat, end, *[0] * 7]
    assert (ids[1, 0], ids[1, -1]) == (start, end)
    assert tokenizer(pad_token_id=end)("cat")[0, 3:].tolist() == [end] * 7


def test_words_are_cut_by_letters_digits_and_signs():
    assert words("It's 10 o'clock -- héllo¾x_y") == [
        *("it", "'s", "1", "0", "o", "'", "clock", "--"),
        *("héllo", "¾", "x", "_", "y"),
    ]


def test_files_are_read_and_missed(tmp_path):
    (tmp_path / "vocab.json").write_text(json.dumps(VOCAB), "utf-8")
    with pytest.raises(WeightsUnavailableError, match=r"merges\.txt"):
        CLIPTokenizer.from_files(tmp_path)
    lines = ["#version: 0.2", *(" ".join(m) for m in MERGES)]
    (tmp_path / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    made = CLIPTokenizer.from_files(tmp_path, context_length=10)
    np.testing.assert_array_equal(made("cat dog"), tokenizer()("cat dog"))
    with pytest.raises(ValueError, match=f"`vocab` must be with .*{END}"):
        CLIPTokenizer({"a": 0}, MERGES)


@pytest.mark.peers
def test_tokens_are_those_of_transformers(tmp_path):
    transformers = pytest.importorskip("transformers")
    (tmp_path / "vocab.json").write_text(json.dumps(VOCAB), "utf-8")
    lines = ["#version: 0.2", *(" ".join(m) for m in MERGES)]
    (tmp_path / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    peer = transformers.CLIPTokenizer(VOCAB, MERGES)
    for text in ("Cat a DOG", "it's 12 o'clock, we'll -- é ¾ 日本 x_y\t!", "cat" * 9):
        want = peer(text)["input_ids"][1:-1]
        assert tokenizer().encode(text) == want, text


def test_images_are_scaled_cropped_and_normalised():
    image = np.zeros((40, 60, 3), np.uint8)
    image[..., 0] = 100
    image[:, 30:, 1] = 255
    x = clip_images([image, image[:, :40]], 20)
    assert x.shape == (2, 20, 20, 3)
    plain = x * np.array(STD) + np.array(MEAN)
    np.testing.assert_allclose(plain[..., 0], 100 / 255, atol=1e-6)
    np.testing.assert_allclose(plain[0, :, :9, 1], 0, atol=0.03)
    np.testing.assert_allclose(plain[0, :, 11:, 1], 1, atol=0.03)
    with pytest.raises(ValueError, match=r"`images` must be .* Received"):
        clip_images([image[..., 0]])


@pytest.mark.parametrize("shape", [(37, 50), (300, 241), (64, 64)])
def test_images_are_those_of_pillow(shape):
    pillow = pytest.importorskip("PIL.Image")
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    short = min(shape)
    sides = [int(64 * n / short) for n in shape]
    picture = pillow.fromarray(image).resize(sides[::-1], pillow.Resampling.BICUBIC)
    top, left = ((n - 64) // 2 for n in sides)
    want = np.asarray(picture)[top : top + 64, left : left + 64] / 255
    got = clip_images([image], 64)[0] * np.array(STD) + np.array(MEAN)
    np.testing.assert_allclose(got, want, atol=1.01 / 255)
    assert (abs(got - want) > 1e-5).mean() < 0.01
