import pytest

from dl_techniques.recipes.schema import EarlyStopping
from dl_techniques.tracking import RunStore
from dl_techniques.training import request
from dl_techniques.training.control import ControlReader, control_path
from dl_techniques.training.early_stopping import Patience
from dl_techniques.training.failure import describe, describe_exit

RUN = "0123456789abcdef"


@pytest.fixture
def store(tmp_path):
    store = RunStore(tmp_path)
    store.run_dir(RUN).mkdir(parents=True)
    return store


def test_requests_reach_the_reader(store):
    reader = ControlReader(control_path(store.run_dir(RUN)))
    assert reader.read().wanted == "run"
    request(store, RUN, "pause")
    assert reader.read().wanted == "pause"
    request(store, RUN, "step", count=3)
    assert (reader.read().wanted, reader.read().steps) == ("pause", 3)
    request(store, RUN, "learning_rate", value=0.5)
    assert (reader.read().learning_rate, reader.read().changes) == (0.5, 1)
    request(store, RUN, "resume")
    assert reader.read().wanted == "run"


@pytest.mark.parametrize(
    ("action", "values"),
    [("explode", {}), ("learning_rate", {"value": 0}), ("step", {"count": 0})],
)
def test_senseless_requests_are_refused(store, action, values):
    with pytest.raises(ValueError, match="must be"):
        request(store, RUN, action, **values)


def test_patience_waits_and_remembers():
    spec = EarlyStopping(monitor="val_loss", patience=2, min_delta=0.1)
    patience = Patience(spec)
    assert patience.improved(1, {"val_loss": 1.0})
    assert not patience.improved(2, {"val_loss": 0.95})
    again = Patience(spec, patience.state())
    assert not again.improved(3, {"val_loss": float("nan")})
    assert again.over
    assert "best 1 in epoch 1" in again.reason()
    rising = Patience(EarlyStopping(monitor="val_accuracy", patience=1))
    assert rising.improved(1, {"val_accuracy": 0.5})
    assert rising.improved(2, {"val_accuracy": 0.6})
    assert not rising.improved(3, {"val_accuracy": 0.4})


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError("Unable to allocate 9 GiB"), "out of memory"),
        (RuntimeError("OOM: RESOURCE_EXHAUSTED while running"), "out of memory"),
        (
            ValueError("Exception encountered when calling Gate.call().\n\nbad shape"),
            "in layer Gate: bad shape",
        ),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_failures_in_words(error, words):
    assert words in describe(error)


def test_ends_of_processes_in_words():
    assert "signal 9 (SIGKILL)" in describe_exit(-9)
    assert "memory ran out" in describe_exit(-9, killed_for_memory=True)
    assert "exit code 3" in describe_exit(3)
    assert "is gone" in describe_exit(None)
