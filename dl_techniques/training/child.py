"""What a process does that trains one run; also a program: run id and home."""

import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from dl_techniques.tracking import RunStore
from dl_techniques.training.run_queue import RunQueue


def train(run_id: str, home: str, store: RunStore | None = None) -> int:
    """Notes this process, trains, frees the slot; returns the exit code."""
    queue = RunQueue(Path(home))
    queue.started(run_id, os.getpid())
    from dl_techniques.training.run import run_recipe

    try:
        run_recipe(run_id, home, store=store)
    except BaseException:  # noqa: BLE001  # the exit code tells the parent
        traceback.print_exc()
        return 1
    queue.settle(run_id)
    return 0


def live(work: Callable[[], int]) -> NoReturn:
    """Does the work of a process that was just forked, and ends it."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        code = work()
    except BaseException:  # noqa: BLE001  # nothing may return into the parent's loop
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def begin(request: dict[str, Any], store: RunStore | None = None) -> int:
    """Trains the run of a request in this forked process; returns the exit code."""
    run_id, home = request["run_id"], request["home"]
    detach(Path(home) / "runs" / run_id / "log.txt")
    os.environ.update(request["env"])
    if request["fresh"]:
        command = [sys.executable, "-m", "dl_techniques.training.child", run_id, home]
        os.execv(sys.executable, command)  # noqa: S606  # our own interpreter
    return train(run_id, home, store)


def leave_behind(*kept: int) -> None:
    """Closes what was open in the process that forked this one, but for `kept`."""
    for number in range(3, 256):
        if number not in kept:
            with contextlib.suppress(OSError):
                os.close(number)


def detach(log: Path) -> None:
    """Puts this process into a session of its own, with its output in `log`."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(PermissionError):  # it leads one already
            os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    redirect(log)
    for name in ("SIGCHLD", "SIGINT", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def redirect(log: Path) -> None:
    """Adds what this process prints to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(target, 1)
    os.dup2(target, 2)


if __name__ == "__main__":
    sys.exit(train(sys.argv[1], sys.argv[2]))
