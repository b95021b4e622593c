"""The vision transformer as timm stores it."""

from dl_techniques.pretrained.rules import Rule, both, norm

_BLOCK, _OURS = "blocks.{i}", "blocks_{i}"
RULES = (
    Rule("cls_token", "class_token/token"),
    Rule("pos_embed", "position_embedding/position_embedding", "pos_grid_antialias"),
    *both("patch_embed.proj", "patch_embed/projection", "patch"),
    *norm(f"{_BLOCK}.norm1", f"{_OURS}_norm1"),
    *(
        Rule(
            f"{_BLOCK}.attn.qkv.{part}",
            f"{_OURS}_attention/{name}/{ours}",
            f"{name}_of_qkv",
        )
        for name in ("query", "key", "value")
        for part, ours in (("weight", "kernel"), ("bias", "bias"))
    ),
    Rule(
        f"{_BLOCK}.attn.proj.weight",
        f"{_OURS}_attention/attention_output/kernel",
        "heads_out",
    ),
    Rule(f"{_BLOCK}.attn.proj.bias", f"{_OURS}_attention/attention_output/bias"),
    Rule(f"{_BLOCK}.ls1.gamma", f"{_OURS}_attention_scale/gamma"),
    *norm(f"{_BLOCK}.norm2", f"{_OURS}_norm2"),
    *both(f"{_BLOCK}.mlp.fc1", f"{_OURS}_mlp/fc1", "dense"),
    *both(f"{_BLOCK}.mlp.fc2", f"{_OURS}_mlp/fc2", "dense"),
    Rule(f"{_BLOCK}.ls2.gamma", f"{_OURS}_mlp_scale/gamma"),
    *norm("norm", "norm"),
    *both("head", "head", "dense"),
)
IGNORED = ()
