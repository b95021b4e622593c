"""Data that a model can be trained on."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dl_techniques.datasets.info import DataKind, DatasetInfo, DataTask


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set, cut into training and test samples; every array is read-only.

    Attributes:
        info: Its description; also reachable as `dataset.kind` and so on.
        x_train: (n_train, *input_shape) float32, or int32 tokens.
        y_train: (n_train,) int32 classes with the label noise in them, or
            (n_train, n_outputs) float32 targets, or (n_train, *target_shape) maps; of
            pairs (n_train, n_outputs) int32 tokens.
        x_test: (n_test, *input_shape).
        y_test: (n_test,) or (n_test, n_outputs), never disturbed.
        clean_y_train: `y_train` before label noise.
        x_mean: What standardisation subtracted, broadcastable to a sample.
        x_scale: What it divided by.
        y_mean: (n_outputs,) what was subtracted from the targets; 0 for classes.
        y_scale: (n_outputs,) what they were divided by; 1 for classes.
        notes: What a person should know of these samples, one line each.
    """

    info: DatasetInfo
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    clean_y_train: np.ndarray
    x_mean: np.ndarray
    x_scale: np.ndarray
    y_mean: np.ndarray
    y_scale: np.ndarray
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.__post_init__()

    @property
    def name(self) -> str:
        """What a recipe writes."""
        return self.info.name

    @property
    def kind(self) -> DataKind:
        """What one sample is."""
        return self.info.kind

    @property
    def task(self) -> DataTask:
        """What is predicted."""
        return self.info.task

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return self.info.input_shape

    @property
    def num_classes(self) -> int | None:
        """Number of classes; None for regression."""
        return self.info.num_classes

    @property
    def n_outputs(self) -> int:
        """Classes, or targets of a regression."""
        return self.info.n_outputs

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name a class."""
        return self.info.class_names

    @property
    def inputs_train(self) -> Any:
        """What a model gets to train."""
        return self.inputs(self.x_train, self.y_train)

    @property
    def inputs_test(self) -> Any:
        """What it gets to be tested."""
        return self.inputs(self.x_test, self.y_test)

    def inputs(self, x: np.ndarray, y: np.ndarray) -> Any:
        """Returns what a model gets of samples: `x`, or {"image", "text"} of pairs."""
        return {"image": x, "text": y} if self.kind == "pairs" else x

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """Plotting bounds (x low, x high, y low, y high) of 2-D points, else None."""
        if self.info.input_shape != (2,):
            return None
        points = np.concatenate([self.x_train, self.x_test])
        low, high = points.min(axis=0), points.max(axis=0)
        pad = np.maximum(0.1 * (high - low), 0.1)
        (x0, y0), (x1, y1) = (low - pad).tolist(), (high + pad).tolist()
        return x0, x1, y0, y1
