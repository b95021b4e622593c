"""Feed-forward layers."""

from dl_techniques import layers
from tests.contract.case import Case

PRODUCT = {
    "half_precision_survives_large_inputs": "a product of two values of size 1000 "
    "is beyond float16; the gate runs in the compute dtype",
}
CASES = [
    Case(layers.MLP, (3, 5), {"hidden_dim": 6, "output_dim": 4}),
    Case(layers.MLP, (3, 4, 5), {"hidden_dim": 6, "dropout": 0.5}, "dropout"),
    Case(layers.GLUFFN, (3, 5), {"hidden_dim": 6, "dropout": 0.5}, excused=PRODUCT),
    Case(
        layers.GLUFFN,
        (3, 2, 2, 4),
        {"hidden_dim": 3, "variant": "glu", "activation": "tanh"},
        "activation",
    ),
    Case(layers.SwiGLUFFN, (3, 4, 6), {"dropout": 0.5}, excused=PRODUCT),
]
