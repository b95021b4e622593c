"""ResNet as timm and torchvision store it."""

from dl_techniques.pretrained.rules import Rule, batch_norm, both

# our stages count from 0, theirs from 1
_STAGES = tuple((f"layer{s + 1}.{{j}}", f"stages_{s}_blocks_{{j}}") for s in range(4))
RULES = (
    Rule("conv1.weight", "stem_conv/kernel", "conv"),
    *batch_norm("bn1", "stem_bn"),
    *(
        rule
        for theirs, ours in _STAGES
        for rule in (
            Rule(f"{theirs}.conv{{i}}.weight", f"{ours}_conv{{i}}/kernel", "conv"),
            *batch_norm(f"{theirs}.bn{{i}}", f"{ours}_bn{{i}}"),
            Rule(
                f"{theirs}.downsample.0.weight", f"{ours}_shortcut_conv/kernel", "conv"
            ),
            *batch_norm(f"{theirs}.downsample.1", f"{ours}_shortcut_bn"),
        )
    ),
    *both("fc", "head", "dense"),
)
IGNORED = (r".*\.num_batches_tracked",)
