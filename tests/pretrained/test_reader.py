import json

import numpy as np
import pytest

from dl_techniques.pretrained import read_tensors
from tests.pretrained.files import write_safetensors

RNG = np.random.default_rng(0)
VALUES = {
    "a": RNG.normal(size=(2, 3, 5)).astype("float32"),
    "b": RNG.normal(size=(4,)),
    "half": RNG.normal(size=(3, 2)).astype("float16"),
    "count": np.array(7, "int64"),
    "flag": np.array([True, False]),
    "none": np.zeros((0, 3), "float32"),
}


def test_every_type_is_read_back(tmp_path):
    tensors = read_tensors(write_safetensors(tmp_path / "a.safetensors", VALUES))
    assert set(tensors) == set(VALUES)
    for name, value in VALUES.items():
        assert tensors[name].shape == value.shape
        np.testing.assert_array_equal(tensors[name].read(), value)
    assert tensors["half"].read().dtype == np.float32


def test_bfloat16_is_widened(tmp_path):
    exact = np.array([[1.5, -2.0], [0.15625, 3e38]], "float32")
    stored = (exact.view(np.uint32) >> 16).astype(np.uint16).view("int16")
    path = tmp_path / "a.safetensors"
    write_safetensors(path, {"x": stored.view("uint8").reshape(2, 4)}, {"x": "U8"})
    text = path.read_bytes().replace(b'"U8"', b'"BF16"').replace(b"[2, 4]", b"[2, 2]")
    head = len(text) - len(stored.tobytes()) - 8
    path.write_bytes(head.to_bytes(8, "little") + text[8:])
    got = read_tensors(path)["x"].read()
    np.testing.assert_array_equal(got, (exact.view("u4") >> 16 << 16).view("f4"))


def test_damaged_files_are_refused(tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", VALUES)
    whole = path.read_bytes()
    for damaged, word in (
        (whole[:-1], "cut short"),
        (whole + b"x", "too many"),
        (whole[:5], "cut short"),
        (b"\xff" * 40, "cut short"),
        (whole[:8] + b"\xff" + whole[9:], "no safetensors"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=word):
            read_tensors(path)
    with pytest.raises(ValueError, match=r"\.safetensors"):
        read_tensors(tmp_path / "a.npz")


def test_shards_are_joined(tmp_path):
    write_safetensors(tmp_path / "1.safetensors", {"a": VALUES["a"]})
    write_safetensors(tmp_path / "2.safetensors", {"b": VALUES["b"]})
    index = tmp_path / "model.safetensors.index.json"
    places = {"a": "1.safetensors", "b": "2.safetensors"}
    index.write_text(json.dumps({"weight_map": places}))
    tensors = read_tensors(index)
    np.testing.assert_array_equal(tensors["b"].read(), VALUES["b"])
    index.write_text(json.dumps({"weight_map": {"a": "../1.safetensors"}}))
    with pytest.raises(ValueError, match="outside"):
        read_tensors(index)
