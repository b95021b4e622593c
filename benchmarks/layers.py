"""CPU time of every layer beside its nearest built-in or peer, as ratios.

Run with: PYTHONPATH=. python benchmarks/layers.py [--only Name,Name] [--save]
Forward is inference, both is a training call with the gradients by input and weights,
each compiled to a graph (as `fit` does on a CPU), on one thread. A ratio is the median
over turns, layer and peer taken in alternation in one process.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.peers.layers import PAIRS, Pair
from dl_techniques import layers as own

TURNS = 9
TURN_SECONDS = 0.04
Make = Callable[[], Any]


@dataclass(frozen=True)
class Result:
    """Times of one layer and its peer in milliseconds, and the ratios."""

    name: str
    peer: str
    shape: tuple[int, ...]
    forward_ms: float
    forward: float
    both_ms: float
    both: float
    bound: float | None
    holds: bool


def compiled(layer: Any, x: Any) -> tuple[Make, Make]:
    """Returns calls for inference, and for training with gradients."""

    @tf.function
    def forward() -> Any:
        return tf.nest.flatten(layer(x, training=False))

    @tf.function
    def both() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            out = tf.nest.flatten(layer(x, training=True))
            total = tf.add_n([tf.reduce_sum(y * y) for y in out if y.dtype.is_floating])
            total += tf.add_n([tf.cast(v, total.dtype) for v in [0.0, *layer.losses]])
        points = [x, *[w.value for w in layer.trainable_weights]]
        return [g for g in tape.gradient(total, points) if g is not None]

    layer(x)
    return forward, both


def cost(call: Make, times: int) -> float:
    """Returns CPU seconds of one call."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def race(ours: Make, peer: Make) -> tuple[float, float]:
    """Returns our least milliseconds, and the median ratio of the turns."""
    ours(), peer()
    count = max(1, round(TURN_SECONDS / max(cost(ours, 2), cost(peer, 2), 1e-6)))
    turns = [(cost(ours, count), cost(peer, count)) for _ in range(TURNS)]
    ratio = statistics.median(a / b for a, b in turns)
    return min(a for a, _ in turns) * 1e3, ratio


def measure(pair: Pair) -> Result:
    """Times one pair."""
    keras.utils.set_random_seed(0)
    x = tf.constant(np.random.default_rng(0).normal(size=pair.shape), "float32")
    ours = compiled(getattr(own, pair.name)(**pair.args), x)
    peer = compiled(pair.peer(), x)
    (f_ms, f), (b_ms, b) = (race(*calls) for calls in zip(ours, peer, strict=True))
    holds = pair.bound is None or max(f, b) <= pair.bound * 1.1  # the clock's noise
    return Result(
        pair.name, pair.peer_name, pair.shape, f_ms, f, b_ms, b, pair.bound, holds
    )


def untimed() -> list[str]:
    """Returns public layers that no pair names."""
    found = {name: getattr(own, name) for name in own.__all__}
    classes = {
        c
        for c in found.values()
        if isinstance(c, type) and issubclass(c, keras.layers.Layer)
    }
    timed = {found[p.name] for p in PAIRS if p.name in found}
    return sorted(c.__name__ for c in classes - timed)


def main() -> None:
    """Prints the table as Markdown; fails when a bound is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    only = {n for n in options.only.split(",") if n}
    print("| layer | peer | forward ms | ratio | both ms | ratio | bound |")
    print("|---|---|---:|---:|---:|---:|---:|")
    results = []
    for pair in PAIRS:
        if not hasattr(own, pair.name) or (only and pair.name not in only):
            continue
        r = measure(pair)
        results.append(r)
        bound = "" if r.bound is None else f"{r.bound}"
        cells = f"{r.forward_ms:.2f} | {r.forward:.2f} | {r.both_ms:.2f} | {r.both:.2f}"
        print(f"| {r.name} | {r.peer} | {cells} | {bound} |", flush=True)
        keras.backend.clear_session()
    if options.save:
        file = Path(__file__).parent / "results" / "layers.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n")
    missed = [r.name for r in results if not r.holds]
    assert not missed, f"slower than the bound: {missed}"
    assert only or not untimed(), f"without a pair: {untimed()}"


if __name__ == "__main__":
    main()
