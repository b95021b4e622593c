"""Small random models of transformers: converted, ours give the same numbers."""

import numpy as np
import pytest

from dl_techniques.models import CLIPOpenAI
from dl_techniques.pretrained import WeightMappingError
from tests.models.test_clip import SIZES, arrays, openai
from tests.pretrained.files import as_checkpoint, write_safetensors

TOWERS = {
    "vision_config": {
        "hidden_size": 16,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": 6,
        "patch_size": 2,
        "num_channels": 2,
    },
    "text_config": {
        "hidden_size": 24,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "vocab_size": 20,
        "max_position_embeddings": 6,
        "bos_token_id": 18,
        "pad_token_id": 0,
    },
}
IDS = np.array([[18, 4, 7, 7, 7, 7], [18, 19, 2, 1, 6, 7], [18, 7, 0, 0, 0, 0]])


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DLT_HOME", str(tmp_path / "home"))


def peer_of(torch, transformers, act, end):
    given = {k: {**v, "hidden_act": act} for k, v in TOWERS.items()}
    given["text_config"]["eos_token_id"] = end
    config = transformers.CLIPConfig(**given, projection_dim=5)
    torch.manual_seed(0)
    peer = transformers.CLIPModel(config)
    with torch.no_grad():
        for tensor in peer.parameters():
            tensor.add_(torch.randn_like(tensor) * 0.2)
        peer.logit_scale.fill_(2.0)
    return peer.eval()


@pytest.mark.peers
@pytest.mark.parametrize("act", ["quick_gelu", "gelu"])
@pytest.mark.parametrize(("eot", "end"), [("argmax", 2), ("first_eos", 7)])
def test_clip_gives_the_numbers_of_transformers(act, eot, end, tmp_path):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    peer = peer_of(torch, transformers, act, end)
    state = {k: v.numpy() for k, v in peer.state_dict().items()}
    state["vision_model.embeddings.position_ids"] = np.arange(10)[None]
    model = CLIPOpenAI(**SIZES, hidden_act=act, eot=eot, eos_token_id=end)
    report = model.load_pretrained(write_safetensors(tmp_path / "a.safetensors", state))
    assert report.fits
    assert report.loaded == len(model.weights)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 6, 6, 2)).astype("float32")
    with torch.no_grad():
        want = peer(
            input_ids=torch.tensor(IDS),
            pixel_values=torch.tensor(x).permute(0, 3, 1, 2),
        )
    got = arrays(model({"image": x, "text": IDS}))
    for name, value, atol in (
        ("image_features", want.image_embeds, 1e-5),
        ("text_features", want.text_embeds, 1e-5),
        ("logits_per_image", want.logits_per_image, 1e-4),
        ("logits_per_text", want.logits_per_text, 1e-4),
    ):
        np.testing.assert_allclose(got[name], value.numpy(), atol=atol, err_msg=name)


def test_every_weight_comes_from_its_tensor(tmp_path):
    model = openai()
    tensors = as_checkpoint(model)
    tensors["text_model.embeddings.position_ids"] = np.arange(6)[None]
    path = write_safetensors(tmp_path / "a.safetensors", tensors)
    twin = CLIPOpenAI(**SIZES, weights=str(path))
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    revived = CLIPOpenAI.from_config(twin.get_config())
    assert revived.pretrained_info == twin.pretrained_info
    assert revived.pretrained_info["source"] == str(path)


def test_other_layouts_are_told_apart(tmp_path):
    names = ("visual.transformer.resblocks.0.ln_1.weight", "logit_scale")
    tensors = {n: np.zeros(3, "float32") for n in names}
    path = write_safetensors(tmp_path / "a.safetensors", tensors)
    with pytest.raises(WeightMappingError, match="hf://openai/clip-vit-base-patch32"):
        CLIPOpenAI(**SIZES).load_pretrained(path)


def test_larger_images_resize_the_positions(tmp_path):
    path = write_safetensors(tmp_path / "a.safetensors", as_checkpoint(openai()))
    model = CLIPOpenAI(**{**SIZES, "image_size": 10}, weights=str(path))
    table = model.get_layer("vision_position_embedding").weights[0]
    assert tuple(table.shape) == (26, 16)
