"""Recipes as links."""

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_techniques.recipes import RecipeError, TrainingSpec, from_link, to_link
from tests.recipes.info import layer, recipe


def pack(raw: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(raw)).decode().rstrip("=")


def test_a_link_carries_the_whole_recipe():
    sent = recipe(
        layer("Dense", units=3),
        {"residual": [layer("Dropout", rate=0.5)], "name": "branch"},
        name="Größe 1",
        training=TrainingSpec(seed=5),
    )
    link = to_link(sent)
    assert from_link(link) == sent
    assert set(link) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    )


def test_the_seed_is_always_in_the_link():
    raw = zlib.decompress(base64.urlsafe_b64decode(to_link(recipe()) + "==="))
    assert b'"seed":0' in raw


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("", "cut off|damaged"),
        ("ä", "damaged"),
        ("not base64!", "damaged"),
        (pack(b"not json"), "damaged"),
        (pack(b"[" * 100_000), "damaged"),
        (pack(b"[1]"), "mapping"),
        (pack(b'{"training": {"epochs": 0}}'), "epochs"),
        (pack(b"0" * 10_000_000), "unpacks to more"),
        ("A" * 20_000, "characters"),
        (to_link(recipe())[:-8], "cut off|damaged"),
    ],
)
def test_bad_links_are_refused(link, words):
    with pytest.raises(RecipeError, match=words):
        from_link(link)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=60).map(pack))
def test_no_text_breaks_the_reader(link):
    with pytest.raises(RecipeError):
        from_link(link)
