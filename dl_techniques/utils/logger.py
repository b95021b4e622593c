"""Structured logging: events with fields, as text or as one JSON object a line.

Importing the library adds only a `NullHandler`; the host program's logging stays as it
is until `configure_logging` is called.
"""

import importlib
import logging
import logging.handlers
import sys
from pathlib import Path
from typing import Any

from dl_techniques.utils._log_format import JsonFormatter, TextFormatter
from dl_techniques.utils._log_scope import (
    NAME,
    Event,
    EventSink,
    FieldsFilter,
    current_fields,
    emit,
    run_context,
    timed,
)
from dl_techniques.utils.validation import check

__all__ = [
    "Event",
    "EventSink",
    "configure_logging",
    "current_fields",
    "get_logger",
    "log_event",
    "logger",
    "run_context",
    "timed",
]
_BYTES, _BACKUPS = 10 * 1024**2, 4  # five files of 10 MB
_OURS = "dl_techniques"  # name of the handlers that configure_logging made

logger = logging.getLogger(NAME)
if not any(isinstance(h, logging.NullHandler) for h in logger.handlers):
    logger.addHandler(logging.NullHandler())


def get_logger(name: str) -> logging.Logger:
    """Returns the logger of that name below the library's."""
    inside = name == NAME or name.startswith(f"{NAME}.")
    return logging.getLogger(name if inside else f"{NAME}.{name}")


def log_event(event: str, *, level: int | str = logging.INFO, **fields: Any) -> None:
    """Logs an event with fields; values of any kind are converted, nothing raises."""
    number = logging.getLevelName(level.upper()) if isinstance(level, str) else level
    emit(logger, number if isinstance(number, int) else logging.INFO, event, fields)


def configure_logging(
    level: int | str = "INFO",
    *,
    json: bool = False,
    path: str | Path | None = None,
    rich_tracebacks: bool = False,
    force: bool = False,
) -> logging.Logger:
    """Sends the library's records to stderr, and to a file when asked for.

    Called again it replaces what it made before; handlers of others are kept unless
    `force` is true. The root logger is left alone.

    Args:
        level: Lowest level that is shown.
        json: Whether a line is a JSON object: ts, level, logger, msg, fields, exc.
        path: A file beside the console: five files of 10 MB in turn.
        rich_tracebacks: Whether text tracebacks show local variables.
        force: Whether other handlers of the library's logger are removed.

    Raises:
        ValueError: If `level` is not a level.
    """
    number = logging.getLevelName(level.upper()) if isinstance(level, str) else level
    check(isinstance(number, int), "level", "the name of a logging level", level)
    for handler in list(logger.handlers):
        ours = handler.get_name() == _OURS
        if ours or (force and not isinstance(handler, logging.NullHandler)):
            logger.removeHandler(handler)
            handler.close()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        rotating = logging.handlers.RotatingFileHandler
        handlers.append(rotating(path, "a", _BYTES, _BACKUPS, "utf-8", delay=True))
    for handler in handlers:
        handler.set_name(_OURS)
        handler.addFilter(FieldsFilter())
        text = TextFormatter(rich=rich_tracebacks)
        handler.setFormatter(JsonFormatter() if json else text)
        logger.addHandler(handler)
    logger.setLevel(number)
    logger.propagate = False
    return logger


def __getattr__(name: str) -> Any:
    if name == "StructuredLogCallback":  # needs Keras, which nothing else here does
        module = importlib.import_module("dl_techniques.utils.structured_log_callback")
        return module.StructuredLogCallback
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
