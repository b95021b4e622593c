"""What a finished run keeps can be compared without Keras."""

import json
import re
import subprocess
import sys
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from dl_techniques.analysis import (
    AnalysisReport,
    RunOutputs,
    compare_runs,
    layer_similarity,
)
from dl_techniques.cli import main
from dl_techniques.tracking import RunStore
from dl_techniques.training import outcome, train_here
from tests.training.recipes import mlp


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    store = RunStore(tmp_path_factory.mktemp("home"))
    records = [train_here(mlp(seed=seed), home=store.home) for seed in (0, 1)]
    return store, [r.id for r in records]


@pytest.fixture(scope="module")
def folders(trained):
    store, ids = trained
    return [store.artifact_dir(i) for i in ids]


def test_a_finished_run_keeps_its_full_analysis(folders):
    report = AnalysisReport.load(folders[0] / "analysis")
    (name,) = report.models
    assert report.errors == {}
    for section in ("performance", "calibration", "spectra", "activations", "flow"):
        assert name in getattr(report, section)
    assert report.dynamics[name].n_epochs == 3
    assert report.histories[name]["val_loss"]
    size = sum(f.stat().st_size for f in (folders[0] / "analysis").rglob("*"))
    assert size < 2_000_000


def test_runs_are_compared_on_the_samples_they_share(folders):
    runs = {name: RunOutputs.load(f) for name, f in zip("ab", folders, strict=True)}
    found = compare_runs(runs, n_boot=50)
    assert found.n == len(runs["a"].keys)
    assert found.notes == ()
    accuracy = found.differences[0]
    right = runs["a"].y_prob.argmax(1) == runs["a"].y_true
    assert accuracy.value_a == pytest.approx(right.mean())
    agree = (runs["a"].y_prob.argmax(1) == runs["b"].y_prob.argmax(1)).mean()
    assert found.agreement.matrix[0, 1] == pytest.approx(agree)
    assert found.cka.matrix[0, 0] == pytest.approx(1)
    layers = layer_similarity(runs["a"], runs["b"])
    assert layers.names_a == tuple(runs["a"].features)
    assert np.isfinite(layers.matrix).all()


def test_stored_runs_are_read_without_keras(folders):
    code = (
        "import sys\n"
        "from dl_techniques.analysis import AnalysisReport, RunOutputs, compare_runs\n"
        f"r = RunOutputs.load({str(folders[0])!r})\n"
        "compare_runs({'a': r, 'b': r}, n_boot=9)\n"
        f"AnalysisReport.load({str(folders[0] / 'analysis')!r}).compare()\n"
        "heavy = {'keras', 'tensorflow', 'sklearn', 'torch', 'jax'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_compare_writes_a_page_of_runs(trained, tmp_path, capsys):
    store, ids = trained
    page = tmp_path / "runs.html"
    code = main(["compare", *ids, "--home", str(store.home), "--report", str(page)])
    assert code == 0
    text = re.sub(r"<script>.*?</script>", "", page.read_text(), flags=re.DOTALL)
    assert "training.seed" in text
    assert "held-out samples are the same in every run" in text
    assert "not drawn" not in text
    assert page.stat().st_size <= 8_000_000


def test_a_run_is_analysed_by_its_id(trained, capsys):
    store, ids = trained
    given = ["--home", str(store.home), "--sections", "performance,dynamics", "--json"]
    assert main(["analyze", ids[0], *given]) == 0
    said = json.loads(capsys.readouterr().out)["metrics"]["mlp"]
    assert said["accuracy"] == pytest.approx(store.get(ids[0]).last["val_accuracy"])
    assert said["epochs"] == 3


@pytest.mark.parametrize("activation", [None, "sigmoid"])
def test_one_output_is_the_probability_of_class_one(activation, tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation)])
    x = np.random.default_rng(0).normal(size=(9, 3)).astype("float32")
    data = SimpleNamespace(
        x_test=x,
        y_test=np.arange(9) % 2,
        task="classification",
        kind="vector",
        info=SimpleNamespace(target_shape=()),
    )
    outcome.keep_predictions(tmp_path, model, data)
    raw = model.predict(x, verbose=0)[:, 0]
    p = raw if activation else 1 / (1 + np.exp(-raw))
    found = RunOutputs.load(tmp_path)
    np.testing.assert_allclose(found.y_prob, np.stack([1 - p, p], 1), atol=1e-6)
