"""The data sets by name."""

from collections.abc import Mapping
from typing import Any

from dl_techniques.datasets import (
    benchmarks,
    captions,
    curve,
    recall,
    scenes,
    shapes,
    tabular,
    toys,
)
from dl_techniques.datasets.assemble import assemble
from dl_techniques.datasets.dataset import Dataset
from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.knobs import (
    Knobs,
    check_knobs,
    did_you_mean,
    fill_options,
)
from dl_techniques.datasets.shelf import Home, is_upload, upload_source
from dl_techniques.datasets.source import Request, Source

_MODULES = (tabular, toys, shapes, scenes, captions, recall, curve, benchmarks)
_SOURCES: dict[str, Source] = {s.info.name: s for m in _MODULES for s in m.SOURCES}


def dataset_infos() -> tuple[DatasetInfo, ...]:
    """Returns every built-in data set's description; reads no data."""
    return tuple(source.info for source in _SOURCES.values())


def dataset_info(name: str, home: Home = None, /, **options: Any) -> DatasetInfo:
    """Returns what `name` is under these options; reads no data.

    Raises:
        DatasetError: Unknown name or option, or an option's value out of range.
    """
    source = _find(name, home)
    return _describe(source, fill_options(name, source.info.options, options))


def load_dataset(
    name: str,
    *,
    options: Mapping[str, Any] | None = None,
    train_size: float = 0.8,
    max_samples: int | None = None,
    label_noise: float = 0.0,
    imbalance: float = 1.0,
    standardise: bool = True,
    seed: int = 0,
    home: Home = None,
) -> Dataset:
    """Loads or draws a data set, cuts it and disturbs its training labels.

    In this order: cap on the samples, stratified split, imbalance and label noise of
    the training set, standardisation by training statistics.

    Args:
        name: A name of `dataset_infos` or of an upload.
        options: The data set's own knobs.
        train_size: Fraction of the samples used for training, in (0, 1). Where the
            data set has its own test set, that supplies the test samples.
        max_samples: Cap on the samples before the split, at least 10.
        label_noise: Fraction of training labels replaced by another class, in [0, 1).
        imbalance: Rarest to commonest class in training, in (0, 1].
        standardise: Whether features (an image's channels) and regression targets
            get mean 0 and deviation 1; tokens and maps of targets stay as they are.
        seed: Seed of everything random here.
        home: Folder under which uploads lie; default as everywhere.

    Raises:
        DatasetError: One line that names what is wrong, what was received and what
            is allowed.
    """
    knobs = Knobs(train_size, max_samples, label_noise, imbalance, standardise, seed)
    source = _find(name, home)
    filled = fill_options(name, source.info.options, options)
    info = _describe(source, filled)
    check_knobs(info, knobs)
    raw = source.load(Request(filled, train_size, seed))
    return assemble(info, raw, knobs)


def _describe(source: Source, filled: Mapping[str, Any]) -> DatasetInfo:
    return source.adapt(source.info, filled) if source.adapt else source.info


def _find(name: str, home: Home) -> Source:
    if is_upload(name):
        return upload_source(name, home)
    source = _SOURCES.get(name) if isinstance(name, str) else None
    if source is None:
        raise DatasetError(
            f"There is no data set called {name!r}.{did_you_mean(name, _SOURCES)} "
            f"Known: {', '.join(_SOURCES)}"
        )
    return source
