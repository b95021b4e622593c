"""Small rendered scenes with the depth of every pixel."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.options import number_of, pixel_noise
from dl_techniques.datasets.shape_images import PALETTE
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument

SIZE = 32
NEAR, FAR = 1.5, 8.0  # nearest things and farthest wall
_WIDE = 0.7  # half of the view at depth 1
_LIGHT = np.array([-0.4, -0.8, -0.45], np.float32) / np.float32(1.0012)
Array = np.ndarray


class Scenes(NamedTuple):
    """Rendered scenes.

    Attributes:
        images: (n, 32, 32, 3) in [0, 1], before noise.
        depth: (n, 32, 32, 1) distances along the view.
    """

    images: Array
    depth: Array


def rays() -> Array:
    """Returns (32, 32, 3) directions (right, down, 1) through the pixels' centres."""
    axis = ((np.arange(SIZE) + 0.5) / SIZE * 2 - 1).astype(np.float32) * _WIDE
    across, down = np.meshgrid(axis, axis)
    return np.stack([across, down, np.ones_like(across)], -1).astype(np.float32)


def render(
    n: int, things: int, fog: float, rng: np.random.Generator, size: int = 256
) -> Scenes:
    """Draws n scenes: 1 to `things` balls and boards on a tiled floor before a wall.

    Args:
        n: Number of scenes.
        things: Most things of one scene.
        fog: Share of the light that is lost from the nearest to the wall, in [0, 1].
        rng: The source of everything random.
        size: Scenes drawn at once.
    """
    parts = [
        _render(min(size, n - start), things, fog, rng) for start in range(0, n, size)
    ]
    return Scenes(*(np.concatenate(p) for p in zip(*parts, strict=True)))


def _render(n: int, things: int, fog: float, rng: np.random.Generator) -> Scenes:
    ray = rays()[None]
    floor = rng.uniform(0.5, 1.0, (n, 1, 1)).astype(np.float32)  # below the camera
    wall = rng.uniform(4, FAR, (n, 1, 1)).astype(np.float32)
    depth, colour = _room(ray, floor, wall, rng)
    count = rng.integers(1, things + 1, n)
    for k in range(things):
        there = count > k
        centre = _places(floor, wall, rng)
        ball = rng.random(n) < 0.5
        tint = PALETTE[rng.integers(0, len(PALETTE), n)]
        for which, make in ((there & ball, _ball), (there & ~ball, _board)):
            z, shade = make(ray, centre[which], rng)
            nearer = z < depth[which]
            seen = shade[..., None] * tint[which][:, None, None]
            colour[which] = np.where(nearer[..., None], seen, colour[which])
            depth[which] = np.where(nearer, z, depth[which])
    lost = np.float32(fog) * np.clip((depth - NEAR) / (FAR - NEAR), 0, 1)[..., None]
    colour = colour * (1 - lost) + np.float32(0.7) * lost
    return Scenes(colour.clip(0, 1).astype(np.float32), depth[..., None])


