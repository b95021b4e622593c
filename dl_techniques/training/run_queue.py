"""Which runs wait and which train, as files that every server on a home shares."""

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dl_techniques.utils.files import locked, write_atomic


@dataclass(frozen=True, slots=True)
class Claim:
    """Who trains a run.

    Attributes:
        owner: The server that took it from the queue, and when that process began.
        owner_began: See `owner`.
        taken: When it was taken, seconds since 1970.
        pid: The process that trains it; 0 until it has begun.
        pid_began: When that process began.
    """

    owner: int
    owner_began: float
    taken: float
    pid: int = 0
    pid_began: float = 0.0

    @property
    def owner_lives(self) -> bool:
        """Whether the server that took the run is still there."""
        return lives(self.owner, self.owner_began)

    @property
    def lives(self) -> bool:
        """Whether the process that trains is still there."""
        return lives(self.pid, self.pid_began)


def began(pid: int) -> float:
    """Returns when a process began; 0 if there is none or it is a zombie."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return 0.0
        return float(process.create_time())
    except psutil.Error:
        return 0.0


def end(pid: int) -> None:
    """Ends a process at once, if it is there."""
    import psutil

    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).kill()


def lives(pid: int, since: float) -> bool:
    """Whether the process `pid` that began at `since` is still there."""
    return pid > 0 and abs(began(pid) - since) < 1.0


class RunQueue:
    """The queue of one home.

    Args:
        home: The folder of the store.
    """

    def __init__(self, home: Path) -> None:
        self._waiting = home / "queue"
        self._active = home / "active"
        self._lock = home / "queue.lock"
        for folder in (self._waiting, self._active):
            folder.mkdir(parents=True, exist_ok=True)

    def add(self, run_id: str) -> None:
        """Puts a run at the end."""
        (self._waiting / f"{time.time_ns():020d}-{run_id}").touch()

    def remove(self, run_id: str) -> bool:
        """Takes a run out; tells whether it was still waiting."""
        with locked(self._lock):
            found = [p for p in self._entries() if _run_of(p) == run_id]
            for path in found:
                path.unlink(missing_ok=True)
        return bool(found)

    def waiting(self) -> tuple[str, ...]:
        """Returns the runs that wait, the next one first."""
        return tuple(dict.fromkeys(_run_of(p) for p in self._entries()))

    def claim(self, slots: int) -> tuple[str, ...]:
        """Takes the runs for which a slot is free; no other server gets them."""
        if not self._entries():
            return ()
        mine = Claim(os.getpid(), began(os.getpid()), time.time())
        taken: list[str] = []
        with locked(self._lock):
            free = slots - len(self.active())
            for path in self._entries()[: max(free, 0)]:
                self._write(_run_of(path), mine)
                path.unlink(missing_ok=True)
                taken.append(_run_of(path))
        return tuple(taken)

    def started(self, run_id: str, pid: int) -> None:
        """Notes the process that trains a run; the process itself calls it."""
        claim = self.active().get(run_id) or Claim(0, 0.0, time.time())
        data = {**asdict(claim), "pid": pid, "pid_began": began(pid)}
        self._write(run_id, Claim(**data))

    def active(self) -> dict[str, Claim]:
        """Returns who trains what."""
        claims = {}
        for path in sorted(self._active.iterdir()):
            with contextlib.suppress(FileNotFoundError, ValueError):
                if not path.name.startswith("."):
                    claims[path.name] = Claim(**json.loads(path.read_bytes()))
        return claims

    def settle(self, run_id: str) -> None:
        """Frees the slot of a run."""
        (self._active / run_id).unlink(missing_ok=True)

    def give_back(self, run_id: str) -> None:
        """Puts a run that was taken but never began at the head of the queue."""
        (self._waiting / f"{0:020d}-{run_id}").touch()
        self.settle(run_id)

    def _entries(self) -> list[Path]:
        return sorted(self._waiting.iterdir())

    def _write(self, run_id: str, claim: Claim) -> None:
        write_atomic(self._active / run_id, json.dumps(asdict(claim)))


def _run_of(path: Path) -> str:
    return path.name.partition("-")[2]
