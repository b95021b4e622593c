"""Pictures from a zip archive, one folder a class."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.readers.archive import Archive
from dl_techniques.datasets.readers.limits import (
    MAX_ALL_PIXELS,
    MAX_PIXELS,
    MAX_UNPACKED,
    MEBI,
)
from dl_techniques.datasets.readers.parsed import Parsed, encode_labels

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
_GREY = ("1", "L")
DEFAULT_SIZE = 64


def read_images(data: bytes, name: str, size: int | None) -> Parsed:
    """Reads every picture; its class is the folder that it lies in.

    Args:
        data: The archive.
        name: How errors call it.
        size: Side of the square to which pictures are scaled; None keeps a common
            size of at most 64 x 64 and scales everything else to 64 x 64.
    """
    archive = Archive(data, name)
    paths = sorted(p for p in archive.members if not _hidden(p))
    pictures = [p for p in paths if p.lower().endswith(_ENDINGS)]
    if not pictures:
        raise DatasetError(
            f"{name} holds no pictures; put {', '.join(_ENDINGS)} files into one "
            "folder a class"
        )
    loose = [p for p in pictures if len(PurePosixPath(p).parts) < 2]
    if loose:
        raise DatasetError(f"{name}: {loose[0]!r} lies in no class folder")
    labels = np.array([PurePosixPath(p).parent.name for p in pictures])
    y, names = encode_labels(labels, "classification", f"{name}: the folders")
    shape = _common_shape(archive, pictures, size)
    if len(pictures) * np.prod(shape, dtype=np.int64) > MAX_UNPACKED:
        raise DatasetError(
            f"{name}: {len(pictures)} pictures of {shape} are more than "
            f"{MAX_UNPACKED // MEBI} MB; choose a smaller `image_size`"
        )
    x = np.empty((len(pictures), *shape), np.uint8)
    for row, path in enumerate(pictures):
        x[row] = _pixels(archive, path, shape)
    notes = []
    if len(pictures) < len(paths):
        notes.append(f"{len(paths) - len(pictures)} files are no pictures, left out")
    return Parsed(x, y, "image", "classification", names, notes=tuple(notes))


def _hidden(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return any(p.startswith(".") or p == "__MACOSX" for p in parts)


def _common_shape(
    archive: Archive, pictures: list[str], size: int | None
) -> tuple[int, int, int]:
    """Reads the pictures' headers; returns the shape that all of them will have."""
    sizes: set[tuple[int, int]] = set()
    grey, pixels = True, 0
    for path in pictures:
        with _opened(archive, path) as image:
            width, height = image.size
            grey = grey and image.mode in _GREY
        sizes.add((height, width))
        pixels += height * width
        if pixels > MAX_ALL_PIXELS:
            raise DatasetError(
                f"{archive.name}: the pictures have more than {MAX_ALL_PIXELS} pixels "
                "together"
            )
    height, width = next(iter(sizes))
    if size is not None:
        height = width = size
    elif len(sizes) > 1 or max(height, width) > DEFAULT_SIZE:
        height = width = DEFAULT_SIZE
    return height, width, 1 if grey else 3


def _pixels(archive: Archive, path: str, shape: tuple[int, int, int]) -> np.ndarray:
    from PIL import Image, ImageOps

    height, width, channels = shape
    with _opened(archive, path) as image:
        image.draft(None, (2 * width, 2 * height))
        upright = ImageOps.exif_transpose(image)
        plain = upright.convert("L" if channels == 1 else "RGB")
        if plain.size != (width, height):
            plain = plain.resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(plain).reshape(shape)


@contextmanager
def _opened(archive: Archive, path: str) -> Iterator["Image.Image"]:
    """Opens a picture of a known format and bounded size."""
    from PIL import Image

    where = f"{archive.name}: {path[:100]!r}"
    raw = archive.read(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are checked below
            image = Image.open(io.BytesIO(raw), formats=_FORMATS)
        with image:
            if image.width * image.height > MAX_PIXELS:
                raise DatasetError(
                    f"{where} has {image.width} x {image.height} pixels; at most "
                    f"{MAX_PIXELS} are allowed"
                )
            yield image
    except DatasetError:
        raise
    except Image.DecompressionBombError as error:
        raise DatasetError(f"{where} has too many pixels: {error}") from error
    except Exception as error:  # decoders raise whatever damaged bytes lead to
        raise DatasetError(f"{where} is no readable picture: {error}") from error
