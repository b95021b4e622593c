"""Pictures of what a model makes: arrays of a look in, thin records out.

A new kind is one function and one line of `KINDS`.

One file: a kind is its facts, its picture and its line in the table, read together.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dl_techniques.analysis._answers import mixture_of
from dl_techniques.analysis._depth_maps import depth_facts, depth_maps
from dl_techniques.analysis._mixture_curves import (
    mixture_densities,
    mixture_quantiles,
)
from dl_techniques.analysis._output_kind import mixture_sizes
from dl_techniques.analysis._pair_similarity import pair_similarity
from dl_techniques.utils.pixels import packed

Array = np.ndarray[Any, Any]
Outputs = Mapping[str, Array]
Record = dict[str, Any]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_COLUMNS, _ROWS, _POINTS = 48, 40, 200
_IMAGES, _BYTES = 8, 18_000  # with labels and errors below 20 KB
_RAW = 100_000  # bytes that are worth packing


class Scene(NamedTuple):
    """What a picture is made of.

    Attributes:
        x: Held-out inputs.
        y: Their classes or targets.
        outputs: What the model gave, by name; "" is an only output.
        facts: What `Kind.facts` said of the model.
        probe: Further inputs, from `Kind.probe`.
        answers: Outputs on them.
    """

    x: Any
    y: Array
    outputs: Outputs
    facts: Mapping[str, Any]
    probe: Any = None
    answers: Outputs | None = None


class Kind(NamedTuple):
    """One kind of picture.

    Attributes:
        facts: (model, x, y, outputs) -> what the picture must know of the model, or
            None where the model does not give it. Called once, at the first look.
        picture: Scene -> record with a "type"; pure.
        probe: x -> further inputs that the model answers at each look.
    """

    facts: Callable[[Any, Any, Array, Outputs], Mapping[str, Any] | None]
    picture: Callable[[Scene], Record]
    probe: Callable[[Any], Any] | None = None


# --- the mixture of a density network over its only input


def _curve_facts(
    model: Any, x: Any, y: Array, outputs: Outputs
) -> Mapping[str, Any] | None:
    sizes = mixture_sizes(model)
    narrow = getattr(x, "size", 0) == len(x) == np.size(y)
    return {"components": sizes[0]} if narrow and sizes and sizes[1] == 1 else None


def _grid(x: Array) -> Array:
    """Returns inputs over the range of `x`, in its shape and type."""
    places = np.linspace(x.min(), x.max(), _COLUMNS)
    return places.reshape(-1, *x.shape[1:]).astype(x.dtype)


def mixture_curve(scene: Scene) -> Record:
    """Returns quantiles and density of the target over the input, and held-out rows.

    The density is divided by its largest value at each input, so that the modes of
    wide and narrow mixtures are both seen.
    """
    outputs = next(iter((scene.answers or {}).values()))
    k = scene.facts["components"]
    mixture = tuple(v[:, 0] for v in mixture_of(outputs, k, 1))
    quantiles = mixture_quantiles(mixture, LEVELS)  # type: ignore[arg-type]  # three
    target = np.asarray(scene.y, np.float64).reshape(-1)
    low = min(np.nanmin(quantiles), target.min())
    high = max(np.nanmax(quantiles), target.max())
    room = 0.04 * (high - low or 1.0)
    y = np.linspace(low - room, high + room, _ROWS)
    density = mixture_densities(mixture, y)  # type: ignore[arg-type]  # three
    top = density.max(0)
    return {
        "type": "MixtureCurve",
        "x": scene.probe.reshape(-1),
        "levels": LEVELS,
        "quantiles": quantiles,
        "mean": (mixture[0] * mixture[1]).sum(-1),
        "y": y,
        "density": np.round(density / np.where(top > 0, top, 1), 2),
        "points_x": scene.x.reshape(-1)[:_POINTS],
        "points_y": target[:_POINTS],
    }


# --- images and what a decoder draws of them


def _drawing_facts(
    model: Any, x: Any, y: Array, outputs: Outputs
) -> Mapping[str, Any] | None:
    drawn = outputs.get("reconstruction")
    image = getattr(x, "ndim", 0) == 4 and x.shape[-1] in (1, 3)
    return {} if image and drawn is not None and drawn.shape == x.shape else None


def reconstructions(scene: Scene) -> Record:
    """Returns some images, one a class first, with their reconstructions.

    Pixels are bytes over the range [low, high] of the images, which is [0, 1] where
    they lie in it. Images are made smaller, then fewer, until they fit.
    """
    rows = _one_a_class(scene.y, _IMAGES)
    images = np.asarray(scene.x[rows], np.float64)
    drawn = np.asarray(scene.outputs["reconstruction"][rows], np.float64)
    low, high = min(images.min(), 0.0), max(images.max(), 1.0)
    error = ((images - drawn) ** 2).mean((1, 2, 3))
    pairs = [_pixels(v, low, high) for v in (images, drawn)]
    for step, count in ((1, 8), (2, 8), (2, 4), (4, 8), (8, 8), (16, 4), (64, 4)):
        made = [_smaller(v[:count], step) for v in pairs]
        if made[0].nbytes > _RAW and step < 64:
            continue  # packing it would take longer than the rest of a look
        small = [packed(v) for v in made]
        if sum(len(v["data"]) for v in small) <= _BYTES:
            break
    kept = len(rows[:count])
    return {
        "type": "Reconstructions",
        "images": small[0],
        "drawn": small[1],
        "low": float(low),
        "high": float(high),
        "labels": np.asarray(scene.y)[rows[:kept]],
        "error": error[:kept],
    }


def _one_a_class(labels: Array, most: int) -> Array:
    """Returns rows: the first of each class, then the others in order."""
    first = np.unique(labels, return_index=True)[1]
    rest = np.setdiff1d(np.arange(len(labels)), first)
    return np.concatenate([first, rest])[:most]


def _pixels(images: Array, low: float, high: float) -> Array:
    share = np.nan_to_num((images - low) / (high - low))
    return np.round(255 * np.clip(share, 0, 1)).astype(np.uint8)


def _smaller(images: Array, step: int) -> Array:
    """Averages squares of `step` pixels; what is left over at the ends is cut off."""
    if step == 1:
        return images
    n, h, w, c = images.shape
    h, w = max(h // step, 1), max(w // step, 1)
    tall, wide = min(step, images.shape[1]), min(step, images.shape[2])
    cut = images[:, : h * tall, : w * wide].astype(np.float64)
    mean = cut.reshape(n, h, tall, w, wide, c).mean((2, 4))
    return np.round(mean).astype(np.uint8)


def _maps(scene: Scene) -> Record:
    return depth_maps(scene.x, scene.y, next(iter(scene.outputs.values())))


# --- images matched with texts


def _matching_facts(
    model: Any, x: Any, y: Array, outputs: Outputs
) -> Mapping[str, Any] | None:
    features = {"image_features", "text_features"} <= set(outputs)
    return {} if features and isinstance(x, Mapping) and "text" in x else None


def matching(scene: Scene) -> Record:
    """Returns the cosines of some held-out images with their captions."""
    u, v = (scene.outputs[f"{name}_features"] for name in ("image", "text"))
    return pair_similarity(u @ v.T, scene.x["text"], scene.facts.get("words", ()))


KINDS: dict[str, Kind] = {
    "matching": Kind(_matching_facts, matching),
    "depth": Kind(depth_facts, _maps),
    "mixture": Kind(_curve_facts, mixture_curve, _grid),
    "reconstruction": Kind(_drawing_facts, reconstructions),
}


def scenes_of(
    facts: Mapping[str, Mapping[str, Any]],
    x: Any,
    y: Array,
    outputs: Outputs,
    answer: Callable[[Any], Outputs],
) -> dict[str, Scene]:
    """Returns the scene of every kind; `answer` gives the outputs on a probe."""
    found = {}
    for name, known in facts.items():
        probe = KINDS[name].probe
        more = None if probe is None else probe(x)
        answers = None if more is None else answer(more)
        found[name] = Scene(x, y, outputs, known, more, answers)
    return found


def kinds_of(
    model: Any, x: Any, y: Array, outputs: Outputs, words: Sequence[str] = ()
) -> dict[str, Mapping[str, Any]]:
    """Returns the kinds of picture that a model gives, with their facts.

    `words` of tokens, where there are some, join the facts.
    """
    found = {n: kind.facts(model, x, y, outputs) for n, kind in KINDS.items()}
    more = {"words": tuple(words)} if words else {}
    return {n: {**facts, **more} for n, facts in found.items() if facts is not None}
