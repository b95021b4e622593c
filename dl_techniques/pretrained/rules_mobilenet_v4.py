"""MobileNetV4 as timm stores it."""

from dl_techniques.pretrained.rules import Rule, batch_norm, both

_BLOCK = "blocks.{s}.{j}"
_OURS = "stages_{s}_blocks_{j}"


def _conv(source: str, target: str, transform: str = "conv") -> Rule:
    return Rule(f"{source}.weight", f"{target}/kernel", transform)


def _pair(source: str, target: str, transform: str) -> tuple[Rule, ...]:
    return (
        _conv(f"{_BLOCK}.{source}.conv", f"{_OURS}/{target}", transform),
        *batch_norm(f"{_BLOCK}.{source}.bn", f"{_OURS}/{target}_bn"),
    )


def _source(name: str) -> tuple[Rule, ...]:
    theirs, ours = f"{_BLOCK}.attn.{name}", f"{_OURS}/{name}"
    return (
        _conv(f"{theirs}.down_conv", f"{ours}/down_conv", "dwconv"),
        *batch_norm(f"{theirs}.norm", f"{ours}/norm"),
        _conv(f"{theirs}.proj", f"{ours}/proj"),
    )


RULES = (
    _conv("conv_stem", "stem_conv"),
    *batch_norm("bn1", "stem_bn"),
    _conv(f"{_BLOCK}.conv", f"{_OURS}/conv"),
    *batch_norm(f"{_BLOCK}.bn1", f"{_OURS}/bn"),
    _conv(f"{_BLOCK}.conv_exp", f"{_OURS}/expand"),
    *batch_norm(f"{_BLOCK}.bn1", f"{_OURS}/expand_bn"),
    _conv(f"{_BLOCK}.conv_pwl", f"{_OURS}/project"),
    *batch_norm(f"{_BLOCK}.bn2", f"{_OURS}/project_bn"),
    *_pair("dw_start", "dw_start", "dwconv"),
    *_pair("dw_mid", "dw_mid", "dwconv"),
    *_pair("dw_end", "dw_end", "dwconv"),
    *_pair("pw_exp", "pw_expand", "conv"),
    *_pair("pw_proj", "pw_project", "conv"),
    *batch_norm(f"{_BLOCK}.norm", f"{_OURS}/norm"),
    _conv(f"{_BLOCK}.attn.query.proj", f"{_OURS}/query"),
    *_source("key"),
    *_source("value"),
    _conv(f"{_BLOCK}.attn.output.proj", f"{_OURS}/output"),
    Rule(f"{_BLOCK}.layer_scale.gamma", f"{_OURS}/layer_scale/gamma"),
    _conv("conv_head", "head_conv"),
    *batch_norm("norm_head", "head_bn"),
    *both("classifier", "head", "dense"),
)
IGNORED = (r".*\.num_batches_tracked",)
