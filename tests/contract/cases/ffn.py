"""Feed-forward layers."""

from dl_techniques import layers
from tests.contract.case import Case

PRODUCT = {
    "half_precision_survives_large_inputs": "a product of two values of size 1000 "
    "is beyond float16; the gate runs in the compute dtype",
}
FIXED = {"unknown_length": "the layer owns a matrix over the tokens"}
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
    Case(
        layers.GatedMLP,
        (3, 4, 6),
        {"hidden_dim": 8, "dropout": 0.5, "spatial_init": 0.1},
        excused=FIXED,
    ),
    Case(
        layers.GatedMLP,
        (3, 2, 3, 4),
        {"causal": True, "use_norm": False, "spatial_init": 0.1},
        "image",
    ),
    Case(layers.SpatialGatingUnit, (3, 4, 6), {"spatial_init": 0.1}, excused=FIXED),
    Case(layers.ConvGatedMLP, (3, 3, 4, 5), {"filters": 4}, excused=PRODUCT),
    Case(layers.DifferentialFFN, (3, 4, 5), {"hidden_dim": 6, "dropout": 0.5}),
    Case(
        layers.DifferentialFFN,
        (3, 5),
        {
            "hidden_dim": 4,
            "branch_norm": False,
            "branch_activation": "relu",
            "share_branch": True,
            "return_diff": True,
        },
        "shared",
    ),
    Case(layers.DifferentialFFN, (3, 5), {"hidden_dim": 4, "use_diff": False}, "one"),
    Case(layers.PowerMLPLayer, (3, 4, 5), {"units": 4, "k": 2}),
    Case(layers.PowerMLPLayer, (3, 5), {"units": 4, "use_basis": False}, "plain"),
    Case(layers.PowerMLP, (3, 5), {"hidden_units": [4, 3, 2], "k": 2, "norm": "rms"}),
    Case(
        layers.PowerMLP,
        (3, 4, 5),
        {"hidden_units": [4, 3, 2], "k": 2, "norm": "layer"},
        "layer",
    ),
    Case(layers.PowerMLP, (3, 5), {"hidden_units": [2]}, "dense"),
]
