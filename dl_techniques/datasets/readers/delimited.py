"""Tables from CSV text."""

import csv
import io
import warnings

import pandas as pd

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.readers.limits import MAX_LINE
from dl_techniques.datasets.readers.parsed import Parsed, TaskChoice
from dl_techniques.datasets.readers.table import check_size, parse_table

_SEPARATORS = ",;\t|"


def read_csv(data: bytes, name: str, label: str | None, task: TaskChoice) -> Parsed:
    """Reads text whose first line names the columns; the separator is found."""
    text = _text(data, name).replace("\r\n", "\n").replace("\r", "\n")
    first = text[:MAX_LINE].split("\n", 1)[0].strip()
    if len(first) >= MAX_LINE - 2:
        raise DatasetError(f"{name} has a first line of more than {MAX_LINE} letters")
    separator = max(_SEPARATORS, key=first.count)
    heads = _cells(first, separator, name)
    check_size(name, max(text.count("\n"), 1), len(heads))
    if all(_is_number(h) for h in heads):
        raise DatasetError(
            f"{name}: the first line must name the columns. Received: {first[:60]!r}"
        )
    if len(set(heads)) < len(heads):
        twice = next(h for h in heads if heads.count(h) > 1)
        raise DatasetError(f"{name} has two columns called {twice!r}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                sep=separator,
                skipinitialspace=True,
                index_col=False,
                low_memory=False,
            )
    except (ValueError, pd.errors.ParserWarning, OverflowError) as error:
        raise DatasetError(f"{name} is no readable CSV: {error}") from error
    return parse_table(frame, name, label, task)


def _text(data: bytes, name: str) -> str:
    if not data.strip():
        raise DatasetError(f"{name} is empty")
    if b"\0" in data:
        raise DatasetError(f"{name} is called CSV but holds binary data")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _cells(line: str, separator: str, name: str) -> list[str]:
    try:
        rows = csv.reader([line], delimiter=separator, skipinitialspace=True)
        return [cell.strip() for cell in next(rows)]
    except (csv.Error, StopIteration) as error:
        raise DatasetError(f"{name} has an unreadable first line: {error}") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
