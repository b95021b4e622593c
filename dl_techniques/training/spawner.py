"""Processes by spawning, where a platform cannot fork one that has Keras loaded.

A fresh interpreter needs seconds to import a backend. So one is always started ahead:
it imports, trains something tiny, and waits for a run on a connection of its own.
"""

import contextlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from dl_techniques.training import exit_note
from dl_techniques.training.launcher import environment
from dl_techniques.training.spare import room

_PATIENCE = 120.0  # seconds that an interpreter may need to import everything
_TOKEN = "DLT_SPAWN_TOKEN"  # noqa: S105  # the name of a variable, not a secret


class Spawner:
    """Starts processes; has the methods of `Launcher`.

    Args:
        home: Folder of the store; output goes to `compute.log` there.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.RLock()
        self._spare: tuple[subprocess.Popen[bytes], socket.socket] | None = None
        self.pid = 0  # nothing stands between the server and its runs
        self.ready = False
        self._closed = False

    def start(self) -> None:
        """Starts the process that will train the next run, and waits for it."""
        with self._lock:
            if self._closed:
                return
            if self._spare is None and room():
                self._spare = self._connected("run")
            self.ready = True

    def run(self, run_id: str, *, env: dict[str, str], fresh: bool) -> int:
        """Starts the process of a run and returns its id."""
        with self._lock:
            plain = not fresh and not env.get("CUDA_VISIBLE_DEVICES")
            process = self._from_spare(run_id, env) if plain else None
            if process is None:
                arguments = ["dl_techniques.training.child", run_id, str(self._home)]
                log = self._home / "runs" / run_id / "log.txt"
                process = self._popen(arguments, log, env)
            _in_background(self._await, process, run_id)
            _in_background(self.start)
            return process.pid

    def worker(self) -> tuple[int, socket.socket]:
        """Starts a process that answers questions."""
        process, connection = self._connected("worker")
        _in_background(process.wait)
        return process.pid, connection

    def close(self) -> None:
        """Lets the spare process go; runs go on."""
        with self._lock:
            self.ready, self._closed = False, True
            if self._spare:
                self._spare[1].close()
                _in_background(self._spare[0].wait)
                self._spare = None

    def _from_spare(
        self, run_id: str, env: dict[str, str]
    ) -> subprocess.Popen[bytes] | None:
        spare, self._spare = self._spare, None
        if spare is None:
            return None
        process, connection = spare
        request = {"run_id": run_id, "home": str(self._home), "env": env}
        with connection:
            try:
                connection.sendall(json.dumps(request).encode() + b"\n")
            except OSError:  # it ended while it waited
                _in_background(process.wait)
                return None
        return process

    def _await(self, process: subprocess.Popen[bytes], run_id: str) -> None:
        notes = exit_note.Notes()
        code = process.wait()
        notes.write(self._home / "runs" / run_id, process.pid, code)

    def _connected(self, role: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Starts an interpreter that connects back and shows our token."""
        token = secrets.token_hex(16)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(_PATIENCE)
            arguments = ["dl_techniques.training.spawned", role]
            arguments += [str(listener.getsockname()[1]), str(self._home)]
            process = self._popen(
                arguments, self._home / "compute.log", {_TOKEN: token}
            )
            try:
                return process, _accept(listener, token)
            except OSError:
                process.kill()
                process.wait()
                raise OSError(
                    f"a process did not start; see {self._home / 'compute.log'}"
                ) from None

    def _popen(
        self, arguments: list[str], log: Path, env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            return subprocess.Popen(  # noqa: S603  # our own interpreter
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                env=environment() | env,
            )


def _in_background(work: Callable[..., object], *args: object) -> None:
    threading.Thread(target=work, args=args, daemon=True).start()


def connect(port: int) -> socket.socket:
    """Connects to the spawner that started this process."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(os.environ.pop(_TOKEN, "").encode())
    return connection


def _accept(listener: socket.socket, token: str) -> socket.socket:
    """Returns the connection that shows the token; others are turned away."""
    while True:
        connection, _ = listener.accept()
        connection.settimeout(5)
        shown = b""
        with contextlib.suppress(OSError):
            while len(shown) < len(token) and (part := connection.recv(len(token))):
                shown += part
        if hmac.compare_digest(shown, token.encode()):
            connection.settimeout(None)
            return connection
        connection.close()
