"""Blocks of MobileNetV4."""

from dl_techniques import layers
from tests.contract.case import Case

IMAGE = (3, 6, 6, 8)
ATTENTION = {"num_heads": 2, "key_dim": 4, "layer_scale_init": 0.5}
# softmax does not see an offset that all keys share
BETA = frozenset({"beta"})
# the norm that follows takes such a factor or offset of each map out again
HIDDEN = frozenset({"dw_start_bn/beta", "pw_expand_bn/gamma", "pw_project_bn/gamma"})
CASES = [
    Case(layers.UIB, IMAGE, {"filters": 8}, still=HIDDEN),
    Case(
        layers.UIB,
        (3, 7, 6, 8),
        {
            "filters": 6,
            "expansion_ratio": 2.0,
            "start_kernel": 3,
            "mid_kernel": 5,
            "end_kernel": 3,
            "strides": 2,
            "layer_scale_init": 0.5,
        },
        "strided",
        still=HIDDEN,
    ),
    Case(layers.MobileMQA, IMAGE, ATTENTION, still=BETA),
    Case(
        layers.MobileMQA,
        (3, 5, 6, 8),
        {**ATTENTION, "value_dim": 3, "kv_stride": 2, "query_stride": 2},
        "thinned",
        still=BETA,
    ),
    Case(
        layers.MobileMQA,
        IMAGE,
        {**ATTENTION, "norm_position": "post"},
        "post",
        still=BETA,
    ),
]
