"""The three backends give the same outputs for the same weights."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.contract.case import CASES

ROOT = Path(__file__).parents[2]
# JAX compiles every operation of every shape, for the first and only call
QUICKER = {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
OTHER = """
import sys
from tests.contract.test_backends_agree import differences
print(differences(sys.argv[1]))
"""


def outputs(case, weights=None):
    """Returns outputs and weights at inference, by name; sets the weights if given."""
    keras.utils.set_random_seed(0)
    layer = case.layer()
    case.build(layer)
    if weights is not None:
        layer.set_weights(weights)
    y = case.answer(layer, case.batch(), training=False)
    told = {f"y{i}": part for i, part in enumerate(y)}
    return told | {f"w{i}": w for i, w in enumerate(layer.get_weights())}


def file_of(case, folder):
    return Path(folder) / f"{CASES.index(case)}_{case.name}.npz"


def differences(folder):
    """Compares with the files of another backend; returns what differs, as JSON."""
    bad = {}
    for case in CASES:
        with np.load(file_of(case, folder)) as data:
            weights = [data[f"w{i}"] for i in range(sum(k[0] == "w" for k in data))]
            expected = {k: data[k] for k in data if k[0] == "y"}
        try:
            got = outputs(case, weights)
            for name, value in expected.items():
                np.testing.assert_allclose(
                    got[name].astype("float64"),
                    value.astype("float64"),
                    rtol=1e-5,
                    atol=1e-5 * np.abs(value).max(initial=0.0),
                )
        except Exception as error:  # noqa: BLE001 (every layer is told at once)
            bad[case.name] = " ".join(repr(error).split())[:300]
    return json.dumps(bad)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Writes weights and outputs of every case with this process' backend."""
    folder = tmp_path_factory.mktemp("outputs")
    for case in CASES:
        np.savez(file_of(case, folder), **outputs(case))
    return folder


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_outputs_agree(backend, folder):
    if importlib.util.find_spec(backend) is None or backend == keras.backend.backend():
        pytest.skip("not installed, or the one that wrote the outputs")
    told = {"KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", OTHER, str(folder)],
        cwd=ROOT,
        env={**os.environ, **told, **QUICKER},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {}


def test_comparison_tells_a_difference(tmp_path, monkeypatch):
    case = CASES[0]
    monkeypatch.setattr("tests.contract.test_backends_agree.CASES", [case])
    told = outputs(case)
    np.savez(file_of(case, tmp_path), **told)
    assert differences(tmp_path) == "{}"
    told["y0"] = told["y0"] * (1 + 1e-4)
    np.savez(file_of(case, tmp_path), **told)
    assert case.name in differences(tmp_path)
