"""OpenAI's CLIP as transformers stores it."""

from dl_techniques.pretrained.rules import Rule, both, norm


def _tower(source: str, ours: str) -> tuple[Rule, ...]:
    theirs, block = f"{source}.encoder.layers.{{i}}", f"{ours}_blocks_{{i}}"
    heads = tuple(
        rule
        for letter, name in (("q", "query"), ("k", "key"), ("v", "value"))
        for rule in (
            Rule(
                f"{theirs}.self_attn.{letter}_proj.weight",
                f"{block}_attention/{name}/kernel",
                "heads_in",
            ),
            Rule(
                f"{theirs}.self_attn.{letter}_proj.bias",
                f"{block}_attention/{name}/bias",
                "heads_in",
            ),
        )
    )
    return (
        *norm(f"{theirs}.layer_norm1", f"{block}_norm1"),
        *heads,
        *both(
            f"{theirs}.self_attn.out_proj",
            f"{block}_attention/attention_output",
            "heads_out",
        ),
        *norm(f"{theirs}.layer_norm2", f"{block}_norm2"),
        *both(f"{theirs}.mlp.fc1", f"{block}_mlp/fc1", "dense"),
        *both(f"{theirs}.mlp.fc2", f"{block}_mlp/fc2", "dense"),
    )


_IMAGE = "vision_model.embeddings"
_TEXT = "text_model.embeddings"
RULES = (
    Rule(f"{_IMAGE}.class_embedding", "vision_class_token/token", "reshape"),
    Rule(
        f"{_IMAGE}.patch_embedding.weight",
        "vision_patch_embed/projection/kernel",
        "patch",
    ),
    Rule(
        f"{_IMAGE}.position_embedding.weight",
        "vision_position_embedding/position_embedding",
        "pos_grid",
    ),
    *norm("vision_model.pre_layrnorm", "vision_pre_norm"),  # their spelling
    *_tower("vision_model", "vision"),
    *norm("vision_model.post_layernorm", "vision_post_norm"),
    Rule("visual_projection.weight", "vision_projection/kernel", "dense"),
    Rule(f"{_TEXT}.token_embedding.weight", "text_token_embedding/embeddings"),
    Rule(
        f"{_TEXT}.position_embedding.weight",
        "text_position_embedding/position_embedding",
    ),
    *_tower("text_model", "text"),
    *norm("text_model.final_layer_norm", "text_final_norm"),
    Rule("text_projection.weight", "text_projection/kernel", "dense"),
    Rule("logit_scale", "logits/logit_scale"),
)
IGNORED = (r".*\.embeddings\.position_ids",)
FOREIGN = {
    r"(module\.)?visual\..*": "these are the names of the original code or of "
    "open_clip; take the transformers layout, for example hf://openai/"
    "clip-vit-base-patch32 or hf://laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
}
