"""Where log records come from and go to: runs, timings and the app's panel."""

import contextlib
import contextvars
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from dl_techniques.utils._log_format import fields_of, plain
from dl_techniques.utils.validation import check_int

NAME = "dl_techniques"
_FIELDS: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar(
    "dl_techniques_log_fields", default=MappingProxyType({})
)


def current_fields() -> dict[str, Any]:
    """Returns the fields of the `run_context`s that are open here."""
    return dict(_FIELDS.get())


class FieldsFilter(logging.Filter):
    """Gives every record the fields of the run it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        own = getattr(record, "fields", None) or {}
        if not getattr(record, "in_context", False):
            record.fields = {**_FIELDS.get(), **own}
            record.in_context = True
        return True


@contextlib.contextmanager
def run_context(run_id: str, **fields: Any) -> Iterator[None]:
    """Gives all records inside `run_id` and the fields.

    A thread sees them when it runs in a copy of the context
    (`contextvars.copy_context().run`).
    """
    token = _FIELDS.set({**_FIELDS.get(), "run_id": run_id, **fields})
    try:
        yield
    finally:
        _FIELDS.reset(token)


class timed(contextlib.ContextDecorator):  # noqa: N801  # reads as a word in `with`
    """Logs how long a block or a function took and whether it failed.

    Args:
        name: Of the event.
        fields: Logged with it.
    """

    def __init__(self, name: str, **fields: Any) -> None:
        self.name, self.fields = name, fields
        self._starts = threading.local()

    def __enter__(self) -> "timed":
        self._stack().append(time.perf_counter())
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        duration = time.perf_counter() - self._stack().pop()
        found = {**self.fields, "duration_s": round(duration, 6)}
        found["status"] = "ok" if kind is None else "failed"
        if kind is not None:
            found["error"] = kind.__name__
        level = logging.INFO if kind is None else logging.ERROR
        emit(logging.getLogger(NAME), level, self.name, found)

    def _stack(self) -> list[float]:
        if not hasattr(self._starts, "stack"):
            self._starts.stack = []
        found: list[float] = self._starts.stack
        return found


def emit(
    logger: logging.Logger, level: int, event: str, fields: Mapping[str, Any]
) -> None:
    """Logs an event; it never raises."""
    with contextlib.suppress(Exception):
        if logger.isEnabledFor(level):
            known = {str(k): plain(v) for k, v in fields.items()}
            both = {**{k: plain(v) for k, v in _FIELDS.get().items()}, **known}
            extra = {"fields": both, "in_context": True}
            logger.log(level, event, extra=extra, stacklevel=3)


@dataclass(frozen=True, slots=True)
class Event:
    """One record as the app's panel shows it.

    Attributes:
        id: Ascending.
        time: Seconds since 1970.
        level: "INFO", ...
        logger: Name of the logger.
        message: The event.
        fields: JSON-ready.
    """

    id: int
    time: float
    level: str
    logger: str
    message: str
    fields: dict[str, Any]


class EventSink(logging.Handler):
    """Keeps the last events in memory, for any number of readers.

    Args:
        size: How many.
    """

    def __init__(self, size: int = 1000) -> None:
        check_int("size", size)
        super().__init__()
        self.addFilter(FieldsFilter())
        self._events: deque[Event] = deque(maxlen=size)
        self._last = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record; called under the handler's lock."""
        self._last += 1
        event = Event(
            self._last,
            record.created,
            record.levelname,
            record.name,
            record.getMessage(),
            plain(fields_of(record)),
        )
        self._events.append(event)

    def since(self, event_id: int = 0) -> tuple[Event, ...]:
        """Returns the events after that id that are still kept, oldest first."""
        self.acquire()
        try:
            return tuple(e for e in self._events if e.id > event_id)
        finally:
            self.release()
