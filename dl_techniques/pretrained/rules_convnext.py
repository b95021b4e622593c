"""ConvNeXt V1 and V2 as timm stores them."""

from dl_techniques.pretrained.rules import Rule, both, norm

_BLOCK = "stages.{s}.blocks.{j}"
_OURS = "stages_{s}_blocks_{j}"
RULES = (
    *both("stem.0", "stem_conv", "conv"),
    *norm("stem.1", "stem_norm"),
    *norm("stages.{s}.downsample.0", "stages_{s}_downsample_norm"),
    *both("stages.{s}.downsample.1", "stages_{s}_downsample_conv", "conv"),
    *both(f"{_BLOCK}.conv_dw", f"{_OURS}/depthwise_conv", "dwconv"),
    *norm(f"{_BLOCK}.norm", f"{_OURS}/norm"),
    *both(f"{_BLOCK}.mlp.fc1", f"{_OURS}/pointwise_expand", "dense"),
    *both(f"{_BLOCK}.mlp.fc2", f"{_OURS}/pointwise_project", "dense"),
    Rule(f"{_BLOCK}.mlp.grn.weight", f"{_OURS}/grn/gamma", "flat"),
    Rule(f"{_BLOCK}.mlp.grn.bias", f"{_OURS}/grn/beta", "flat"),
    Rule(f"{_BLOCK}.gamma", f"{_OURS}/layer_scale/gamma", "flat"),
    *norm("head.norm", "head_norm"),
    *both("head.fc", "head", "dense"),
)
IGNORED = ()
