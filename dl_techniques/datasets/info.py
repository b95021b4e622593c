"""What is known of a data set before any of it is read."""

from dataclasses import dataclass
from typing import Literal

from dl_techniques.utils.arguments import Argument

DataKind = Literal["vector", "image", "sequence", "tokens"]
DataTask = Literal["classification", "regression"]


@dataclass(frozen=True)
class DatasetInfo:
    """Describes a data set.

    Attributes:
        name: What a recipe writes.
        title: What a person reads.
        kind: What one sample is: "vector" (features,), "image" (height, width,
            channels), "sequence" (time, features) or "tokens" (time,) integers.
        task: What is predicted.
        input_shape: Shape of one sample.
        num_classes: Number of classes; None for regression.
        n_outputs: Classes, or targets of a regression.
        class_names: One name a class, in the order of the labels.
        n_samples: Samples before the split.
        source: Where the data come from.
        licence: Under which terms.
        summary: One line for a newcomer.
        options: The data set's own knobs.
        feature_names: Names of the entries of a vector, where they have some.
        vocabulary: Number of distinct tokens; None when samples are not tokens.
        needs_download: Whether the first use fetches files.
        generated: Whether the samples are drawn afresh from the seed.
    """

    name: str
    title: str
    kind: DataKind
    task: DataTask
    input_shape: tuple[int, ...]
    num_classes: int | None
    n_outputs: int
    class_names: tuple[str, ...]
    n_samples: int
    source: str
    licence: str
    summary: str = ""
    options: tuple[Argument, ...] = ()
    feature_names: tuple[str, ...] = ()
    vocabulary: int | None = None
    needs_download: bool = False
    generated: bool = False
