"""What a process does that trains one run; also a program: run id and home."""

import contextlib
import os
import signal
import sys
import traceback
from pathlib import Path

from dl_techniques.training.run_queue import RunQueue


def train(run_id: str, home: str) -> int:
    """Notes this process, trains, frees the slot; returns the exit code."""
    queue = RunQueue(Path(home))
    queue.started(run_id, os.getpid())
    from dl_techniques.training.run import run_recipe

    try:
        run_recipe(run_id, home)
    except BaseException:  # noqa: BLE001  # the exit code tells the parent
        traceback.print_exc()
        return 1
    queue.settle(run_id)
    return 0


def detach(log: Path) -> None:
    """Puts this process into a session of its own, with its output in `log`."""
    with contextlib.suppress(PermissionError):  # it leads one already
        os.setsid()
    log.parent.mkdir(parents=True, exist_ok=True)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(target, 1)
    os.dup2(target, 2)
    for name in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(train(sys.argv[1], sys.argv[2]))
