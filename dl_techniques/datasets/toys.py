"""Points in the plane whose classes are separated by a known shape."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument

Points = Callable[[np.ndarray, np.random.Generator, Options], np.ndarray]
LICENCE = "free to use"


def moons(y: np.ndarray, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Places two half circles that reach into each other."""
    angle = rng.uniform(0, np.pi, len(y))
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.where(y[:, None] == 0, upper, lower)


def circles(y: np.ndarray, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Places class c on the circle of radius (c + 1) / classes."""
    angle = rng.uniform(0, 2 * np.pi, len(y))
    radius = (y + 1) / options["classes"]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def spirals(y: np.ndarray, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Places class c on an arm that starts at angle 2 pi c / classes.

    The radius grows linearly with the angle up to 1 after `turns` turns.
    """
    radius = np.sqrt(rng.uniform(0.01, 1, len(y)))
    angle = 2 * np.pi * (options["turns"] * radius + y / options["classes"])
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def blobs(y: np.ndarray, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Places class c at angle 2 pi c / classes of the unit circle."""
    angle = 2 * np.pi * y / options["classes"]
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def xor(y: np.ndarray, rng: np.random.Generator, options: Options) -> np.ndarray:
    """Fills the square [-1, 1]: class 1 where the two signs differ."""
    points = rng.uniform(0, 1, (len(y), 2))
    side = rng.choice([-1.0, 1.0], len(y))
    return np.stack([points[:, 0] * side, points[:, 1] * side * (1 - 2 * y)], axis=1)


def checkerboard(
    y: np.ndarray, rng: np.random.Generator, options: Options
) -> np.ndarray:
    """Fills the fields (i, j) of a board on [-1, 1] where i + j = y (mod 2)."""
    cells = options["cells"]
    column, row = np.divmod(np.arange(cells**2), cells)
    field = np.empty(len(y), np.int64)
    for colour in (0, 1):
        own = np.flatnonzero((column + row) % 2 == colour)
        field[y == colour] = rng.choice(own, int((y == colour).sum()))
    corner = np.stack([column[field], row[field]], axis=1)
    return 2 * (corner + rng.uniform(0, 1, (len(y), 2))) / cells - 1


def _loader(place: Points) -> Callable[[Request], Raw]:
    def load(request: Request) -> Raw:
        options = request.options
        rng = np.random.default_rng([request.seed, 1])
        n, classes = options["n"], options.get("classes", 2)
        y = rng.permutation(np.arange(n) % classes)
        x = place(y, rng, options) + rng.normal(0, 1, (n, 2)) * options["noise"]
        return Raw(x.astype(np.float32), y)

    return load


def _adapt(info: DatasetInfo, options: Options) -> DatasetInfo:
    classes = options.get("classes", 2)
    return replace(
        info,
        n_samples=options["n"],
        num_classes=classes,
        n_outputs=classes,
        class_names=tuple(str(c) for c in range(classes)),
    )


def _classes(default: int) -> Argument:
    return Argument(
        "classes", "int", default, low=2, high=10, ui_low=2, ui_high=6, help="Classes."
    )


def _toy(
    name: str, summary: str, place: Points, noise: float, *more: Argument
) -> Source:
    options = (
        Argument(
            "n",
            "int",
            1000,
            low=20,
            high=200_000,
            ui_low=100,
            ui_high=10_000,
            log=True,
            help="Number of points.",
        ),
        Argument(
            "noise",
            "float",
            noise,
            low=0,
            high=10,
            ui_low=0,
            ui_high=0.5,
            step=0.01,
            help="Deviation of the Gaussian noise added to each coordinate.",
        ),
        *more,
    )
    info = DatasetInfo(
        name=name,
        title="XOR" if name == "xor" else name.capitalize(),
        kind="vector",
        task="classification",
        input_shape=(2,),
        num_classes=2,
        n_outputs=2,
        class_names=("0", "1"),
        n_samples=1000,
        source="generated",
        licence=LICENCE,
        summary=summary,
        options=options,
        feature_names=("x", "y"),
        generated=True,
    )
    return Source(
        _adapt(info, {a.name: a.default for a in options}), _loader(place), _adapt
    )


_TURNS = Argument(
    "turns",
    "float",
    1.5,
    low=0.25,
    high=5,
    ui_low=0.5,
    ui_high=3,
    step=0.25,
    help="How often an arm winds around the centre.",
)
_CELLS = Argument(
    "cells", "int", 4, low=2, high=16, ui_low=2, ui_high=8, help="Fields a side."
)
SOURCES = (
    _toy("moons", "Two half circles that reach into each other.", moons, 0.1),
    _toy("circles", "Rings inside each other.", circles, 0.05, _classes(2)),
    _toy(
        "spirals",
        "Arms wound around a centre; hard without depth.",
        spirals,
        0.02,
        _classes(2),
        _TURNS,
    ),
    _toy("blobs", "Gaussian clouds, easy for any model.", blobs, 0.25, _classes(3)),
    _toy("xor", "Four quadrants; no straight line separates them.", xor, 0.05),
    _toy("checkerboard", "A chess board in the plane.", checkerboard, 0.02, _CELLS),
)
