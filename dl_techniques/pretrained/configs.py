"""The config.json that lies beside a file of weights."""

import json
from pathlib import Path
from typing import Any

from dl_techniques.pretrained.errors import WeightsUnavailableError
from dl_techniques.pretrained.hub import Address, resolve_file


def config_beside(path: Path, where: Any) -> dict[str, Any] | None:
    """Returns the config of a checkpoint, None where there is none to be had.

    Args:
        path: The file of weights.
        where: What it was found by; an `Address` may have its config fetched.
    """
    found = path.parent / "config.json"
    if not found.is_file() and isinstance(where, Address):
        address = Address(where.repo, "config.json", where.revision)
        try:
            found = resolve_file(address)
        except (WeightsUnavailableError, ImportError):
            return None
    if not found.is_file():
        return None
    try:
        content = json.loads(found.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{found.name} beside {path.name} is damaged") from error
    return content if isinstance(content, dict) else None
