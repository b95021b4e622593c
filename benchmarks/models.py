"""CPU time of models beside the same architecture out of Keras' own parts.

Run with: PYTHONPATH=. python benchmarks/models.py [--only NAME,NAME] [--save]
Forward is a compiled inference of one image (224 pixels or what the variant has), step
a whole training step of 32 small images. A ratio is the median over turns in which
both are measured one after the other in one process; below 1 ours is cheaper.
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

from benchmarks.peers import models as peers
from dl_techniques.models import create_model

TURNS = 7
TURN_SECONDS = 0.3
BOUND = 1.05
Call = Callable[[], Any]


@dataclass(frozen=True)
class Result:
    """Milliseconds of one call of ours, and the ratio of CPU times."""

    model: str
    peer: str
    what: str
    ms: float
    ratio: float
    bound: float | None = None


def forward(model: Any) -> Call:
    """Returns a compiled inference of one image."""
    x = tf.constant(images(model, 1))
    call = tf.function(lambda: model(x, training=False))
    call()
    return call


def step(model: Any) -> Call:
    """Returns one training step of 32 images."""
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(), loss, jit_compile=False)
    x, y = images(model, 32), np.arange(32) % 10
    data = tf.data.Dataset.from_tensors((x, y)).repeat()
    model.make_train_function()
    batches = iter(data)
    model.train_function(batches)
    return lambda: model.train_function(batches)


def images(model: Any, n: int) -> Any:
    """Returns random inputs."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, *model.input_shape[1:])).astype("float32")


def race(ours: Call, peer: Call) -> tuple[float, float]:
    """Returns our least milliseconds and the median ratio of CPU times."""
    count = max(1, round(TURN_SECONDS / max(_cpu(ours, 1), _cpu(peer, 1), 1e-6)))
    turns = []
    for i in range(TURNS):
        first, second = (ours, peer) if i % 2 else (peer, ours)
        times = {id(call): _cpu(call, count) for call in (first, second)}
        turns.append((times[id(ours)], times[id(peer)]))
    return min(a for a, _ in turns) * 1e3, statistics.median(a / b for a, b in turns)


def _cpu(call: Call, times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def contests() -> list[tuple[str, str, Callable[[], Any], str, float | None]]:
    """Returns our model, the peer's name and maker, what is timed, the bound."""
    return [
        (
            "convnext_v1_tiny",
            "keras.applications",
            lambda: keras.applications.ConvNeXtTiny(
                weights=None, include_preprocessing=False
            ),
            "forward",
            BOUND,
        ),
        *(
            (f"{family}_{variant}", "plain Keras", _made(make, variant), what, None)
            for family, make, variants in (
                ("convnext_v1", peers.convnext, ("lab8", "lab28", "lab32")),
                ("resnet", peers.resnet, ("lab8", "lab28", "lab32")),
                ("vit", peers.vit, ("lab8", "lab28", "tiny16")),
                ("mobilenet_v4", peers.mobilenet, ("lab28", "conv_small")),
            )
            for variant in variants
            for what in (("step",) if variant.startswith("lab") else ("forward",))
        ),
    ]


def _made(make: Any, variant: str) -> Callable[[], Any]:
    return lambda: make(variant)


def main() -> None:
    """Prints the table as Markdown; fails when a bound is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    only = {n for n in options.only.split(",") if n}
    timers = {"forward": forward, "step": step}
    print("| model | peer | what | ms of CPU | ratio |")
    print("|---|---|---|---:|---:|")
    results = []
    for name, peer_name, make, what, bound in contests():
        if only and name not in only:
            continue
        ours, peer = timers[what](create_model(name)), timers[what](make())
        ms, ratio = race(ours, peer)
        result = Result(name, peer_name, what, round(ms, 2), round(ratio, 3), bound)
        results.append(result)
        cells = f"{name} | {peer_name} | {what} | {ms:.1f} | {ratio:.2f}"
        print(f"| {cells} |", flush=True)
        keras.backend.clear_session()
    if options.save:
        file = Path(__file__).parent / "results" / "models.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps([asdict(r) for r in results], indent=1) + "\n")
    missed = [r.model for r in results if r.bound and r.ratio > r.bound]
    assert not missed, f"slower than the bound: {missed}"


if __name__ == "__main__":
    main()
