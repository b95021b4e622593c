"""Every compiled loss and metric is loaded by a process that imports only the package.

The file carries class, arguments and package; no custom objects are passed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.contract.loss_case import CASES

ROOT = Path(__file__).parents[2]
LOADER = """
import json, sys
import keras, numpy as np
import dl_techniques.losses, dl_techniques.metrics
bad = {}
for file, arrays, key, expected in json.load(open(sys.argv[1])):
    try:
        model, data = keras.saving.load_model(file), np.load(arrays)
        x, y = data["x"], data["y"]
        model.run_eagerly = True
        told = model.test_on_batch(x, y, return_dict=True)[key]
        np.testing.assert_allclose(told, expected, atol=1e-5, rtol=1e-4)
    except Exception as error:
        bad[file] = repr(error)[:300]
print(json.dumps(bad))
"""


@pytest.mark.slow
def test_compiled_models_reload_in_a_fresh_process(tmp_path):
    jobs = []
    for i, case in enumerate(CASES):
        model, x, y = case.compiled()
        file = tmp_path / f"{i}_{case.name}.keras"
        arrays = file.with_suffix(".npz")
        model.save(file)
        np.savez(arrays, x=x, y=y)
        key = "metric" if case.is_metric else "loss"
        jobs.append((str(file), str(arrays), key, case.told(model, x, y)))
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(tmp_path / "jobs.json")],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        timeout=280,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {}
