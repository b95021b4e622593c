import importlib.util
import sys
import types

import pytest

from dl_techniques.models import ConvNextV1Tiny, ConvNextV2, MobileNetV4, ViT
from dl_techniques.pretrained import WeightsUnavailableError, hub, resolve_file
from dl_techniques.pretrained.checkpoints import checkpoint, tags_of

REPO = "timm/convnext_tiny.fb_in1k"


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in ("DL_TECHNIQUES_WEIGHTS", "HF_HUB_OFFLINE", "DL_TECHNIQUES_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "hub"


def test_without_a_network_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setenv("DL_TECHNIQUES_OFFLINE", "1")
    with pytest.raises(WeightsUnavailableError) as error:
        ConvNextV1Tiny(weights="imagenet")
    line = str(error.value)
    assert "\n" not in line
    for part in (REPO, "114 MB", "hf download", "local path", "weights=None"):
        assert part in line


def test_the_cache_is_read_without_the_hub_library(empty_cache):
    folder = empty_cache / "models--timm--convnext_tiny.fb_in1k"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc123")
    file = folder / "snapshots" / "abc123" / "model.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    assert resolve_file(f"hf://{REPO}") == file
    assert resolve_file(f"hf://{REPO}@abc123/model.safetensors") == file
    with pytest.raises(WeightsUnavailableError, match="switched off"):
        resolve_file(f"hf://{REPO}", revision="other", local_only=True)


def test_an_own_folder_goes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("DL_TECHNIQUES_WEIGHTS", str(tmp_path))
    file = tmp_path / "timm--convnext_tiny.fb_in1k" / "model.safetensors"
    file.parent.mkdir()
    file.write_bytes(b"")
    assert resolve_file(f"hf://{REPO}") == file
    assert resolve_file(file.parent) == file
    with pytest.raises(WeightsUnavailableError, match="There is no file"):
        resolve_file(tmp_path / "none.safetensors")


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install dl_techniques\[pretrained\]"):
        resolve_file(f"hf://{REPO}")


class GatedRepoError(Exception):
    pass


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (ConnectionError("x"), r"could not be reached \(ConnectionError\)"),
        (GatedRepoError("x"), "hf auth login"),
    ],
)
def test_a_failing_hub_is_told_in_one_line(monkeypatch, raised, words):
    def fail(*args, **kwargs):
        raise raised

    fake = types.ModuleType("huggingface_hub")
    fake.hf_hub_download = fail
    fake.__spec__ = importlib.util.spec_from_loader("huggingface_hub", None)
    monkeypatch.setitem(sys.modules, "huggingface_hub", fake)
    with pytest.raises(WeightsUnavailableError, match=words):
        resolve_file(f"hf://{REPO}")


def test_addresses_are_read():
    address = hub.address_of("hf://a/b.c@v1/x/y.safetensors")
    assert (address.repo, address.revision, address.file) == (
        "a/b.c",
        "v1",
        "x/y.safetensors",
    )
    with pytest.raises(ValueError, match="hf://organisation/name"):
        hub.address_of("hf://only")


def test_tags_belong_to_their_variant():
    assert tags_of("ConvNextV1", "xlarge")[0] == "fb_in22k_ft_in1k"
    assert checkpoint("ConvNextV1", "tiny", "fb_in22k").classes == 21841
    assert checkpoint("ConvNextV2", "tiny", "fcmae").classes == 0
    assert checkpoint("ConvNextV2", "tiny", "imagenet").licence == "CC-BY-NC-4.0"
    half = checkpoint("MobileNetV4", "conv_small_050", "imagenet")
    assert half.mean == (0.5, 0.5, 0.5)
    vit = checkpoint("ViT", "tiny16", "imagenet")
    assert vit.hub_id == "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k"
    assert vit.std == (0.5, 0.5, 0.5)
    with pytest.raises(ValueError, match="another one"):
        checkpoint("MobileNetV4", "conv_medium", "aa_e500_r256_in1k")
    with pytest.raises(ValueError, match="'fb_in1k'"):
        checkpoint("ConvNextV1", "tiny", "fb_in3k")
    with pytest.raises(ValueError, match="none"):
        MobileNetV4.from_variant("lab28", weights="imagenet")


def test_variants_are_known_by_their_arguments():
    own = ConvNextV2.from_variant("lab8").get_config()
    keys = ("depths", "dims", "kernel_size", "patch_size", "patch_stride")
    keys += ("downsample", "head_init_scale", "grn_epsilon", "pad_odd")
    assert ConvNextV2.variant_of({k: own[k] for k in keys}) == "lab8"
    assert ViT.from_variant("lab8").variant == "lab8"
    assert ViT.from_variant("lab8", depth=1).variant is None
