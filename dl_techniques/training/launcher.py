"""The server's side of the warm process."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


class Launcher:
    """Starts the warm process, again when it died, and asks it for processes.

    Args:
        home: Its output goes to `compute.log` there.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self.ready = False

    @property
    def pid(self) -> int:
        """The warm process, or 0."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Starts the warm process and waits until it is ready."""
        with self._lock:
            if self._process and self._process.poll() is None and self.ready:
                return
            self._forget()
            ours, theirs = socket.socketpair()
            self._home.mkdir(parents=True, exist_ok=True)
            with (self._home / "compute.log").open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603  # our own interpreter
                    [
                        sys.executable,
                        *("-m", "dl_techniques.training.warm_server"),
                        str(theirs.fileno()),
                        str(self._home),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                    env=environment(),
                )
            theirs.close()
            self._connection = ours
            self.ready = bool(self._read()[0].get("ready"))

    def run(self, run_id: str, *, env: dict[str, str], fresh: bool) -> int:
        """Starts the process of a run and returns its id.

        `fresh` starts a new interpreter: another backend must be imported.
        """
        request = {"do": "run", "run_id": run_id, "home": str(self._home)}
        return int(self._request({**request, "env": env, "fresh": fresh})[0]["pid"])

    def worker(self) -> tuple[int, socket.socket]:
        """Starts a process that answers questions."""
        answer, connection = self._request({"do": "worker"})
        if connection is None:
            raise OSError("the warm process gave no worker")
        return int(answer["pid"]), connection

    def close(self) -> None:
        """Lets the warm process go; it ends after the last run."""
        with self._lock:
            process = self._process
            self._forget()
        if process:
            try:
                process.wait(0.5)
            except subprocess.TimeoutExpired:
                # It still trains; a thread reaps it when it is done.
                threading.Thread(target=process.wait, daemon=True).start()

    def _request(
        self, request: dict[str, Any]
    ) -> tuple[dict[str, Any], socket.socket | None]:
        with self._lock:
            for attempt in (1, 2):
                self.start()
                assert self._connection is not None  # noqa: S101  # start made it
                try:
                    self._connection.sendall(json.dumps(request).encode() + b"\n")
                    answer, connection = self._read()
                except OSError:
                    self._forget()
                    if attempt == 2:
                        raise
                    continue
                if "error" in answer:
                    raise OSError(answer["error"])
                return answer, connection
        raise OSError("the warm process does not answer")

    def _read(self) -> tuple[dict[str, Any], socket.socket | None]:
        assert self._connection is not None  # noqa: S101  # start made it
        data, descriptors = b"", []
        while not data.endswith(b"\n"):
            part, new, _, _ = socket.recv_fds(self._connection, 4096, 1)
            descriptors += new
            if not part:
                raise ConnectionError(
                    f"the warm process ended; see {self._home / 'compute.log'}"
                )
            data += part
        connection = socket.socket(fileno=descriptors[0]) if descriptors else None
        return json.loads(data), connection

    def _forget(self) -> None:
        self.ready = False
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.poll()
        self._connection = self._process = None


def environment() -> dict[str, str]:
    """Returns the variables of a process that computes."""
    root = str(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        "PYTHONPATH": f"{root}{os.pathsep}{path}" if path else root,
        "PYTHONUNBUFFERED": "1",
    }
