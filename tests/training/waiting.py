"""Waiting for things that other processes do."""

import time


def until(condition, timeout=60.0):
    """Returns the first true value of `condition`, looking every 10 ms."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {timeout} s: {condition}")


def ended(store, run_id, timeout=60.0):
    """Waits for the end of a run and returns its record."""
    until(lambda: not store.get(run_id).active, timeout)
    return store.get(run_id)


def rows(store, run_id, count=1):
    """Waits for `count` epochs."""
    return until(lambda: len(store.metrics_after(run_id)[0]) >= count)
