"""What recipes ask of a data set's description."""

from typing import Protocol


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
