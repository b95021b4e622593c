"""Loads a public checkpoint into a model."""

import dataclasses
import logging
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dl_techniques.pretrained.checkpoints import Checkpoint, checkpoint, of_hub_id
from dl_techniques.pretrained.configs import config_beside
from dl_techniques.pretrained.errors import WeightMappingError
from dl_techniques.pretrained.hashing import check_hash
from dl_techniques.pretrained.hub import Address, address_of, resolve_file
from dl_techniques.pretrained.match import Pair, match
from dl_techniques.pretrained.reader import LazyTensor, read_tensors
from dl_techniques.pretrained.report import LoadReport
from dl_techniques.pretrained.rules import Table, table_of
from dl_techniques.pretrained.transforms import TRANSFORMS

_LOG = logging.getLogger("dl_techniques.pretrained")
_ONE_AT_A_TIME = threading.Lock()
_TOLD: set[str] = set()


def load_pretrained(
    model: Any,
    source: str | Path,
    *,
    strict: bool = True,
    skip: Collection[str] | None = None,
    revision: str | None = None,
    sha256: str | None = None,
    dtype: Any = None,
    verbose: int = 1,
) -> LoadReport:
    """Fills the model's variables from a checkpoint, all of them or none.

    Args:
        model: A model of a family that `rules.table_of` knows.
        source: A tag ("imagenet"), "hf://org/name[@revision][/file]" or a local path.
        strict: Whether anything missing, unexpected or misshapen raises; else what
            fits is loaded.
        skip: Layers that keep their values; None skips the classifier's tensors where
            the model has none.
        revision: Branch, tag or commit on the hub.
        sha256: Hash that the file must have.
        dtype: Type of the numbers in between; None is float32. Variables keep theirs.
        verbose: 0 logs nothing.

    Raises:
        WeightMappingError: If the file does not fit; no variable was changed.
        WeightsUnavailableError: If the file cannot be had.
    """
    start = time.perf_counter()
    known, where = _located(model, source, revision)
    path = resolve_file(where, revision=revision)
    digest = check_hash(path, sha256 or (known.sha256 if known else None))
    try:
        tensors = read_tensors(path)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is damaged: {error!r}") from None
    variables = {v.path: v for v in model.weights}
    table = table_of(type(model).__name__)
    tensors = {table.usual_name(n): t for n, t in tensors.items()}
    advice = table.advice(tensors) or _config_problem(model, table, path, where)
    if advice:
        raise WeightMappingError(f"{path.name} does not fit {model.name}: {advice}")
    headless = not getattr(model, "has_top", True)
    pairs, report = match(
        {p: tuple(v.shape) for p, v in variables.items()},
        {n: t.shape for n, t in tensors.items()},
        table,
        skip=tuple(skip or ()),
        headless=headless,
    )
    if strict and not report.fits:
        raise WeightMappingError(
            f"{path.name} does not fit {model.name}; nothing was loaded.\n"
            f"{report.problems()}"
        )
    wrong = {m[2] for m in report.shape_mismatch}
    pairs = tuple(p for p in pairs if p.variable not in wrong)
    with _ONE_AT_A_TIME:
        _assign(pairs, variables, tensors, dtype)
    licence = known.licence if known else None
    report = dataclasses.replace(
        report,
        loaded=len(pairs),
        parameters=sum(int(np.prod(variables[p.variable].shape)) for p in pairs),
        path=path,
        source=str(source),
        revision=revision,
        sha256=digest,
        licence=licence,
        seconds=time.perf_counter() - start,
    )
    if verbose:
        _tell(known, path, report)
    return report


def _config_problem(model: Any, table: Table, path: Path, where: Any) -> str | None:
    if table.config_problem is None:
        return None
    config = config_beside(path, where)
    return None if config is None else table.config_problem(model, config)


def _located(
    model: Any, source: str | Path, revision: str | None
) -> tuple[Checkpoint | None, str | Path | Address]:
    """Returns what is known of the source, and where its file is."""
    text = str(source)
    if isinstance(source, Path) or Path(text).expanduser().exists():
        return None, source
    if text.startswith("hf://"):
        address = address_of(text)
        known = of_hub_id(address.repo)
        given = address_of(text, file=known.file)
    elif "/" in text or "." in text:
        return None, text
    else:
        variant = getattr(model, "variant", None)
        known = checkpoint(type(model).__name__, variant, text)
        given = Address(known.hub_id, known.file)
    revision = revision or given.revision
    return known, Address(given.repo, given.file, revision, known.megabytes)


def _assign(
    pairs: tuple[Pair, ...],
    variables: Mapping[str, Any],
    tensors: Mapping[str, LazyTensor],
    dtype: Any,
) -> None:
    for pair in pairs:
        variable = variables[pair.variable]
        values = tensors[pair.tensor].read()
        values = TRANSFORMS[pair.transform](values, tuple(variable.shape))
        kind = np.dtype(dtype or "float32")
        variable.assign(np.asarray(values, dtype=kind, order="C"))


def _tell(known: Checkpoint | None, path: Path, report: LoadReport) -> None:
    name = known.hub_id if known else path.name
    size = path.stat().st_size / 1e6
    licence = report.licence or "licence unknown"
    closed = "-NC-" in licence.upper()
    level = logging.WARNING if closed else logging.INFO
    note = " (non-commercial use only)" if closed else ""
    if name not in _TOLD:
        _TOLD.add(name)
        _LOG.log(level, "%s: %s%s, %.1f MB", name, licence, note, size)
    if report.skipped:
        _LOG.info("%s: left out %s", name, ", ".join(report.skipped))
