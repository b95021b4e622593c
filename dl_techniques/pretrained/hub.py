"""Finds a public file on this machine, or fetches it."""

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

from dl_techniques.pretrained.errors import WeightsUnavailableError

_ADDRESS = re.compile(
    r"(?:hf://)?(?P<repo>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w.-]+))?"
    r"(?:/(?P<file>[\w./-]+))?"
)


@dataclass(frozen=True)
class Address:
    """Where a file lies on the hub.

    Attributes:
        repo: "organisation/name".
        file: Name of the file.
        revision: Branch, tag or commit; None is the main branch.
        megabytes: Size for the error message, where known.
    """

    repo: str
    file: str = "model.safetensors"
    revision: str | None = None
    megabytes: float | None = None


def address_of(source: str, *, file: str = "model.safetensors") -> Address:
    """Reads "hf://org/name[@revision][/file]".

    Raises:
        ValueError: If it is none.
    """
    found = _ADDRESS.fullmatch(source)
    if not found:
        raise ValueError(
            f"`weights` must be hf://organisation/name. Received: weights={source!r}"
        )
    parts = found.groupdict()
    return Address(parts["repo"], parts["file"] or file, parts["revision"])


def resolve_file(
    source: str | Path | Address,
    *,
    revision: str | None = None,
    cache_dir: str | Path | None = None,
    local_only: bool | None = None,
) -> Path:
    """Returns a local path: given, in `DL_TECHNIQUES_WEIGHTS`, cached or fetched.

    Args:
        source: A path, "hf://org/name[@revision][/file]" or an address.
        revision: Branch, tag or commit; goes before the address' own.
        cache_dir: The hub's cache; None is where the hub's library keeps it.
        local_only: Never opens a socket; None asks the environment
            (`HF_HUB_OFFLINE`, `DL_TECHNIQUES_OFFLINE`).

    Raises:
        WeightsUnavailableError: If the file is not here and cannot be fetched; the
            message says how to get it.
        ImportError: If it must be fetched and the extra is missing.
    """
    if isinstance(source, Address):
        address = source
    else:
        path = Path(source).expanduser()
        if path.exists() or not str(source).startswith("hf://"):
            return _local(path)
        address = address_of(str(source))
    revision = revision or address.revision
    folder = os.environ.get("DL_TECHNIQUES_WEIGHTS")
    if folder:
        own = Path(folder) / address.repo.replace("/", "--") / address.file
        if own.exists():
            return own
    cache = Path(cache_dir) if cache_dir else _cache()
    cached = _cached(cache, address, revision)
    if cached:
        return cached
    if local_only is None:
        flags = ("HF_HUB_OFFLINE", "DL_TECHNIQUES_OFFLINE")
        local_only = any(os.environ.get(f, "0") not in ("", "0") for f in flags)
    if local_only:
        raise _unavailable(address, cache, "downloads are switched off")
    return _fetched(address, revision, cache)


def _local(path: Path) -> Path:
    if path.is_dir():
        for name in ("model.safetensors", "model.safetensors.index.json"):
            if (path / name).exists():
                return path / name
        raise WeightsUnavailableError(f"{path} holds no model.safetensors")
    if not path.exists():
        raise WeightsUnavailableError(
            f"There is no file {path}. Pass a path that exists, a tag, an hf:// "
            "address, or weights=None."
        )
    return path


def _cache() -> Path:
    """The folder of the hub's library, by its own variables."""
    home = os.environ.get("HF_HOME")
    base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    default = Path(home or f"{base}/huggingface") / "hub"
    return Path(os.environ.get("HF_HUB_CACHE", default)).expanduser()


def _cached(cache: Path, address: Address, revision: str | None) -> Path | None:
    folder = cache / f"models--{address.repo.replace('/', '--')}"
    commit = revision or "main"
    reference = folder / "refs" / commit
    if reference.is_file():
        commit = reference.read_text(encoding="utf-8").strip()
    path = folder / "snapshots" / commit / address.file
    return path if path.exists() else None


def _fetched(address: Address, revision: str | None, cache: Path) -> Path:
    if importlib.util.find_spec("huggingface_hub") is None:
        raise ImportError(
            f"{address.repo} is not in the local cache ({cache}); fetching it needs "
            "`pip install dl_techniques[pretrained]`."
        )
    from huggingface_hub import hf_hub_download

    try:
        found = hf_hub_download(
            address.repo,
            address.file,
            revision=revision,
            cache_dir=cache,
            etag_timeout=5,
        )
    # The hub's library raises its own, the HTTP client's and the system's errors.
    except Exception as error:
        raise _unavailable(address, cache, _cause(error)) from error
    return Path(found)


def _cause(error: Exception) -> str:
    kind = type(error).__name__
    sentences = {
        "GatedRepoError": "its owner asks for a login (`hf auth login`)",
        "RepositoryNotFoundError": "the hub has no such repository",
        "RevisionNotFoundError": "the repository has no such revision",
        "EntryNotFoundError": "the repository has no such file",
        "RemoteEntryNotFoundError": "the repository has no such file",
    }
    return sentences.get(kind, f"the hub could not be reached ({kind})")


def _unavailable(address: Address, cache: Path, cause: str) -> WeightsUnavailableError:
    size = f" ({address.megabytes:g} MB)" if address.megabytes else ""
    return WeightsUnavailableError(
        f"{address.repo}: {address.file}{size} is not in the local cache ({cache}) and "
        f"{cause}. Download it on a connected machine with "
        f"`hf download {address.repo} {address.file}` and copy it, or pass a local "
        "path, or use weights=None."
    )
