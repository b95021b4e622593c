"""What is known of a data set before any of it is read."""

from dataclasses import dataclass
from typing import Literal

from dl_techniques.utils.arguments import Argument

DataKind = Literal["vector", "image", "sequence", "tokens", "pairs"]
DataTask = Literal["classification", "regression", "matching"]


@dataclass(frozen=True)
class DatasetInfo:
    """Describes a data set.

    Attributes:
        name: What a recipe writes.
        title: What a person reads.
        kind: What one sample is: "vector" (features,), "image" (height, width,
            channels), "sequence" (time, features), "tokens" (time,) integers or
            "pairs", an image with its caption.
        task: What is predicted: a class, numbers, or "matching", which caption
            belongs to which image.
        input_shape: Shape of one sample, of its image for pairs.
        num_classes: Number of classes; None without classes.
        n_outputs: Classes, targets of a regression, or tokens of a caption.
        class_names: One name a class, in the order of the labels.
        n_samples: Samples before the split.
        source: Where the data come from.
        licence: Under which terms.
        summary: One line for a newcomer.
        options: The data set's own knobs.
        feature_names: Names of the entries of a vector, where they have some.
        vocabulary: Number of distinct tokens; None without tokens.
        words: The word of each token; empty where they have none.
        needs_download: Whether the first use fetches files.
        generated: Whether the samples are drawn afresh from the seed.
        target_shape: (height, width, targets) where every place of a sample has a
            target of its own; such maps keep their unit. Else None.
        target_name: What a map gives at each place.
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
    words: tuple[str, ...] = ()
    needs_download: bool = False
    generated: bool = False
    target_shape: tuple[int, ...] | None = None
    target_name: str = ""
