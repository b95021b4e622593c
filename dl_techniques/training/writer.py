"""One thread that writes what a training produces, in order."""

import threading
import traceback
from collections import deque
from collections.abc import Callable

Job = Callable[[], object]


class Writer:
    """Runs jobs in the order given while the training goes on.

    A job that fails is printed to the run's log and does not stop the training.
    """

    def __init__(self) -> None:
        self._jobs: deque[Job | str] = deque()
        self._newest: dict[str, Job] = {}
        self._change = threading.Condition()
        self._busy = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Adds a job."""
        with self._change:
            self._jobs.append(job)
            self._change.notify_all()

    def put_newest(self, key: str, job: Job) -> None:
        """Adds a job that takes the place of one with the same key still waiting."""
        with self._change:
            if key in self._newest:
                self._jobs.remove(key)
            self._jobs.append(key)
            self._newest[key] = job
            self._change.notify_all()

    def drain(self, timeout: float | None = None) -> bool:
        """Waits until every job is done; tells whether that came true."""
        with self._change:
            return self._change.wait_for(
                lambda: not self._jobs and not self._busy, timeout
            )

    def close(self) -> None:
        """Finishes the jobs and ends the thread."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._jobs or self._closed)
                if not self._jobs:
                    return
                job = self._jobs.popleft()
                if isinstance(job, str):
                    job = self._newest.pop(job)
                self._busy = True
            try:
                job()
            except Exception:  # noqa: BLE001  # the training must go on
                traceback.print_exc()
            with self._change:
                self._busy = False
                self._change.notify_all()
