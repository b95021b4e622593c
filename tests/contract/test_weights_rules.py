"""What every regularizer, initializer and constraint must do, whatever it computes.

One joins by a line in `weights_case.py`; what it computes is tested in its own file.
"""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import catalog, constraints, initializers, regularizers
from tests.contract.weights_case import CASES, batch, weight
from tests.gradients import gradient

ROOMS = {
    "regularizer": regularizers,
    "initializer": initializers,
    "constraint": constraints,
}
every = pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
MODELS = [c for c in CASES if "view" not in c.kwargs]  # on a Dense kernel
on_models = pytest.mark.parametrize("case", MODELS, ids=lambda c: c.name)
REGULARIZERS = [c for c in CASES if c.kind == "regularizer"]
ENTRIES = [
    e
    for kind in ROOMS
    for e in catalog.entries(kind)
    if e.target.startswith("dl_techniques.")
]
every_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.name)
ROOT = Path(__file__).parents[2]


def numpy(value):
    return np.asarray(ops.convert_to_numpy(ops.cast(value, "float32")))


def rule(case):
    """The tools of Keras that store this kind."""
    return getattr(keras, f"{case.kind}s")


def public(room):
    return {getattr(room, n) for n in room.__all__ if inspect.isclass(getattr(room, n))}


@pytest.mark.parametrize("kind", ROOMS)
def test_everything_public_has_a_case_and_an_entry(kind):
    names = {cls.__name__ for cls in public(ROOMS[kind])}
    assert names == {c.cls.__name__ for c in CASES if c.kind == kind}
    assert names == {e.name for e in ENTRIES if e.kind == kind}


@every
def test_config_survives_json_and_use(case):
    made = case.make()
    text = json.dumps(rule(case).serialize(made))
    for shape in case.shapes:
        case.answer(made, shape)
    assert json.dumps(rule(case).serialize(made)) == text
    again = rule(case).deserialize(json.loads(text))
    assert type(again) is case.cls
    assert json.dumps(rule(case).serialize(again)) == text
    for shape in case.shapes:
        first, second = case.answer(made, shape), case.answer(again, shape)
        np.testing.assert_array_equal(numpy(first), numpy(second))


@every
def test_shape_and_dtype(case):
    for dtype in ("float32", "float16", "bfloat16"):
        for shape in case.shapes:
            value = case.answer(case.make(), shape, dtype)
            told = keras.backend.standardize_dtype(value.dtype)
            regularizer = case.kind == "regularizer"
            assert told == ("float32" if regularizer else dtype)
            assert tuple(value.shape) == (() if regularizer else shape)
            assert np.isfinite(numpy(value)).all()
            full = numpy(case.answer(case.make(), shape))
            np.testing.assert_allclose(numpy(value), full, rtol=0.1, atol=0.02)


@every
def test_vectors_are_taken_or_refused(case):
    if case.vectors:
        assert np.isfinite(numpy(case.answer(case.make(), (5,)))).all()
    else:
        with pytest.raises(ValueError, match=r"shape|Received"):
            case.answer(case.make(), (5,))


@pytest.mark.parametrize("case", REGULARIZERS, ids=lambda c: c.name)
def test_gradients_are_finite_everywhere(case):
    made = case.make()
    shape = case.shapes[0]
    for w in (weight(shape), np.zeros(shape), np.ones(shape), 100 * weight(shape)):
        assert np.isfinite(gradient(made, w)).all()
    assert float(numpy(made(weight(shape)))) >= 0


@on_models
def test_compiled_step_equals_eager(case):
    jit = keras.backend.backend() != "torch"
    states = []
    for compiled in ({"jit_compile": jit}, {"run_eagerly": True}):
        keras.utils.set_random_seed(3)
        model = case.model(**compiled)
        x, y = batch(model)
        losses = [float(np.asarray(model.train_on_batch(x, y))) for _ in range(2)]
        assert np.isfinite(losses).all()
        states.append([*model.get_weights(), losses])
    for a, b in zip(*states, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@on_models
def test_mixed_precision_trains(case):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = case.model()
    finally:
        keras.config.set_dtype_policy(before)
    x, y = batch(model)
    assert np.isfinite(np.asarray(model.train_on_batch(x, y)))
    assert all(w.dtype == "float32" for w in model.trainable_weights)
    assert all(np.isfinite(w).all() for w in model.get_weights())


@every_entry
def test_entry_fits_the_class(entry):
    cls = getattr(ROOMS[entry.kind], entry.name)
    parameters = inspect.signature(cls).parameters
    for argument in entry.arguments:
        default = parameters[argument.name].default
        if not argument.required:
            assert argument.default == default, argument.name
            assert argument.problem(default) is None
    assert entry.problems(entry.example) == []
    assert entry.look_at
    cls(**entry.example)


def illegal(argument):
    """Makes values outside the declared range."""
    if argument.kind == "choice":
        return ["no such choice"]
    if argument.kind not in ("int", "float"):
        return []
    values = [1.5] if argument.kind == "int" else [float("nan")]
    number = int if argument.kind == "int" else float
    if argument.low is not None:
        values.append(number(argument.low) - (0 if argument.low_open else 1))
    if argument.high is not None and argument.high < 1e5:
        values.append(number(argument.high) + (0 if argument.high_open else 1))
    return values


@every_entry
def test_values_outside_the_range_are_named(entry):
    cls = getattr(ROOMS[entry.kind], entry.name)
    for argument in entry.arguments:
        for value in illegal(argument):
            line = f"`{argument.name}` must be .* Received: {argument.name}="
            with pytest.raises(ValueError, match=line):
                cls(**{**entry.example, argument.name: value})


LOADER = """
import json, sys
import keras, numpy as np
import dl_techniques.{rooms}
bad = {{}}
for file, arrays, expected in json.load(open(sys.argv[1])):
    try:
        model, data = keras.saving.load_model(file), np.load(arrays)
        told = float(np.asarray(model.test_on_batch(data["x"], data["y"])))
        np.testing.assert_allclose(told, expected, rtol=1e-4)
        model.train_on_batch(data["x"], data["y"])
    except Exception as error:
        bad[file] = repr(error)[:300]
print(json.dumps(bad))
"""


@pytest.mark.slow
def test_models_reload_in_a_fresh_process(tmp_path):
    jobs = []
    for i, case in enumerate(MODELS):
        model = case.model()
        x, y = batch(model)
        file = tmp_path / f"{i}_{case.name}.keras"
        model.save(file)
        np.savez(file.with_suffix(".npz"), x=x, y=y)
        told = float(np.asarray(model.test_on_batch(x, y)))
        jobs.append((str(file), str(file.with_suffix(".npz")), told))
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    rooms = ", dl_techniques.".join(f"{kind}s" for kind in ROOMS)
    done = subprocess.run(
        [sys.executable, "-c", LOADER.format(rooms=rooms), tmp_path / "jobs.json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {}
