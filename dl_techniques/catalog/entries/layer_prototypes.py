"""Prototype layers and the shearlet transform."""

from typing import Any

from dl_techniques.catalog import parts
from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import constraint, initializer, positive, seed
from dl_techniques.utils.arguments import Argument


def _count(name: str, text: str, ui: tuple[float, float], **rest: Any) -> Argument:
    return parts.count(name, text, ui=ui, high=None, **rest)


def _choice(name: str, choices: tuple[str, ...], text: str) -> Argument:
    """Returns a choice whose first value is the default."""
    return Argument(name, "choice", choices[0], choices=choices, help=text)


def _switch(name: str, default: bool, text: str) -> Argument:
    return Argument(name, "bool", default, help=text)


def _entry(name: str, family: str, summary: str, source: str, **rest: Any) -> Entry:
    target = f"dl_techniques.layers.{name}"
    return Entry(name, target, "layer", family, summary, source, **rest)


def _strength(name: str, default: float, text: str) -> Argument:
    return Argument(name, "float", default, low=0, ui_low=0, ui_high=2, help=text)


ENTRIES = (
    _entry(
        "ShearletTransform",
        "filters",
        "Splits an image into directions and scales with fixed filters.",
        "Kutyniok & Labate (2012), Shearlets, ch. 1; CoShNet, arXiv:2208.06882",
        accepts=("image",),
        arguments=(
            _count("scales", "Bands above the low-pass.", (1, 4), default=3),
            _count("directions", "Wedges of each band.", (4, 16), default=8),
            _switch(
                "complex_output", False, "Whether each wedge has a Hilbert partner."
            ),
            _switch("include_lowpass", True, "Whether the blurred image is kept."),
        ),
        example={"scales": 2, "directions": 4},
        look_at="Tiles of the coefficients beside the frequency tiling: an edge lights "
        "up the direction normal to it.",
    ),
    _entry(
        "RBFLayer",
        "prototypes",
        "Answers with the closeness of the input to learned centres.",
        "Moody & Darken (1989), Neural Computation 1(2), 281-294",
        accepts=("vector", "sequence", "image"),
        arguments=(
            _count("units", "Number of centres.", (1, 256)),
            positive(
                "gamma_init",
                1.0,
                (1e-2, 100),
                "Start of the widths; larger is narrower.",
                low=1e-5,
                low_open=False,
            ),
            _switch("trainable_gamma", True, "Whether the widths are learned."),
            _strength("repulsion_strength", 0.0, "Penalty on centres that crowd."),
            positive(
                "min_center_distance", 1.0, (0.05, 10), "Distance that is crowded."
            ),
            initializer("center_initializer", "uniform", "Start of the centres."),
            constraint("center_constraint", "Projection of the centres."),
        ),
        example={"units": 8},
        look_at="On 2-D data: the centres moving over the scatter, circles of their "
        "widths, and how the repulsion spreads them.",
    ),
    _entry(
        "KMeansLayer",
        "prototypes",
        "Assigns each vector softly to the nearest of K moving centroids.",
        "MacQueen (1967), 5th Berkeley Symposium, 281-297",
        accepts=("vector", "sequence", "image"),
        arguments=(
            _count("n_clusters", "Number of centroids.", (2, 64)),
            positive("temperature", 0.1, (1e-3, 10), "Softness of the assignment."),
            parts.rate("Share of a move kept.", name="momentum", default=0.9),
            positive("centroid_lr", 0.1, (1e-3, 1), "Step of the moves.", high=1),
            _strength("repulsion_strength", 0.1, "Push between close centroids."),
            positive("min_distance", 1.0, (0.05, 10), "Distance that is close."),
            _choice(
                "output_mode",
                ("assignments", "mixture", "distances"),
                "Shares of the centroids, their mean, or the distances to them.",
            ),
            _choice(
                "update",
                ("ema", "gradient"),
                "Whether moving means or the loss move the centroids.",
            ),
            Argument(
                "cluster_axis", "int", -1, low=-8, ui_low=-1, help="Axis of features."
            ),
            seed(),
            _switch(
                "add_clustering_loss",
                False,
                "Whether tight and even clusters are part of the loss.",
            ),
            _strength("clustering_weight", 1.0, "Weight of that loss."),
        ),
        example={"n_clusters": 4},
        look_at="The centroids moving over the scatter, and clusters that stay empty.",
    ),
    _entry(
        "SOM2dLayer",
        "prototypes",
        "Finds the nearest cell of a map that unfolds over the data.",
        "Kohonen (1982), Biological Cybernetics 43, 59-69",
        accepts=("vector", "sequence", "image"),
        arguments=(
            Argument(
                "map_size",
                "ints",
                low=1,
                required=True,
                help="Rows and columns of the map.",
            ),
            positive("initial_learning_rate", 0.1, (1e-3, 1), "First step.", high=1),
            Argument(
                "sigma",
                "float",
                None,
                low=0,
                low_open=True,
                ui_low=0.5,
                ui_high=10,
                log=True,
                optional=True,
                help="First width in cells; empty is half the map.",
            ),
            _choice("neighborhood", ("gaussian", "bubble"), "Form of the width."),
            _choice("decay", ("linear", "exponential"), "How step and width fall."),
            _count(
                "max_iterations",
                "Batches until nothing moves.",
                (100, 20_000),
                default=1000,
            ),
            initializer("initializer", "random_uniform", "Start of the map."),
            Argument(
                "output",
                "choice",
                "dict",
                choices=("dict", "quantization_error", "bmu_onehot"),
                help="The best cell and its distance, the distance alone, or the cell "
                "as a one-hot vector; only the last feeds another layer, and layers "
                "before it then do not learn.",
            ),
        ),
        example={"map_size": [4, 4], "output": "bmu_onehot"},
        look_at="The grid unfolding over the scatter, and the U-matrix, whose ridges "
        "are borders of clusters.",
    ),
)
