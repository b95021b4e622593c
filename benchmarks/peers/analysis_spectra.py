"""CPU time of the spectral analysis, side by side with weightwatcher 0.7.7.

One thread, CPU time, both in one process in alternation; the least of several turns.
Weights are random with heavy tails, in the shapes of three networks.
"""

import contextlib
import io
import json
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dl_techniques.analysis.spectra import SpectralAnalyzer, WeightMatrix

Shape = tuple[int, ...]
Options = dict[str, Any]
OUT = Path(__file__).parents[1] / "results"


def resnet50() -> list[Shape]:
    """Returns the 54 kernels (out, in[, k, k]) of a ResNet-50."""
    found: list[Shape] = [(64, 3, 7, 7)]
    width = 64
    for inner, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
        for block in range(blocks):
            found += [(inner, width, 1, 1), (inner, inner, 3, 3)]
            found += [(4 * inner, inner, 1, 1)]
            found += [(4 * inner, width, 1, 1)] if block == 0 else []
            width = 4 * inner
    return [*found, (1000, 2048)]


MODELS: dict[str, list[Shape]] = {
    "MLP 784-256-128-10": [(256, 784), (128, 256), (10, 128)],
    "small CNN": [
        *[(32, 3, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3)],
        *[(128, 1024), (10, 128)],
    ],
    "ResNet-50 size": resnet50(),
}
# model, our options, weightwatcher's, largest ratio, turns
CASES: list[tuple[str, str, Options, Options, float, int]] = [
    ("MLP 784-256-128-10", "default", {}, {}, 0.30, 7),
    ("small CNN", "default", {}, {}, 0.30, 7),
    ("ResNet-50 size", "default", {}, {}, 0.40, 3),
    ("MLP 784-256-128-10", "MP fit", {"mp_fit": True}, {"mp_fit": True}, 0.10, 3),
    (
        *("MLP 784-256-128-10", "randomized", {"mp_fit": True, "randomize": True}),
        *({"mp_fit": True, "randomize": True}, 0.10, 3),
    ),
    (
        *("MLP 784-256-128-10", "MP, random, detX"),
        {"mp_fit": True, "randomize": True, "detx": True},
        *({"mp_fit": True, "randomize": True, "detX": True}, 0.10, 3),
    ),
    ("small CNN", "MP fit", {"mp_fit": True}, {"mp_fit": True}, 0.10, 3),
]


def weights(shapes: list[Shape]) -> list[np.ndarray]:
    """Returns float32 kernels with tails of a t distribution."""
    rng = np.random.default_rng(0)
    return [
        (rng.standard_t(3.5, size=s) / np.sqrt(np.prod(s[1:]))).astype(np.float32)
        for s in shapes
    ]


def matrices(arrays: list[np.ndarray]) -> list[WeightMatrix]:
    """Returns them as slices (in, out), scaled as weightwatcher does."""
    found = []
    for i, w in enumerate(arrays):
        stack = w.reshape(*w.shape[:2], -1).transpose(2, 1, 0)
        scale = float(np.sqrt(0.5)) if w.ndim == 4 else 1.0
        found.append(WeightMatrix(str(i), str(i), "kernel", "conv", stack, scale, i))
    return found


def peer(arrays: list[np.ndarray]) -> Any:
    """Returns weightwatcher over a torch model of these weights."""
    import torch
    import weightwatcher

    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    layers = []
    for w in arrays:
        kinds = torch.nn
        layer = (
            kinds.Linear(w.shape[1], w.shape[0])
            if w.ndim == 2
            else kinds.Conv2d(w.shape[1], w.shape[0], w.shape[2])
        )
        layer.weight.data = torch.from_numpy(w)
        layers.append(layer)
    return weightwatcher.WeightWatcher(model=torch.nn.Sequential(*layers))


def least(calls: dict[str, Callable[[], Any]], turns: int) -> dict[str, float]:
    """Returns the least CPU seconds of each call, taken in alternation."""
    found = dict.fromkeys(calls, np.inf)
    for _ in range(turns):
        for name, call in calls.items():
            with contextlib.redirect_stdout(io.StringIO()):
                begin = time.process_time()
                call()
                found[name] = min(found[name], time.process_time() - begin)
    return found


def floor(mats: list[WeightMatrix]) -> Callable[[], Any]:
    """Returns a call that does nothing but the eigenvalues, in float64."""

    def run() -> None:
        for m in mats:
            for w in m.mats.astype(np.float64):
                short = w if w.shape[0] >= w.shape[1] else w.T
                np.linalg.eigvalsh(short.T @ short)

    return run


def measure(case: tuple[str, str, Options, Options, float, int]) -> dict[str, Any]:
    """Times one case."""
    model, what, ours, theirs, bound, turns = case
    arrays = weights(MODELS[model])
    mats = matrices(arrays)
    watcher = peer(arrays)
    seconds = least(
        {
            "ours": lambda: SpectralAnalyzer(mats).analyze(n_jobs=1, **ours),
            "weightwatcher": lambda: watcher.analyze(**theirs),
            "eigenvalues": floor(mats),
        },
        turns,
    )
    return {
        "model": model,
        "what": what,
        "ours_ms": 1e3 * seconds["ours"],
        "weightwatcher_ms": 1e3 * seconds["weightwatcher"],
        "floor_ms": 1e3 * seconds["eigenvalues"],
        "ratio": seconds["ours"] / seconds["weightwatcher"],
        "bound": bound,
    }


def main(*, quick: bool = False) -> None:
    """Prints and stores the table, and fails when a bound is missed.

    Args:
        quick: Whether to leave the largest model out.
    """
    warnings.simplefilter("ignore")
    rows = []
    print(
        "| model | analysis | ours ms | weightwatcher ms | ratio | bound | floor ms |"
    )
    print("|---|---|--:|--:|--:|--:|--:|")
    for case in CASES:
        if quick and case[0] == "ResNet-50 size":
            continue
        row = measure(case)
        rows.append(row)
        print(
            f"| {row['model']} | {row['what']} | {row['ours_ms']:.1f} | "
            f"{row['weightwatcher_ms']:.1f} | {row['ratio']:.3f} | {row['bound']:.2f} "
            f"| {row['floor_ms']:.1f} |",
            flush=True,
        )
    OUT.mkdir(exist_ok=True)
    (OUT / "analysis_spectra.json").write_text(json.dumps(rows, indent=1) + "\n")
    missed = [r for r in rows if r["ratio"] > r["bound"]]
    assert not missed, f"slower than the bound: {missed}"
