"""How a module of this room offers its data sets to the registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.datasets.info import DatasetInfo

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """What a loader is asked for.

    Attributes:
        options: Every option of the data set, defaults filled in, all legal.
        train_size: Fraction of the samples meant for training.
        seed: Seed of generated data.
    """

    options: Options
    train_size: float = 0.8
    seed: int = 0


@dataclass(frozen=True)
class Raw:
    """Samples before cutting and disturbing.

    Attributes:
        x: (n, ...) float, tokens integer, images uint8 or float in [0, 1].
        y: (n,) class numbers, or (n, targets) float.
        x_test: Samples kept for testing where the data set has its own; else None.
        y_test: Their labels.
        notes: What a person should know, one line each.
    """

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray | None = None
    y_test: np.ndarray | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One data set: its description and its loader.

    Attributes:
        info: The description at default options.
        load: Reads or draws the samples.
        adapt: Changes the description to fit the options; None if it never changes.
    """

    info: DatasetInfo
    load: Callable[[Request], Raw]
    adapt: Callable[[DatasetInfo, Options], DatasetInfo] | None = None
