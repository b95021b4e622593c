"""Depth Anything as transformers stores it: names, numbers, blocks that are read."""

import json

import numpy as np
import pytest
from keras import ops

from dl_techniques.models import DepthAnything
from dl_techniques.pretrained import WeightMappingError
from dl_techniques.pretrained.checkpoints import checkpoint
from dl_techniques.pretrained.listings import listings, proof
from dl_techniques.pretrained.rules import table_of
from tests.models.test_depth_anything import images, numbers, tiny
from tests.pretrained.files import as_checkpoint, write_safetensors

LISTED = [entry for entry in listings() if entry.family == "DepthAnything"]


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DLT_HOME", str(tmp_path / "home"))


def stored(model, folder, **config):
    """Writes a checkpoint and perhaps its config."""
    path = write_safetensors(folder / "model.safetensors", as_checkpoint(model))
    if config:
        (folder / "config.json").write_text(json.dumps(config))
    return path


def test_every_public_listing_fits():
    assert len(LISTED) == 3
    for entry in LISTED:
        report = proof(entry)
        assert report.fits, report.problems()
        assert len(report.ignored) == 5
        assert report.skipped == ()


def test_every_weight_comes_from_its_tensor(tmp_path):
    model, twin = tiny(1), tiny(2)
    report = twin.load_pretrained(stored(model, tmp_path))
    assert report.loaded == len(model.weights)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert twin.get_config()["pretrained_info"]["sha256"] == report.sha256


def test_names_of_the_newer_library_are_known(tmp_path):
    model, twin = tiny(1), tiny(2)
    known = {
        "attention.attention.query": "attention.q_proj",
        "attention.attention.key": "attention.k_proj",
        "attention.attention.value": "attention.v_proj",
        "attention.output.dense": "attention.o_proj",
    }
    tensors = {}
    for name, value in as_checkpoint(model).items():
        for old, new in known.items():
            name = name.replace(old, new)
        tensors[name] = value
    assert not any("attention.attention" in name for name in tensors)
    assert twin.load_pretrained(write_safetensors(tmp_path / "a.safetensors", tensors))
    np.testing.assert_array_equal(twin.get_weights()[8], model.get_weights()[8])


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"backbone_config": {"out_indices": [2, 3, 4, 5]}}, "version='v1'"),
        ({"backbone_config": {"out_features": ["stage2", "stage5"]}}, r"\[2, 5\]"),
        ({"depth_estimation_type": "metric"}, "depth_type='metric'"),
        ({"max_depth": 20}, "max_depth=20"),
    ],
)
def test_a_checkpoint_of_other_blocks_or_depths_is_refused(config, words, tmp_path):
    path, twin = stored(tiny(1), tmp_path, **config), tiny(2)
    before = twin.get_weights()
    with pytest.raises(WeightMappingError, match=words):
        twin.load_pretrained(path)
    for a, b in zip(before, twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_fitting_config_is_no_hindrance(tmp_path):
    backbone = {"out_indices": [1, 2, 3, 5]}
    more = {"depth_estimation_type": "relative", "max_depth": None}
    path = stored(tiny(1), tmp_path, backbone_config=backbone, **more)
    assert tiny(2).load_pretrained(path).fits


def test_the_constructor_loads_and_then_scales_pictures(tmp_path):
    model = tiny(1)
    loaded = tiny(2, weights=str(stored(model, tmp_path)))
    # `tiny` stirs what it builds, so only what was decided is compared
    assert loaded.get_config()["include_preprocessing"] is True
    assert loaded.get_config()["weights"] is None


def test_public_ids_and_licences():
    small = checkpoint("DepthAnything", "v2_small", "imagenet")
    assert small.hub_id == "depth-anything/Depth-Anything-V2-Small-hf"
    assert small.licence == "Apache-2.0"
    assert small.sha256.startswith("3152477c")
    large = checkpoint("DepthAnything", "v2_large", "relative")
    assert large.licence == "CC-BY-NC-4.0"


def peer(torch, taps, **more):
    """A small random model of transformers, every weight off its start."""
    transformers = pytest.importorskip("transformers")
    backbone = transformers.Dinov2Config(
        hidden_size=24,
        num_hidden_layers=6,
        num_attention_heads=3,
        image_size=56,
        patch_size=14,
        out_indices=taps,
        apply_layernorm=True,
        reshape_hidden_states=False,
    )
    config = transformers.DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=24,
        neck_hidden_sizes=[4, 6, 8, 10],
        fusion_hidden_size=8,
        head_hidden_size=5,
        **more,
    )
    torch.manual_seed(0)
    model = transformers.DepthAnythingForDepthEstimation(config)
    with torch.no_grad():
        for tensor in model.parameters():
            tensor.add_(torch.rand_like(tensor) * 0.3 - 0.1)
    return model.eval()


def ours(version, **more):
    return DepthAnything(
        {"hidden_size": 24, "depth": 6, "num_heads": 3},
        version,
        56,
        neck_filters=(4, 6, 8, 10),
        fusion_filters=8,
        head_filters=5,
        **more,
    )


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.parametrize("size", [(56, 56), (70, 42)])
@pytest.mark.parametrize(
    ("version", "taps", "more"),
    [
        ("v1", [3, 4, 5, 6], {}),
        ("v2", [1, 3, 4, 6], {}),
        ("v2", [1, 3, 4, 6], {"depth_estimation_type": "metric", "max_depth": 80}),
    ],
)
def test_converted_weights_give_the_same_numbers(version, taps, more, size, tmp_path):
    torch = pytest.importorskip("torch")
    theirs = peer(torch, taps, **more)
    theirs.save_pretrained(tmp_path)
    metric = {"depth_type": "metric", "max_depth": 80} if more else {}
    model = ours(version, **metric)
    assert model.load_pretrained(tmp_path).fits
    x = images(2, *size, 3)
    pixels = torch.tensor(x.transpose(0, 3, 1, 2))
    with torch.no_grad():
        told = theirs(pixels, output_hidden_states=True)
        want = told.predicted_depth.numpy()
        normed = [theirs.backbone.layernorm(h) for h in told.hidden_states]
    scale = np.abs(want).max()
    np.testing.assert_allclose(numbers(model(x)) / scale, want / scale, atol=1e-4)
    maps = model.feature_extractor()(x)
    for tap in taps:
        got = ops.convert_to_numpy(maps[f"L{tap}"]).reshape(2, -1, 24)
        np.testing.assert_allclose(got, normed[tap][:, 1:].numpy(), atol=1e-4)
    if more or version == "v1":
        return
    other = ours("v1")
    with pytest.raises(WeightMappingError, match="version='v1' or 'v2'"):
        other.load_pretrained(tmp_path)
    (tmp_path / "config.json").unlink()
    other.load_pretrained(tmp_path)
    assert np.abs(numbers(other(x)) - want).max() / scale > 1e-2


def test_no_rule_is_useless():
    table = table_of("DepthAnything")
    paths = [v.path for v in ours("v1").weights]
    for rule in table.rules:
        assert any(rule.source_of(path) for path in paths), rule
