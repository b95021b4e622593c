"""DepthAnything: files, configs, other backends, half precision."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from dl_techniques.models import DepthAnything, registry
from tests.models.test_depth_anything import images, numbers, tiny

PROBE = """
import sys, dl_techniques.models, keras, numpy as np
model = keras.saving.load_model(sys.argv[1] + "/a.keras")
x = np.load(sys.argv[1] + "/x.npy")
np.save(sys.argv[1] + "/y.npy", keras.ops.convert_to_numpy(model(x)))
other = keras.ops.convert_to_numpy(model(x[:, :8, :12]))
np.save(sys.argv[1] + "/z.npy", other)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder, model = tmp_path_factory.mktemp("depth"), tiny()
    x = images(2, 16, 16, 3)
    model.save(folder / "a.keras")
    np.save(folder / "x.npy", x)
    return folder, numbers(model(x)), numbers(model(x[:, :8, :12]))


def answers(folder, backend):
    env = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-c", PROBE, str(folder)], check=True, env=env)
    return np.load(folder / "y.npy"), np.load(folder / "z.npy")


@pytest.mark.slow
def test_a_fresh_process_loads_the_same_function(saved):
    folder, y, z = saved
    got = answers(folder, keras.backend.backend())
    np.testing.assert_array_equal(got[0], y)
    np.testing.assert_array_equal(got[1], z)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_backends_agree(saved, backend):
    pytest.importorskip(backend)
    folder, y, z = saved
    for got, want in zip(answers(folder, backend), (y, z), strict=True):
        np.testing.assert_allclose(got, want, atol=1e-4, rtol=1e-4)


def test_config_clone_and_weights_file_rebuild_the_same_model(tmp_path):
    model = tiny(version="v1", depth_type="metric", max_depth=3.0)
    config = json.loads(json.dumps(model.get_config()))
    revived = DepthAnything.from_config(config)
    assert revived.get_config() == model.get_config()
    for twin in (revived, keras.models.clone_model(model)):
        assert [(w.path, w.shape) for w in twin.weights] == [
            (w.path, w.shape) for w in model.weights
        ]
    model.save_weights(tmp_path / "a.weights.h5")
    revived.load_weights(tmp_path / "a.weights.h5")
    x = images(1, 16, 16, 3)
    np.testing.assert_array_equal(numbers(revived(x)), numbers(model(x)))


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_step_in_half_precision_is_finite(policy):
    model = registry.create_model("depth_anything_lab", dtype=policy)
    x = images(2, 32, 32, 3)
    assert keras.backend.standardize_dtype(model(x).dtype) == "float32"
    model.compile("adam", "mse", run_eagerly=True)
    history = model.fit(x, np.ones((2, 32, 32, 1), "float32"), verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert {w.dtype for w in model.weights} == {"float32"}
