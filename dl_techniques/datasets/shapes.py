"""Small coloured images of one shape each, with a colour cue that may mislead."""

from dataclasses import replace

import numpy as np

from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.options import number_of, pixel_noise
from dl_techniques.datasets.shape_images import NAMES, SIZE, draw_images
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument


def colours(
    y: np.ndarray, classes: int, cue: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns (n,) colour numbers whose Cramer's V with `y` is about `cue`.

    round(cue * n) images carry the colour of their class, the others any colour.
    """
    colour = rng.integers(0, classes, len(y))
    tell = rng.permutation(len(y))[: round(cue * len(y))]
    colour[tell] = y[tell]
    return colour


def _load(request: Request) -> Raw:
    options = request.options
    rng = np.random.default_rng([request.seed, 1])
    classes, n = options["classes"], options["n"]
    n_train = round(n * request.train_size)

    def part(size: int, cue: float) -> tuple[np.ndarray, np.ndarray]:
        y = rng.permutation(np.arange(size) % classes)
        colour = colours(y, classes, cue, rng)
        return draw_images(y, colour, options["noise"], rng), y

    x, y = part(n_train, options["cue_train"])
    x_test, y_test = part(n - n_train, options["cue_test"])
    notes: tuple[str, ...] = ()
    if options["cue_train"] or options["cue_test"]:
        notes = (
            f"colour goes with the class: correlation {options['cue_train']:g} in "
            f"training, {options['cue_test']:g} in the test set",
        )
    return Raw(x, y, x_test, y_test, notes)


def _adapt(info: DatasetInfo, options: Options) -> DatasetInfo:
    classes = options["classes"]
    return replace(
        info,
        n_samples=options["n"],
        num_classes=classes,
        n_outputs=classes,
        class_names=NAMES[:classes],
    )


def _cue(part: str) -> Argument:
    return Argument(
        f"cue_{part}",
        "float",
        0.0,
        low=0,
        high=1,
        ui_low=0,
        ui_high=1,
        step=0.05,
        help=f"How closely colour goes with the class in the {part} images: 0 not at "
        "all, 1 always. A model that learned the colour fails where it stops helping.",
    )


_OPTIONS = (
    number_of("images", 2000, low=40, ui_low=200, ui_high=10_000),
    Argument(
        "classes",
        "int",
        4,
        low=2,
        high=6,
        ui_low=2,
        ui_high=6,
        help="How many of circle, square, triangle, cross, ring and bar.",
    ),
    pixel_noise(0.05, 0.5),
    _cue("train"),
    _cue("test"),
)
_INFO = DatasetInfo(
    name="shapes",
    title="Shapes",
    kind="image",
    task="classification",
    input_shape=(SIZE, SIZE, 3),
    num_classes=4,
    n_outputs=4,
    class_names=NAMES[:4],
    n_samples=2000,
    source="generated",
    licence="free to use",
    summary="One coloured shape an image; its colour may be a misleading cue.",
    options=_OPTIONS,
    generated=True,
)
SOURCES = (Source(_INFO, _load, _adapt),)
