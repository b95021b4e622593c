"""The values an epoch of a run, as analyses and figures take them."""

from dl_techniques.tracking.store import RunStore


def history_of(store: RunStore, run_id: str) -> dict[str, list[float]]:
    """Returns the values an epoch that the run logged, by name."""
    found: dict[str, list[float]] = {}
    for row in store.metrics_after(run_id)[0]:
        for name, value in row.values.items():
            if "/" not in name:
                found.setdefault(name, []).append(float(value))
    return found
