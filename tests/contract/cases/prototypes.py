"""Prototype layers and fixed filter banks."""

import numpy as np

from dl_techniques import layers
from tests.contract.case import Case, normal


def eighths(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draws what half precision holds exactly: no nearest cell changes by rounding."""
    return np.round(normal(rng, shape) * 8) / 8


SCORES = {"mask_passes": "the output has no axis of features"}
CASES = [
    Case(layers.ShearletTransform, (3, 8, 9, 2), {"scales": 2, "directions": 4}),
    Case(
        layers.ShearletTransform,
        (3, 8, 8, 1),
        {"scales": 1, "directions": 4, "complex_output": True},
        "complex",
    ),
    Case(layers.RBFLayer, (3, 4), {"units": 3, "repulsion_strength": 0.5}),
    Case(
        layers.RBFLayer,
        (3, 5, 2),
        {"units": 3, "gamma_init": 0.1, "center_constraint": "non_neg"},
        "sequence",
    ),
    Case(layers.KMeansLayer, (3, 4), {"n_clusters": 3, "temperature": 1.0, "seed": 0}),
    Case(
        layers.KMeansLayer,
        (3, 5, 2),
        {"n_clusters": 3, "output_mode": "both", "update": "gradient"},
        "gradient",
    ),
    Case(
        layers.KMeansLayer,
        (3, 4, 4, 2),
        {
            "n_clusters": 3,
            "output_mode": "distances",
            "cluster_axis": 2,
            "add_clustering_loss": True,
        },
        "axis",
    ),
    Case(
        layers.SOM2dLayer,
        (3, 2),
        {"map_size": (3, 2), "initializer": "normal"},
        draw=eighths,
    ),
    Case(
        layers.SOM2dLayer,
        (3, 5, 2),
        {"map_size": [3, 2], "initializer": "normal", "output": "bmu_onehot"},
        "onehot",
        draw=eighths,
    ),
    Case(
        layers.SOM2dLayer,
        (3, 5, 2),
        {
            "map_size": (3, 2),
            "neighborhood": "bubble",
            "decay": "exponential",
            "output": "quantization_error",
        },
        "error",
        draw=eighths,
        excused=SCORES,
    ),
]
