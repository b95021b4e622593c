"""How long from submitting a recipe until its first epoch is stored, warm."""

import statistics
import tempfile
import time

from dl_techniques.recipes import examples
from dl_techniques.training import Compute

RUNS = 10


def main() -> None:
    """Prints the times of ten runs and their median."""
    recipe = next(e.recipe for e in examples() if e.slug == "digits-mlp")
    training = recipe.training.model_copy(update={"epochs": 3})
    recipe = recipe.model_copy(update={"training": training})
    with tempfile.TemporaryDirectory() as home:
        compute = Compute(home)
        compute.warm()
        while not compute.ready:
            time.sleep(0.1)
        wait_for(compute, compute.submit(recipe), 3)
        times = []
        for _ in range(RUNS):
            begin = time.perf_counter()
            run_id = compute.submit(recipe)
            wait_for(compute, run_id, 1)
            times.append(time.perf_counter() - begin)
            while compute.store.get(run_id).active:
                time.sleep(0.05)
        compute.close()
    print("submit to first stored epoch, seconds:", [f"{t:.2f}" for t in times])
    print(f"median {statistics.median(times):.2f} s, bound 1.50 s")


def wait_for(compute: Compute, run_id: str, epoch: int) -> None:
    """Waits until an epoch is in the store."""
    while True:
        rows, _ = compute.store.metrics_after(run_id)
        if any(r.step >= epoch and "loss" in r.values for r in rows):
            return
        time.sleep(0.01)


if __name__ == "__main__":
    main()
