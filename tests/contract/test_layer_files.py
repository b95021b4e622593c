"""Every layer is saved and loaded again without custom objects."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.contract.case import CASES, assert_close, every_layer

ROOT = Path(__file__).parents[2]
LOADER = """
import json, sys
import keras, numpy as np
import dl_techniques.layers
bad = {}
for file, arrays in json.load(open(sys.argv[1])):
    try:
        model, data = keras.saving.load_model(file), np.load(arrays)
        x = [data[k] for k in sorted(data) if k[0] == "x"]
        y = keras.tree.flatten(model(x if len(x) > 1 else x[0]))
        for i, tensor in enumerate(y):
            got = keras.ops.convert_to_numpy(tensor)
            np.testing.assert_allclose(got, data[f"y{i}"], atol=1e-5, rtol=1e-4)
    except Exception as error:
        bad[file] = repr(error)[:300]
print(json.dumps(bad))
"""


@every_layer
def test_saved_file_reloads_to_the_same_function(case, tmp_path):
    model = case.model()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = case.batch()
    assert_close(case.answer(loaded, x), case.answer(model, x), atol=1e-6)


@pytest.mark.slow
@pytest.mark.timeout(1800)  # JAX compiles every layer twice
def test_saved_files_reload_in_a_fresh_process(tmp_path):
    jobs = []
    for i, case in enumerate(CASES):
        if "saved_file_reloads_to_the_same_function" in case.excused:
            continue
        model, file = case.model(), tmp_path / f"{i}_{case.name}.keras"
        model.save(file)
        x = case.batch()
        arrays = {f"x{k}": part for k, part in enumerate(x)}
        arrays |= {f"y{k}": part for k, part in enumerate(case.answer(model, x))}
        np.savez(file.with_suffix(".npz"), **arrays)
        jobs.append([str(file), str(file.with_suffix(".npz"))])
    listing = tmp_path / "jobs.json"
    listing.write_text(json.dumps(jobs))
    done = subprocess.run(
        [sys.executable, "-c", LOADER, str(listing)],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == {}
