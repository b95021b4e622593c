"""Capsule layers."""

from dl_techniques import layers
from tests.contract.case import Case

PAIR = {"num_capsules": 3, "dim_capsules": 4}
EXCUSED = {
    "unknown_length": "the kernel has one matrix for each input capsule",
    "mask_passes": "output capsules are no time steps of the input",
}
SCORES = {"mask_passes": "the output has no axis of time steps"}
CASES = [
    Case(layers.Squash, (3, 4, 5)),
    Case(layers.CapsuleLength, (3, 4, 5), excused=SCORES),
    Case(layers.PrimaryCapsule, (3, 6, 6, 2), {**PAIR, "kernel_size": 3}),
    Case(layers.RoutingCapsule, (3, 5, 2), PAIR, excused=EXCUSED),
    Case(
        layers.RoutingCapsule,
        (3, 5, 2),
        {**PAIR, "use_bias": True, "return_coupling": True},
        "coupling",
        excused=EXCUSED,
    ),
    Case(
        layers.CapsuleBlock,
        (3, 5, 2),
        {**PAIR, "use_layer_norm": True},
        excused=EXCUSED,
    ),
]
