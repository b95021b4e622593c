"""Log records as text or as one JSON object a line."""

import json
import logging
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_LONGEST = 200  # characters of a value that has no JSON form
_HOME = str(Path.home())


def plain(value: Any, depth: int = 4) -> Any:
    """Returns a JSON-ready form of any value; it never raises.

    NaN and inf become null, NumPy scalars Python's, paths and dtypes text, the home
    directory "~", and everything else the start of its `repr`.
    """
    try:
        return _plain(value, depth)
    except Exception:  # noqa: BLE001  # a broken object must not break the program
        return f"<unprintable {type(value).__name__}>"


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int):
        return value if isinstance(value, bool) or value is None else int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, str):
        return shortened(value)
    if isinstance(value, Path):
        return shortened(str(value))
    if isinstance(value, dict) and depth:
        return {str(k): plain(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [plain(v, depth - 1) for v in value]
    kind = type(value).__module__.split(".")[0]
    if (
        kind == "numpy"
        and getattr(value, "shape", None) == ()
        and hasattr(value, "item")
    ):
        return _plain(value.item(), depth)
    if hasattr(value, "itemsize") and hasattr(value, "name"):  # a NumPy dtype
        return str(value)
    return shortened(repr(value))[:_LONGEST]


def shortened(text: str) -> str:
    """Writes the home directory as "~"."""
    return text.replace(_HOME, "~") if len(_HOME) > 1 else text


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """Returns the fields of a record, those of its run first."""
    return dict(getattr(record, "fields", {}))


class JsonFormatter(logging.Formatter):
    """Writes ts, level, logger, msg, fields and exc as strict JSON."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "msg": shortened(record.getMessage()),
            "fields": plain(fields_of(record)),
            "exc": _trace(self, record),
        }
        return json.dumps(line, allow_nan=False, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """Writes time, level, logger, message and fields as `name=value`."""

    def __init__(self, *, rich: bool = False) -> None:
        super().__init__()
        self.rich = rich

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        fields = plain(fields_of(record))
        parts = [
            f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}",
            f"{record.levelname:7}",
            record.name,
            shortened(record.getMessage()),
            *(f"{k}={_word(v)}" for k, v in fields.items()),
        ]
        trace = _trace(self, record, with_locals=self.rich)
        return " ".join(parts) + (f"\n{trace}" if trace else "")


def _word(value: Any) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value)


def _trace(
    formatter: logging.Formatter,
    record: logging.LogRecord,
    *,
    with_locals: bool = False,
) -> str | None:
    if not record.exc_info or record.exc_info[1] is None:
        return None
    if with_locals:
        import traceback

        error = record.exc_info[1]
        found = traceback.TracebackException.from_exception(error, capture_locals=True)
        return shortened("".join(found.format()).rstrip())
    return shortened(formatter.formatException(record.exc_info))
