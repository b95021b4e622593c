"""A recipe as a short text for an address: `?m=`."""

import base64
import binascii
import json
import zlib

from dl_techniques.recipes.identity import essence
from dl_techniques.recipes.io import from_data
from dl_techniques.recipes.problem import Problem, RecipeError
from dl_techniques.recipes.schema import Recipe

MAX_LINK = 16_384  # characters
MAX_BYTES = 262_144  # unpacked


def to_link(recipe: Recipe) -> str:
    """Returns base64url of the compressed recipe; the seed is always in it."""
    data = essence(recipe) | {"name": recipe.name}
    data.setdefault("training", {})["seed"] = recipe.training.seed
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    packed = zlib.compress(text.encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_link(link: str) -> Recipe:
    """Reads what `to_link` wrote.

    Raises:
        RecipeError: The link is cut off, too long, unpacks to more than 256 KiB or
            holds no valid recipe.
    """
    if len(link) > MAX_LINK:
        raise _error(f"has {len(link):,} characters; at most {MAX_LINK:,}")
    try:
        padded = link + "=" * (-len(link) % 4)
        packed = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, MAX_BYTES)
    except (binascii.Error, UnicodeEncodeError, zlib.error):
        raise _error("is damaged") from None
    if unpacker.unconsumed_tail:
        raise _error(f"unpacks to more than {MAX_BYTES:,} bytes")
    if not unpacker.eof:
        raise _error("is cut off")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise _error("is damaged") from None
    return from_data(data)[0]


def _error(what: str) -> RecipeError:
    return RecipeError([Problem("", f"the link {what}")])
