"""Recipes that use every optimizer and schedule, trained; the rates are read back."""

import math

import pytest

from dl_techniques import catalog
from dl_techniques.recipes import Recipe, check
from dl_techniques.tracking import RunStore
from dl_techniques.training import train_here

PEAK, STEPS, WARM = 0.01, 8, 2  # 32 samples by 8, two epochs; a quarter is warm-up


def wave(u):
    return (1 + math.cos(math.pi * min(u, 1))) / 2


def one_cycle(s, n):
    turn, first = 0.5 * n, PEAK / 25
    if s < turn:
        return PEAK + (first - PEAK) * wave(s / turn)
    last = first / 1e4
    return last + (PEAK - last) * wave((s - turn) / (n - turn))


# args, and the rate at step s of n
SCHEDULES = {
    None: ({}, lambda s, n: PEAK),
    "CosineDecay": ({"alpha": 0.1}, lambda s, n: PEAK * (0.1 + 0.9 * wave(s / n))),
    "CosineDecayRestarts": (
        {"first_decay_fraction": 0.5, "t_mul": 1.0, "m_mul": 0.5},
        lambda s, n: PEAK * 0.5 ** (s // (n / 2)) * wave(s % (n / 2) / (n / 2)),
    ),
    "ExponentialDecay": (
        {"decay_fraction": 0.5, "decay_rate": 0.5},
        lambda s, n: PEAK * 0.5 ** (s / (n / 2)),
    ),
    "PolynomialDecay": (
        {"end_learning_rate": 0.002, "power": 2.0},
        lambda s, n: 0.002 + (PEAK - 0.002) * (1 - s / n) ** 2,
    ),
    "PiecewiseConstantDecay": (
        {"boundary_fractions": [0.5], "factors": [1.0, 0.1]},
        lambda s, n: PEAK if s <= n / 2 else PEAK / 10,
    ),
    "InverseTimeDecay": (
        {"decay_fraction": 0.5, "decay_rate": 1.0},
        lambda s, n: PEAK / (1 + s / (n / 2)),
    ),
    "OneCycleSchedule": ({"start_fraction": 0.5}, one_cycle),
}
OPTIMIZERS = [e.name for e in catalog.entries("optimizer")]
NAMES = list(SCHEDULES)
# every optimizer once, every schedule with and without warm-up
RUNS = [
    (OPTIMIZERS[i % len(OPTIMIZERS)], NAMES[i % len(NAMES)], i >= len(NAMES))
    for i in range(max(2 * len(NAMES), len(OPTIMIZERS)))
]


def recipe(optimizer, schedule, warm):
    spec = {"name": optimizer, "learning_rate": PEAK}
    if schedule:
        spec["schedule"] = {"name": schedule, "args": SCHEDULES[schedule][0]}
    if warm:
        spec["warmup_fraction"] = WARM / STEPS
    return Recipe.model_validate(
        {
            "dataset": {"name": "moons", "max_samples": 40},
            "model": {"stack": [{"layer": "Dense", "args": {"units": 3}}]},
            "optimizer": spec,
            "training": {"epochs": 2, "batch_size": 8},
            "analysis": {"enabled": False},
        }
    )


def expected(schedule, warm, step):
    rate = SCHEDULES[schedule][1]
    if not warm:
        return rate(step, STEPS)
    if step < WARM:
        return 1e-8 + (rate(0, STEPS - WARM) - 1e-8) * step / WARM
    return rate(step - WARM, STEPS - WARM)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("home"))


def test_every_schedule_is_tried():
    assert set(SCHEDULES) - {None} == {e.name for e in catalog.entries("schedule")}
    assert {o for o, _, _ in RUNS} == set(OPTIMIZERS)


QUICK = (0, 1, 2 * len(NAMES) - 1)  # a run takes a second or two


@pytest.mark.parametrize(
    ("optimizer", "schedule", "warm"),
    [
        pytest.param(*run, marks=[] if i in QUICK else pytest.mark.slow)
        for i, run in enumerate(RUNS)
    ],
)
def test_the_rates_of_a_trained_recipe(store, optimizer, schedule, warm):
    spec = recipe(optimizer, schedule, warm)
    assert check(spec) == ()
    record = train_here(spec, home=store.home)
    assert record.status == "finished", record.reason
    rows = store.metrics_after(record.id)[0]
    rates = {r.step: r.values["learning_rate"] for r in rows if "loss" in r.values}
    assert list(rates) == [1, 2]
    for epoch, rate in rates.items():
        right = expected(schedule, warm, epoch * STEPS // 2)
        assert rate == pytest.approx(right, rel=1e-4, abs=1e-9)
