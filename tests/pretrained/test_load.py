import json
import logging

import numpy as np
import pytest

from dl_techniques.models import MobileNetV4, registry
from dl_techniques.pretrained import WeightMappingError, load_pretrained
from dl_techniques.pretrained import load as load_module
from tests.models.test_mobilenet_v4 import TINY
from tests.models.zoo import stir
from tests.pretrained.files import as_checkpoint, write_safetensors


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DLT_HOME", str(tmp_path / "home"))


def small(name, **more):
    if name == "mobilenet_v4_hybrid":
        return MobileNetV4(**{**TINY, **more})
    return registry.create_model(name, **more)


FAMILIES = (
    "convnext_v1_lab8",
    "convnext_v2_lab8",
    "mobilenet_v4_hybrid",
    "resnet_lab8",
    "vit_lab8",
)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_weight_comes_from_its_tensor(name, tmp_path):
    model = stir(small(name), seed=1)
    tensors = as_checkpoint(model)
    tensors["bn1.num_batches_tracked"] = np.array(3, "int64")
    if name.startswith(("convnext", "vit")):
        del tensors["bn1.num_batches_tracked"]
    path = write_safetensors(tmp_path / "a.safetensors", tensors)
    twin = small(name)
    report = twin.load_pretrained(path)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert report.fits
    assert report.loaded == len(model.weights)
    assert report.parameters == sum(w.size for w in model.get_weights())
    assert twin.pretrained_info["sha256"] == report.sha256
    assert "missing    0" in str(report)


@pytest.fixture(scope="module")
def tensors():
    return as_checkpoint(stir(small("convnext_v1_lab8"), seed=1))


def spoiled(tensors):
    """Yields a word of the error and tensors that do not fit."""
    block, kernel = "stages.0.blocks.0", "stages.1.downsample.1.weight"
    yield "1 missing", {k: v for k, v in tensors.items() if k != f"{block}.gamma"}
    yield "1 unexpected", {**tensors, "stages.2.blocks.0.gamma": tensors["stem.1.bias"]}
    extra = {k.replace(block, "stages.0.blocks.1"): v for k, v in tensors.items()}
    yield "9 unexpected", {**tensors, **extra}
    turned = np.ascontiguousarray(tensors[kernel].transpose(1, 0, 2, 3))
    yield r"gives \(2, 2, 32, 16\), .* is \(2, 2, 16, 32\)", {**tensors, kernel: turned}
    more = {"head.fc.weight": np.zeros((21, 32), "float32")}
    yield "classes=21 or include_top=False", {**tensors, **more}


def test_nothing_changes_when_something_does_not_fit(tensors, tmp_path):
    model = small("convnext_v1_lab8")
    before = model.get_weights()
    for i, (word, wrong) in enumerate(spoiled(tensors)):
        path = write_safetensors(tmp_path / f"{i}.safetensors", wrong)
        with pytest.raises(WeightMappingError, match=word):
            load_pretrained(model, path)
        for a, b in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


def test_lenient_loading_takes_what_fits(tensors, tmp_path):
    wrong = {**tensors, "head.fc.bias": np.zeros(3, "float32")}
    path = write_safetensors(tmp_path / "a.safetensors", wrong)
    model = small("convnext_v1_lab8")
    report = model.load_pretrained(path, strict=False)
    assert report.loaded == len(model.weights) - 1
    assert [m[0] for m in report.shape_mismatch] == ["head.fc.bias"]


def test_the_classifier_is_left_out_on_demand(tensors, tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", tensors)
    bare = small("convnext_v1_lab8", include_top=False, weights=str(path))
    assert bare.weights[-1].path == "head_norm/beta"
    other = small("convnext_v1_lab8", classes=3)
    report = other.load_pretrained(path, skip=("head",))
    assert set(report.skipped) == {"head.fc.weight", "head.fc.bias"}
    assert report.fits


def test_half_precision_and_pointwise_convolutions_load(tensors, tmp_path):
    half = {
        k: (v[:, :, None, None] if ".mlp.fc" in k and v.ndim == 2 else v).astype("f2")
        for k, v in tensors.items()
    }
    model = small("convnext_v1_lab8", dtype="mixed_float16")
    model.load_pretrained(write_safetensors(tmp_path / "a.safetensors", half))
    assert {w.dtype for w in model.weights} == {"float32"}
    got = dict(zip([w.path for w in model.weights], model.get_weights(), strict=True))
    want = half["stem.0.weight"].transpose(2, 3, 1, 0).astype("float32")
    np.testing.assert_array_equal(got["stem_conv/kernel"], want)


def test_another_file_than_the_known_one_is_refused(tensors, tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", tensors)
    model = small("convnext_v1_lab8")
    report = model.load_pretrained(path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="damaged or another file"):
        load_pretrained(model, path, sha256=report.sha256)


@pytest.fixture
def cached(tensors, tmp_path, monkeypatch):
    """A folder of weights that knows the tag of a tiny "variant" of V2."""
    monkeypatch.setenv("DL_TECHNIQUES_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr(load_module, "_TOLD", set())

    def put(hub_id, values):
        folder = tmp_path / "weights" / hub_id.replace("/", "--")
        folder.mkdir(parents=True)
        return write_safetensors(folder / "model.safetensors", values)

    return put


def test_an_address_loads_and_its_licence_is_told(cached, caplog, tmp_path):
    model = stir(small("convnext_v2_lab8"), seed=1)
    hub_id = "timm/convnextv2_tiny.fcmae_ft_in22k_in1k"
    cached(hub_id, as_checkpoint(model))
    with caplog.at_level(logging.INFO, "dl_techniques.pretrained"):
        loaded = small("convnext_v2_lab8", weights=f"hf://{hub_id}")
        small("convnext_v2_lab8", weights=f"hf://{hub_id}")
    lines = [r.getMessage() for r in caplog.records if hub_id in r.getMessage()]
    assert len(lines) == 1
    for a, b in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    config = json.loads(json.dumps(loaded.get_config()))
    assert config["weights"] is None
    revived = type(loaded).from_config(config)
    assert revived.pretrained_info == loaded.pretrained_info


def test_a_keras_file_is_a_source_too(tmp_path):
    model = stir(small("convnext_v1_lab8"), seed=1)
    path = tmp_path / "a.weights.h5"
    model.save_weights(path)
    twin = small("convnext_v1_lab8", weights=str(path))
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
