"""How alike images and texts are, as a thin record."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
MOST = 16


def pair_similarity(
    likeness: Array,
    ids: Array,
    words: Sequence[str] = (),
    *,
    unit: str = "cosine",
    most: int = MOST,
) -> dict[str, Any]:
    """Returns the likeness of a few pairs and how often all of them are found.

        rank of an image = 1 + captions that are more like it than its own

    Args:
        likeness: (n, n), rows are images and columns captions, pairs on the diagonal.
        ids: (n, time) tokens of the captions; 0 is padding.
        words: The word of each token.
        unit: What `likeness` is.
        most: Pairs shown, the first ones with different captions.
    """
    likeness = np.asarray(likeness, np.float64)
    own = np.diag(likeness)
    ranks = 1 + (likeness > own[:, None]).sum(1)
    back = 1 + (likeness > own[None, :]).sum(0)
    first = np.unique(ids, axis=0, return_index=True)[1]
    rows = np.sort(first)[:most]
    return {
        "type": "PairSimilarity",
        "likeness": np.round(likeness[np.ix_(rows, rows)], 3),
        "unit": unit,
        "captions": [caption(ids[i], words) for i in rows],
        "ranks": ranks[rows],
        "n": len(own),
        "image_to_text": float((ranks == 1).mean()),
        "text_to_image": float((back == 1).mean()),
    }


def caption(ids: Array, words: Sequence[str] = ()) -> str:
    """Returns tokens as a text, padding left out."""
    kept = [int(i) for i in ids if i]
    known = len(words) > max(kept, default=0)
    return " ".join(words[i] if known else str(i) for i in kept)