def _room(
    ray: Array, floor: Array, wall: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Returns depth (n, 32, 32) and colour of a tiled floor and a wall."""
    n, down = len(floor), ray[..., 1]
    ground = np.where(down > 0, floor / np.maximum(down, 1e-6), np.inf)
    depth = np.minimum(ground, wall).astype(np.float32)
    shift = rng.uniform(0, 1, (n, 2, 1, 1)).astype(np.float32)
    across = np.floor(depth * ray[..., 0] + shift[:, 0])
    tile = across + np.floor(depth + shift[:, 1])
    light = rng.uniform(0.35, 0.7, (n, 1, 1)).astype(np.float32)
    grey = np.where(ground < wall, light * (0.6 + 0.4 * (tile % 2)), 0.8 * light)
    warm = np.array([1.0, 0.95, 0.85], np.float32)
    return depth, (grey[..., None] * warm).astype(np.float32)


def _places(floor: Array, wall: Array, rng: np.random.Generator) -> Array:
    """Returns (n, 3) places on the floor, within the view and before the wall."""
    n = len(floor)
    z = rng.uniform(NEAR + 0.3, wall[:, 0, 0] - 1.2)
    x = rng.uniform(-0.8, 0.8, n) * _WIDE * z
    return np.stack([x, floor[:, 0, 0], z], -1).astype(np.float32)


def _ball(ray: Array, centre: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Returns depth, infinite beside it, and shade of a ball of random radius."""
    n = len(centre)
    radius = rng.uniform(0.3, 0.8, (n, 1, 1)).astype(np.float32)
    middle = centre[:, None, None] - np.array([0, 1, 0], np.float32) * radius[..., None]
    a = (ray**2).sum(-1)
    b = (ray * middle).sum(-1)
    c = (middle**2).sum(-1) - radius**2
    under = b**2 - a * c
    z = (b - np.sqrt(np.maximum(under, 0))) / a
    normal = (z[..., None] * ray - middle) / radius[..., None]
    shade = 0.35 + 0.65 * np.maximum((normal * _LIGHT).sum(-1), 0)
    return np.where((under > 0) & (z > 0), z, np.inf).astype(np.float32), shade


def _board(ray: Array, centre: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Returns depth, infinite beside it, and shade of an upright board, turned."""
    n = len(centre)
    half = rng.uniform(0.3, 0.8, (n, 1, 1)).astype(np.float32)
    turn = rng.uniform(-0.9, 0.9, (n, 1, 1)).astype(np.float32)
    sin, cos = np.sin(turn), np.cos(turn)
    middle = centre[:, None, None] - np.array([0, 1, 0], np.float32) * half[..., None]
    # the plane through the middle with normal (sin, 0, -cos)
    reach = sin * middle[..., 0] - cos * middle[..., 2]
    toward = sin * ray[..., 0] - cos * ray[..., 2]
    z = reach / np.where(abs(toward) > 1e-6, toward, 1e-6)
    point = z[..., None] * ray - middle
    along = cos * point[..., 0] + sin * point[..., 2]
    inside = (abs(along) < half) & (abs(point[..., 1]) < half) & (z > 0)
    lit = np.maximum(sin * _LIGHT[0] - cos * _LIGHT[2], 0)
    shade = np.broadcast_to(0.35 + 0.65 * lit, z.shape)
    return np.where(inside, z, np.inf).astype(np.float32), shade


def _load(request: Request) -> Raw:
    options = request.options
    rng = np.random.default_rng([request.seed, 1])
    drawn = render(options["n"], options["things"], options["fog"], rng)
    noise = options["noise"] * rng.standard_normal(drawn.images.shape, np.float32)
    pixels = np.rint(255 * np.clip(drawn.images + noise, 0, 1)).astype(np.uint8)
    notes = (f"depth runs from {drawn.depth.min():.1f} to {drawn.depth.max():.1f}",)
    return Raw(pixels, drawn.depth, notes=notes)


def _adapt(info: DatasetInfo, options: Options) -> DatasetInfo:
    return replace(info, n_samples=options["n"])


_OPTIONS = (
    number_of("scenes", 1000, low=20, ui_low=100, ui_high=5000),
    Argument(
        "things",
        "int",
        3,
        low=1,
        high=8,
        ui_low=1,
        ui_high=6,
        help="Most balls and boards in one scene.",
    ),
    Argument(
        "fog",
        "float",
        0.3,
        low=0,
        high=1,
        ui_low=0,
        ui_high=1,
        step=0.05,
        help="How far light fades with distance: the easiest cue to depth. At 0 only "
        "size, shade and the tiles of the floor tell.",
    ),
    pixel_noise(0.02, 0.3),
)
_INFO = DatasetInfo(
    name="depth_shapes",
    title="Shapes with depth",
    kind="image",
    task="regression",
    input_shape=(SIZE, SIZE, 3),
    num_classes=None,
    n_outputs=1,
    class_names=(),
    n_samples=1000,
    source="generated",
    licence="free to use",
    summary="Balls and boards in a room, with the distance of every pixel.",
    options=_OPTIONS,
    target_shape=(SIZE, SIZE, 1),
    target_name="distance",
    generated=True,
)
SOURCES = (Source(_INFO, _load, _adapt),)
