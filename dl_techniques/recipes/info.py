"""What recipes ask of a data set's description."""

from typing import Any, Protocol


class Info(Protocol):
    """What is asked of a data set; `datasets.DatasetInfo` has it."""

    @property
    def kind(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def input_shape(self) -> tuple[int, ...]: ...
    @property
    def num_classes(self) -> int | None: ...
    @property
    def n_outputs(self) -> int: ...


def target_map(info: Any) -> tuple[int, ...] | None:
    """Returns (height, width, targets) where every place has a target, else None."""
    shape = getattr(info, "target_shape", None)
    return None if shape is None else tuple(shape)
