"""Associative recall: a sequence task that needs attention."""

from dataclasses import replace

import numpy as np

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument


def sequences(
    y: np.ndarray, pairs: int, keys: int, values: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns (n, 2 pairs + 1) tokens: key, value, key, value, ..., asked key.

    Keys are 1 ... keys and differ within a sequence; values are keys + 1 ... keys +
    values and may recur; 0 is left for masks. The asked key's value is y.
    """
    n = len(y)
    key = rng.permuted(np.tile(np.arange(keys), (n, 1)), axis=1)[:, :pairs]
    value = rng.integers(0, values, (n, pairs))
    asked = rng.integers(0, pairs, n)
    row = np.arange(n)
    value[row, asked] = y
    x = np.empty((n, 2 * pairs + 1), np.int32)
    x[:, 0:-1:2] = 1 + key
    x[:, 1:-1:2] = 1 + keys + value
    x[:, -1] = 1 + key[row, asked]
    return x


def _load(request: Request) -> Raw:
    options = request.options
    rng = np.random.default_rng([request.seed, 1])
    y = rng.permutation(np.arange(options["n"]) % options["values"])
    x = sequences(y, options["pairs"], options["keys"], options["values"], rng)
    return Raw(x, y)


def _adapt(info: DatasetInfo, options: Options) -> DatasetInfo:
    pairs, keys, values = options["pairs"], options["keys"], options["values"]
    if pairs > keys:
        raise DatasetError(
            f"`pairs` must be at most keys={keys}, since a key occurs once. "
            f"Received: pairs={pairs}"
        )
    return replace(
        info,
        input_shape=(2 * pairs + 1,),
        num_classes=values,
        n_outputs=values,
        class_names=tuple(f"v{i}" for i in range(values)),
        n_samples=options["n"],
        vocabulary=1 + keys + values,
    )


def _count(name: str, default: int, low: int, high: int, text: str) -> Argument:
    return Argument(
        name,
        "int",
        default,
        low=low,
        high=high,
        ui_low=low,
        ui_high=min(high, 4 * default),
        help=text,
    )


_OPTIONS = (
    Argument(
        "n",
        "int",
        4000,
        low=100,
        high=100_000,
        ui_low=500,
        ui_high=20_000,
        log=True,
        help="Number of sequences.",
    ),
    _count("pairs", 4, 1, 64, "Key and value pairs before the question."),
    _count("keys", 8, 1, 256, "Different keys, at least as many as pairs."),
    _count("values", 4, 2, 32, "Different values: the classes."),
)
_INFO = DatasetInfo(
    name="recall",
    title="Associative recall",
    kind="tokens",
    task="classification",
    input_shape=(9,),
    num_classes=4,
    n_outputs=4,
    class_names=("v0", "v1", "v2", "v3"),
    n_samples=4000,
    source="generated, after Ba, Hinton et al. (2016), arXiv:1610.06258, section 4.1",
    licence="free to use",
    summary="Which value stood after this key? Only looking it up helps.",
    options=_OPTIONS,
    vocabulary=13,
    generated=True,
)
SOURCES = (Source(_INFO, _load, _adapt),)
