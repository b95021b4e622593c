"""CPU time of calibration errors, side by side with netcal and torchmetrics.

One thread; the least of several turns, taken in alternation in one process.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np

from dl_techniques.analysis.calibration import (
    calibration_report,
    expected_calibration_error,
)

N, K, N_BINS, TURNS = 1_000_000, 10, 15, 7
BOUNDS = {"torchmetrics": 0.60, "netcal": 0.35}


def contestants() -> dict[str, Callable[[], float]]:
    """Returns name -> a call that computes the error of the same predictions."""
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(K, 0.5), size=N).astype(np.float32)
    y = rng.integers(0, K, N)
    calls: dict[str, Callable[[], float]] = {
        "ours": lambda: expected_calibration_error(y, p, n_bins=N_BINS),
        "ours, whole report": lambda: calibration_report(y, p).diagram.ece,
    }
    try:
        import torch
        from torchmetrics.functional.classification import (
            multiclass_calibration_error,
        )
    except ImportError:
        print("torchmetrics is not installed")
    else:
        torch.set_num_threads(1)
        tp, ty = torch.from_numpy(p), torch.from_numpy(y)
        calls["torchmetrics"] = lambda: float(
            multiclass_calibration_error(tp, ty, K, N_BINS, validate_args=False)
        )
    try:
        from netcal.metrics import ECE
    except ImportError:
        print("netcal is not installed")
    else:
        calls["netcal"] = lambda: float(ECE(N_BINS).measure(p, y))
    return calls


def main() -> None:
    """Prints the table and fails when a bound is missed."""
    warnings.simplefilter("ignore")
    calls = contestants()
    least = dict.fromkeys(calls, np.inf)
    values = dict.fromkeys(calls, 0.0)
    for _ in range(TURNS):
        for name, call in calls.items():
            start = time.process_time()
            values[name] = call()
            least[name] = min(least[name], time.process_time() - start)
    print(f"{N} x {K} float32, {N_BINS} bins, one thread, CPU time")
    print(f"{'':20}{'ms':>9}{'ours / it':>11}{'bound':>8}{'value':>12}")
    for name, seconds in least.items():
        ratio, bound = least["ours"] / seconds, BOUNDS.get(name)
        shown = f"{bound:8.2f}" if bound else " " * 8
        print(f"{name:20}{seconds * 1e3:9.1f}{ratio:11.2f}{shown}{values[name]:12.7f}")
        assert bound is None or ratio <= bound, f"slower than {bound} x {name}"
