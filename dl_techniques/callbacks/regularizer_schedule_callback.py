"""Changes the strength of regularizers from epoch to epoch."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras

from dl_techniques.callbacks.retrace import retrace
from dl_techniques.utils.validation import check


class RegularizerScheduleCallback(keras.callbacks.Callback):
    """Sets the `strength` of schedulable regularizers at the start of each epoch.

        strength = schedule(epoch),  or initial strength * schedule(epoch)

    Args:
        target: A regularizer made with `schedulable=True`, a layer or model whose
            weights have such regularizers, a list of these, or None for the model
            being trained.
        schedule: From the epoch, counted from 0, to a strength of at least 0, for
            example `cosine_relaxation(0.1, 50)`.
        relative: Whether the schedule gives factors of each regularizer's initial
            strength.
        only: Class of the regularizers that are changed; None changes all.

    Raises:
        ValueError: If nothing schedulable is found; when the schedule gives a negative
            strength.
    """

    def __init__(
        self,
        target: Any,
        schedule: Callable[[int], float],
        relative: bool = False,
        only: type | None = None,
    ) -> None:
        super().__init__()
        if isinstance(schedule, RegularizerScheduleCallback):  # `srip_schedule()`
            given = vars(schedule)
            relative, only = given["relative"], given["only"]
            schedule = given["schedule"]
        check(callable(schedule), "schedule", "a function of the epoch", schedule)
        self.target = target
        self.schedule = schedule
        self.relative = relative
        self.only = only
        if target is not None and not _unbuilt(target):
            self._found()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        value = float(self.schedule(epoch))
        check(value >= 0, "schedule", "a function that gives 0 or more", value)
        changed = False
        for regularizer in self._found():
            start = regularizer.initial_strength if self.relative else 1.0
            strength = start * value
            old = float(keras.ops.convert_to_numpy(regularizer.strength))
            if abs(old - strength) > 1e-7 * abs(strength):
                regularizer.strength.assign(strength)
                changed = True
        if changed:
            retrace(self.model)

    def _found(self) -> list[Any]:
        target = self.model if self.target is None else self.target
        seen: dict[int, Any] = {}
        for regularizer in _regularizers(target):
            if self.only is None or isinstance(regularizer, self.only):
                seen[id(regularizer)] = regularizer
        rule = "hold a regularizer made with schedulable=True"
        if not seen:
            raise ValueError(f"`target` must {rule}. Received: target={target!r}")
        return list(seen.values())


def _unbuilt(target: Any) -> bool:
    return isinstance(target, keras.layers.Layer) and not target.built


def _regularizers(target: Any) -> Iterator[Any]:
    """Yields the schedulable regularizers below `target`."""
    if isinstance(target, list | tuple):
        yield from _many(target)
    elif isinstance(target, keras.layers.Layer):
        yield from _many(getattr(v, "regularizer", None) for v in target.variables)
    elif hasattr(target, "parts"):  # a sum
        yield from _many(target.parts())
    elif isinstance(getattr(target, "strength", None), keras.Variable):
        yield target


def _many(targets: Iterable[Any]) -> Iterator[Any]:
    for target in targets:
        yield from _regularizers(target)
