"""The warm process: has everything imported and forks a process for each run.

`multiprocessing`'s forkserver would do but for three things: a child would import the
server's `__main__` again (Streamlit's), a server would wait for its runs at exit, and
an orphan would have nobody to note how it ended. This process reads one JSON line a
request from the socket whose number is its first argument, answers each with one line,
and ends when the server is gone and the last run is over.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from dl_techniques.training import child, exit_note
from dl_techniques.training.spare import Spare

_QUIET = 0.3  # seconds without a request before a spare process is made


class WarmServer:
    """Serves one connection.

    Args:
        connection: Where requests come from.
        home: Folder of the store.
    """

    def __init__(self, connection: socket.socket, home: str) -> None:
        self._connection = connection
        self._spare = Spare(home)
        self._runs: dict[int, Path] = {}
        self._workers: set[int] = set()
        self._notes = exit_note.Notes()
        self._buffer = b""

    def serve(self) -> None:
        """Answers until the connection ends and no run is left."""
        wake, woken = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        selector = selectors.DefaultSelector()
        selector.register(self._connection, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        self._answer({"ready": True})
        connected = True
        while connected or self._runs:
            wanted = connected and not self._spare.pid
            ready = selector.select(_QUIET if wanted else None)
            if not ready:
                self._spare.keep()
            for key, _ in ready:
                if key.fileobj is wake:
                    with contextlib.suppress(BlockingIOError):
                        wake.recv(4096)
                elif not self._receive():
                    selector.unregister(self._connection)
                    connected = False
                    self._spare.close()
                    self._connection.close()
            self._reap()

    def _receive(self) -> bool:
        try:
            data = self._connection.recv(65536)
        except ConnectionError:
            return False
        self._buffer += data
        while b"\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition(b"\n")
            request = json.loads(line)
            try:
                if request["do"] == "run":
                    self._run(request)
                else:
                    self._worker()
            except OSError as error:
                self._answer({"error": str(error)})
        return bool(data)

    def _run(self, request: dict[str, Any]) -> None:
        folder = Path(request["home"]) / "runs" / request["run_id"]
        plain = not request["fresh"] and not request["env"].get("CUDA_VISIBLE_DEVICES")
        pid = self._spare.take(request) if plain else 0
        if pid == 0:
            pid = os.fork()
            if pid == 0:
                child.live(lambda: _begin(request))
        self._runs[pid] = folder
        self._answer({"pid": pid})

    def _worker(self) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            child.live(lambda: _answer_questions(theirs))
        self._workers.add(pid)
        theirs.close()
        line = json.dumps({"pid": pid}).encode() + b"\n"
        socket.send_fds(self._connection, [line], [ours.fileno()])
        ours.close()

    def _reap(self) -> None:
        while self._runs or self._workers:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._workers.discard(pid)
            if pid == self._spare.pid:
                self._spare.forget()
            folder = self._runs.pop(pid, None)
            if folder is not None:
                self._notes.write(folder, pid, os.waitstatus_to_exitcode(status))

    def _answer(self, answer: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._connection.sendall(json.dumps(answer).encode() + b"\n")


def _begin(request: dict[str, Any]) -> int:
    child.leave_behind()
    return child.begin(request)


def _answer_questions(connection: socket.socket) -> int:
    from dl_techniques.training.questions import serve

    child.leave_behind(connection.fileno())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # a question holds no card
    serve(connection)
    return 0


def main() -> None:
    """Imports everything, then serves."""
    connection = socket.socket(fileno=int(sys.argv[1]))
    os.environ["KERAS_BACKEND"] = "tensorflow"
    from dl_techniques.training.run import preload

    gc.disable()
    preload()
    gc.collect()
    gc.freeze()  # what is imported stays: children need not look through it
    gc.enable()
    WarmServer(connection, sys.argv[2]).serve()


if __name__ == "__main__":
    main()
