"""Depth Anything as transformers stores it, and what its config tells of the taps."""

from collections.abc import Mapping
from typing import Any

from dl_techniques.pretrained.rules import Rule, both, norm

_BLOCK, _OURS = "backbone.encoder.layer.{i}", "backbone/blocks_{i}"
_NECK, _FUSION = "neck.reassemble_stage.layers", "neck.fusion_stage.layers.{k}"
RULES = (
    Rule("backbone.embeddings.cls_token", "backbone/class_token/token"),
    Rule(
        "backbone.embeddings.position_embeddings",
        "backbone/position_embedding/position_embedding",
        "pos_grid",
    ),
    *both(
        "backbone.embeddings.patch_embeddings.projection",
        "backbone/patch_embed/projection",
        "patch",
    ),
    *norm(f"{_BLOCK}.norm1", f"{_OURS}_norm1"),
    *(
        Rule(
            f"{_BLOCK}.attention.attention.{name}.{part}",
            f"{_OURS}_attention/{name}/{ours}",
            "heads_in",
        )
        for name in ("query", "key", "value")
        for part, ours in (("weight", "kernel"), ("bias", "bias"))
    ),
    *both(
        f"{_BLOCK}.attention.output.dense",
        f"{_OURS}_attention/attention_output",
        "heads_out",
    ),
    Rule(f"{_BLOCK}.layer_scale1.lambda1", f"{_OURS}_attention_scale/gamma"),
    *norm(f"{_BLOCK}.norm2", f"{_OURS}_norm2"),
    *both(f"{_BLOCK}.mlp.fc1", f"{_OURS}_mlp/fc1", "dense"),
    *both(f"{_BLOCK}.mlp.fc2", f"{_OURS}_mlp/fc2", "dense"),
    Rule(f"{_BLOCK}.layer_scale2.lambda1", f"{_OURS}_mlp_scale/gamma"),
    *norm("backbone.layernorm", "backbone/norm"),
    *both(f"{_NECK}.{{i}}.projection", "dpt/project_{i}", "conv"),
    *both(f"{_NECK}.{{i}}.resize", "dpt/upsample_{i}", "convT"),
    *both(f"{_NECK}.3.resize", "dpt/downsample", "conv"),
    Rule("neck.convs.{i}.weight", "dpt/conv_{i}/kernel", "conv"),
    *both(f"{_FUSION}.projection", "dpt/fusion_{k}/project", "conv"),
    *both(
        f"{_FUSION}.residual_layer{{u}}.convolution{{c}}",
        "dpt/fusion_{k}/unit_{u}/conv_{c}",
        "conv",
    ),
    *both("head.conv{i}", "dpt/head_conv_{i}", "conv"),
)
IGNORED = (
    r"backbone\.embeddings\.mask_token",
    r"neck\.fusion_stage\.layers\.0\.residual_layer1\..*",
)
# names that transformers 5 has in memory, to those that it writes
ALIASES = {
    r"\.attention\.q_proj\.": ".attention.attention.query.",
    r"\.attention\.k_proj\.": ".attention.attention.key.",
    r"\.attention\.v_proj\.": ".attention.attention.value.",
    r"\.attention\.o_proj\.": ".attention.output.dense.",
}


def config_problem(model: Any, config: Mapping[str, Any]) -> str | None:
    """Returns what a checkpoint's config.json has against the model, or None.

    The tensors of V1 and V2 have the same names and shapes; only the blocks that are
    read tell them apart.
    """
    backbone = config.get("backbone_config") or {}
    taps = backbone.get("out_indices") or [
        int(stage.removeprefix("stage")) for stage in backbone.get("out_features") or ()
    ]
    if taps and list(taps) != list(model.taps):
        return (
            f"its config.json reads the blocks {list(taps)}, the model reads "
            f"{list(model.taps)}: pass version='v1' or 'v2', or taps={list(taps)}"
        )
    own = model.get_config()
    kind = config.get("depth_estimation_type", own["depth_type"])
    if kind != own["depth_type"]:
        return f"it gives {kind} depth: pass depth_type={kind!r}"
    scale = config.get("max_depth") or 1
    if "max_depth" in config and scale != own["max_depth"]:
        return f"its depth reaches {scale:g}: pass max_depth={scale:g}"
    return None
