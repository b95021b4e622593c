"""The note of how a run's process ended, written by the process that started it."""

import contextlib
import json
import signal
from pathlib import Path

from dl_techniques.training import failure
from dl_techniques.utils.files import write_atomic

KILLED = -getattr(signal, "SIGKILL", 9)


class Notes:
    """Writes notes; tells a process that the system killed because memory ran out."""

    def __init__(self) -> None:
        self._kills = failure.memory_kills()

    def write(self, folder: Path, pid: int, code: int) -> None:
        """Writes `exit.json` into a run's folder, unless the run was deleted."""
        kills = failure.memory_kills()
        memory = code == KILLED and kills > self._kills
        self._kills = kills
        note = {"pid": pid, "code": code, "memory": memory}
        with contextlib.suppress(OSError):
            write_atomic(folder / "exit.json", json.dumps(note))
