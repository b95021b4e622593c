"""Images of one coloured shape each, with what they show in words."""

from dataclasses import replace

import numpy as np

from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.options import number_of, pixel_noise
from dl_techniques.datasets.shape_images import NAMES, PALETTE, SIZE, coverage, painted
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument

SIZES = ("small", "large")
COLOURS = ("red", "green", "blue", "yellow", "purple", "cyan")
HEIGHTS = ("top", "bottom")
SIDES = ("left", "right")
PAD = "·"
WORDS = (PAD, *SIZES, *COLOURS, *NAMES, *HEIGHTS, *SIDES)
LONG, SHORT = "long", "short"
_PARTS = (SIZES, COLOURS, NAMES, HEIGHTS, SIDES)
_RADII = ((4.0, 6.0), (8.0, 10.0))


def captions(things: np.ndarray, detail: str = LONG) -> np.ndarray:
    """Returns (n, words) ids in `WORDS` of things (n, 5).

    Args:
        things: Number of size, colour, shape, height and side of each.
        detail: "long" tells all five, "short" colour and shape.
    """
    starts = [WORDS.index(part[0]) for part in _PARTS]
    ids = things + np.array(starts)
    return ids.astype(np.int32) if detail == LONG else ids[:, 1:3].astype(np.int32)


def in_words(ids: np.ndarray, words: tuple[str, ...] = WORDS) -> list[str]:
    """Returns each row of ids (n, time) as a text, padding left out."""
    return [" ".join(words[int(i)] for i in row if i) for row in ids]


def draw_things(
    things: np.ndarray, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Returns (n, 32, 32, 3) uint8 images of things (n, 5)."""
    images = np.empty((len(things), SIZE, SIZE, 3), np.uint8)
    for start in range(0, len(things), 256):  # as for the shapes
        part = slice(start, start + 256)
        images[part] = _draw(things[part], noise, rng)
    return images


def _draw(things: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    n = len(things)
    low, high = np.array(_RADII)[things[:, 0]].T
    radius = rng.uniform(low, high)
    side = 2 * things[:, [4, 3]] - 1  # -1 is left or top
    shift = side * rng.uniform(3, 6, (n, 2))
    mask = coverage(things[:, 2], shift, radius, rng.uniform(0, 2 * np.pi, n))
    return painted(mask, PALETTE[things[:, 1]], noise, rng)


def _things(n: int, rng: np.random.Generator, unseen: bool | None) -> np.ndarray:
    """Draws n things, as even as can be over all that are allowed.

    Args:
        n: How many.
        rng: Where chance comes from.
        unseen: Whether only the pairs of colour and shape that training lacks are
            drawn, or only the others; None draws all.
    """
    grid = np.stack(np.meshgrid(*(range(len(p)) for p in _PARTS)), -1).reshape(-1, 5)
    if unseen is not None:
        grid = grid[(grid[:, 1] == grid[:, 2]) == unseen]
    return rng.permutation(rng.permutation(grid)[np.arange(n) % len(grid)])


def _load(request: Request) -> Raw:
    options = request.options
    rng = np.random.default_rng([request.seed, 1])
    n_train = round(options["n"] * request.train_size)
    new = options["unseen"]

    def part(count: int, unseen: bool) -> tuple[np.ndarray, np.ndarray]:
        things = _things(count, rng, unseen if new else None)
        images = draw_things(things, options["noise"], rng)
        return images, captions(things, options["detail"])

    x, y = part(n_train, False)
    x_test, y_test = part(options["n"] - n_train, True)
    notes = [f"{len(np.unique(y, axis=0))} different captions in training"]
    if new:
        notes.append("pairs of colour and shape in the test set are new to the model")
    return Raw(x, y, x_test, y_test, tuple(notes))


def _adapt(info: DatasetInfo, options: Options) -> DatasetInfo:
    words = 5 if options["detail"] == LONG else 2
    return replace(info, n_samples=options["n"], n_outputs=words)


_OPTIONS = (
    number_of("images", 4000, low=40, ui_low=200, ui_high=10_000),
    Argument(
        "detail",
        "choice",
        LONG,
        choices=(LONG, SHORT),
        help="Long captions tell size, colour, shape and place; short ones colour and "
        "shape, so that several images of a batch have the same.",
    ),
    pixel_noise(0.05, 0.5),
    Argument(
        "unseen",
        "bool",
        False,
        help="Whether the test set shows only pairs of colour and shape that training "
        "lacks: whoever knows red and circle must put a red circle together.",
    ),
)
_INFO = DatasetInfo(
    name="captioned_shapes",
    title="Captioned shapes",
    kind="pairs",
    task="matching",
    input_shape=(SIZE, SIZE, 3),
    num_classes=None,
    n_outputs=5,
    class_names=(),
    n_samples=4000,
    source="generated",
    licence="free to use",
    summary="Which caption belongs to which image? Size, colour, shape and place.",
    options=_OPTIONS,
    vocabulary=len(WORDS),
    words=WORDS,
    generated=True,
)
SOURCES = (Source(_INFO, _load, _adapt),)
