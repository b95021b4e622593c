"""Small random models of timm: converted, ours give the same numbers."""

import numpy as np
import pytest
from keras import ops

from dl_techniques.models import ConvNextV1, ConvNextV2, MobileNetV4, ResNet, ViT
from tests.pretrained.files import write_safetensors

SIDE = 64
SHAPE = {"input_shape": (SIDE, SIDE, 3), "classes": 7, "classifier_activation": None}


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("DLT_HOME", str(tmp_path / "home"))


def disturbed(torch, peer):
    """Moves every tensor off its start, so that no branch is closed."""
    torch.manual_seed(0)
    with torch.no_grad():
        for name, tensor in peer.state_dict().items():
            if tensor.dtype.is_floating_point:
                noise = torch.rand_like(tensor) * 0.2
                low = 0.5 if name.endswith("running_var") else 0.0
                tensor.add_(noise + low)
    return peer.eval()


def convnext(timm):
    peer = timm.models.convnext.ConvNeXt(
        depths=(1, 2, 1, 1), dims=(8, 12, 16, 24), num_classes=7
    )
    return peer, ConvNextV1((1, 2, 1, 1), (8, 12, 16, 24), **SHAPE)


def convnext_v2(timm):
    peer = timm.models.convnext.ConvNeXt(
        depths=(1, 1, 2, 1),
        dims=(8, 12, 16, 24),
        num_classes=7,
        use_grn=True,
        ls_init_value=None,
        conv_mlp=True,
    )
    return peer, ConvNextV2((1, 1, 2, 1), (8, 12, 16, 24), **SHAPE)


def mobilenet(name, variant):
    def build(timm):
        peer = timm.create_model(name, num_classes=7)
        return peer, MobileNetV4.from_variant(variant, **SHAPE)

    return build


def resnet18(timm):
    return timm.create_model("resnet18", num_classes=7), ResNet.from_variant(
        "18", **SHAPE
    )


def bottleneck(timm):
    resnet = timm.models.resnet
    peer = resnet.ResNet(resnet.Bottleneck, (1, 2, 1, 1), num_classes=7)
    return peer, ResNet("bottleneck", (1, 2, 1, 1), **SHAPE)


def vit(timm):
    peer = timm.models.vision_transformer.VisionTransformer(
        img_size=SIDE, patch_size=16, embed_dim=24, depth=3, num_heads=3, num_classes=7
    )
    return peer, ViT(16, 24, 3, 3, **SHAPE)


def vit_resized(timm):
    peer, _ = vit(timm)
    return peer, ViT(16, 24, 3, 3, **{**SHAPE, "input_shape": (96, 96, 3)})


BUILDERS = {
    "convnext": convnext,
    "convnext_v2": convnext_v2,
    "conv_small": mobilenet("mobilenetv4_conv_small", "conv_small"),
    "hybrid_medium": mobilenet("mobilenetv4_hybrid_medium", "hybrid_medium"),
    "hybrid_large": mobilenet("mobilenetv4_hybrid_large", "hybrid_large"),
    "resnet18": resnet18,
    "bottleneck": bottleneck,
    "vit": vit,
    "vit_resized": vit_resized,
}


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.parametrize("name", list(BUILDERS))
def test_converted_weights_give_the_same_numbers(name, tmp_path):
    torch, timm = pytest.importorskip("torch"), pytest.importorskip("timm")
    peer, model = BUILDERS[name](timm)
    peer = disturbed(torch, peer)
    state = {k: v.numpy() for k, v in peer.state_dict().items()}
    report = model.load_pretrained(
        write_safetensors(tmp_path / "model.safetensors", state)
    )
    assert report.fits
    side = model.input_shape[1]
    x = np.random.default_rng(0).normal(size=(2, side, side, 3)).astype("float32")
    images = torch.tensor(x.transpose(0, 3, 1, 2))
    if name == "vit_resized":
        resample = timm.layers.resample_abs_pos_embed
        grid = resample(peer.pos_embed, [side // 16] * 2).detach()
        peer.pos_embed = torch.nn.Parameter(grid)
        peer.patch_embed.img_size = (side, side)
    with torch.no_grad():
        want = peer(images).numpy()
    got = ops.convert_to_numpy(model(x, training=False))
    scale = max(1.0, np.abs(want).max())
    np.testing.assert_allclose(got / scale, want / scale, atol=1e-4)
