"""The process that waits for a run: what it did before must not show."""

import psutil
import pytest

from dl_techniques.training import spare, train_here
from tests.training.recipes import mlp, numbers
from tests.training.waiting import ended, until


@pytest.mark.slow
def test_warming_up_changes_no_number(tmp_path):
    recipe = mlp(2)
    spare._train_once()
    first = train_here(recipe, home=tmp_path / "a")
    spare._train_once()
    second = train_here(recipe, home=tmp_path / "b")
    assert first.last["loss"] == second.last["loss"]
    assert first.last["val_loss"] == second.last["val_loss"]


def test_a_run_in_the_spare_process_equals_one_in_a_new_process(compute):
    warm = psutil.Process(until(lambda: compute._launcher.pid))
    workers = compute._questions._all
    recipe = mlp(3)
    told = []
    for _ in range(2):
        waiting = until(
            lambda: [c.pid for c in warm.children() if c.pid not in workers]
        )
        run_id = compute.submit(recipe)
        record = ended(compute.store, run_id)
        told.append((record.pid in waiting, numbers(compute.store, run_id)))
    assert told[0][1] == told[1][1]


def test_no_process_waits_where_memory_is_short(monkeypatch):
    monkeypatch.setattr(spare, "room", lambda: False)
    place = spare.Spare("home")
    place.keep()
    assert place.pid == 0
    assert place.take({"home": "home"}) == 0
