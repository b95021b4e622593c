"""Positions and patches."""

from dl_techniques import layers
from tests.contract.case import Case

CASES = [
    Case(layers.RotaryPositionEmbedding, (3, 4, 6)),
    Case(
        layers.RotaryPositionEmbedding,
        (3, 4, 2, 7),
        {"fraction": 0.7, "layout": "half", "theta": 100.0, "scaling_factor": 2.0},
        "heads",
    ),
    Case(layers.PositionalEmbedding, (3, 4, 5), {"max_seq_len": 6, "dropout": 0.5}),
    Case(
        layers.PositionalEmbedding,
        (3, 4, 5),
        {"max_seq_len": None, "mode": "sinusoidal"},
        "sinusoidal",
    ),
    Case(
        layers.PatchEmbedding2D,
        (3, 4, 6, 2),
        {"patch_size": (2, 3), "embed_dim": 5, "activation": "tanh"},
    ),
    Case(
        layers.PatchEmbedding2D,
        (3, 5, 4, 2),
        {"patch_size": 3, "embed_dim": 4, "padding": "same", "flatten": False},
        "image",
    ),
    Case(layers.PatchEmbedding1D, (3, 6, 2), {"patch_size": 2, "embed_dim": 4}),
    Case(
        layers.ClassToken,
        (3, 4, 5),
        excused={"mask_passes": "the mask grows by one position, as the sequence does"},
    ),
]
