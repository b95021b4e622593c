"""Short questions that need Keras, answered by a process that has it."""

import contextlib
import importlib
import pickle
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from dl_techniques.training import failure
from dl_techniques.training.run_queue import end

_HEAD = struct.Struct("!Q")
_RENEW = 300  # questions until a worker is replaced: what Keras keeps goes with it
_TIDY = 20


class QuestionError(RuntimeError):
    """A question could not be answered."""


class Questions:
    """A few warm workers.

    Args:
        hire: Returns a new worker's process id and the connection to it.
        workers: How many questions are answered at once.
    """

    def __init__(
        self, hire: Callable[[], tuple[int, socket.socket]], workers: int = 1
    ) -> None:
        self._hire = hire
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="question")
        self._own = threading.local()
        self._all: dict[int, socket.socket] = {}

    def ask(self, function: str, *args: Any, timeout: float = 60.0) -> "Future[Any]":
        """Returns the future answer of `function`, a dotted name.

        Arguments and answer are pickled. A worker that does not answer in `timeout`
        seconds is ended and `TimeoutError` raised; what the function raises is
        raised here.
        """
        return self._threads.submit(self._ask, function, args, timeout)

    def close(self) -> None:
        """Lets the workers go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for connection in list(self._all.values()):
            connection.close()

    def _ask(self, function: str, args: tuple[Any, ...], timeout: float) -> Any:
        question = pickle.dumps((function, args))
        for attempt in (1, 2):
            pid, connection = self._worker()
            try:
                connection.settimeout(timeout)
                send(connection, question)
                good, value = pickle.loads(receive(connection))  # noqa: S301  # our own process
                break
            except TimeoutError:
                self._dismiss(pid)
                name = function.rpartition(".")[2]
                raise TimeoutError(f"no answer of {name} in {timeout:g} s") from None
            except (OSError, EOFError):
                self._dismiss(pid)
                if attempt == 2:
                    raise QuestionError("the process that answers died") from None
        if good:
            return value
        raise value

    def _worker(self) -> tuple[int, socket.socket]:
        worker: tuple[int, socket.socket] | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = self._hire()
            self._all[worker[0]] = worker[1]
        return worker

    def _dismiss(self, pid: int) -> None:
        self._own.worker = None
        self._all.pop(pid).close()
        end(pid)


def serve(connection: socket.socket) -> None:
    """Answers questions until the connection ends."""
    for count in range(1, _RENEW + 1):
        try:
            function, args = pickle.loads(receive(connection))  # noqa: S301  # our server
        except (OSError, EOFError):
            return
        send(connection, _answer(function, args))
        if count % _TIDY == 0:
            import keras

            keras.backend.clear_session()


def warm_up() -> bool:
    """Starts the backend of a worker."""
    import keras

    keras.ops.add(1.0, 1.0)
    return True


def send(connection: socket.socket, data: bytes) -> None:
    """Sends one message."""
    connection.sendall(_HEAD.pack(len(data)) + data)


def receive(connection: socket.socket) -> bytes:
    """Receives one message; a closed connection raises `EOFError`."""
    (size,) = _HEAD.unpack(_exactly(connection, _HEAD.size))
    return _exactly(connection, size)


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _answer(function: str, args: tuple[Any, ...]) -> bytes:
    try:
        module, _, name = function.rpartition(".")
        return pickle.dumps(
            (True, getattr(importlib.import_module(module), name)(*args))
        )
    except Exception as error:  # noqa: BLE001  # raised again in the server
        with contextlib.suppress(Exception):
            data = pickle.dumps((False, error))
            pickle.loads(data)  # noqa: S301  # an error that cannot be read back is told
            return data
        return pickle.dumps((False, QuestionError(failure.describe(error))))
