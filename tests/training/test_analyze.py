"""Saved models analysed by the command line, files and runs alike."""

import json
import re

import keras
import numpy as np
import pytest
from keras import layers

from dl_techniques.analysis import AnalysisReport
from dl_techniques.cli import main
from dl_techniques.training.analyze import analyze_to_folder, load_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Two untrained models for the digits, of different architecture."""
    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 1))
    flat = layers.Dense(12, activation="relu")(layers.Flatten()(inputs))
    dense = keras.Model(inputs, layers.Dense(10)(flat))
    conv = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy
    dense.compile("sgd", loss(from_logits=True))
    conv.compile("sgd", loss())
    dense.save(folder / "d<b>.keras")
    conv.save(folder / "conv.keras")
    return folder


def test_analyze_writes_one_page_that_needs_no_internet(saved, tmp_path, capsys):
    page = tmp_path / "out.html"
    models = [str(saved / "d<b>.keras"), str(saved / "conv.keras")]
    options = ["--option", "max_samples=300", "--json", "--report", str(page)]
    assert main(["analyze", *models, "--data", "digits", *options]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["errors"] == {}
    assert set(said["metrics"]) == {"d<b>", "conv"}
    text = page.read_text()
    assert len(text.encode()) <= 8_000_000
    own = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r'(src|href)="(?!#)', own)
    assert "d&lt;b&gt;" in own
    assert "d<b>" not in own
    for section in ("Calibration", "Spectra", "Activations", "Representations"):
        assert f">{section}</h2>" in own
    assert "not drawn" not in own
    assert own.count('class="figure"') > 10


def test_the_report_can_be_saved_and_read_by_a_page(saved, tmp_path):
    settings = {"what": ["performance"], "options": {"max_samples": 200}}
    folder = analyze_to_folder(
        {"a": str(saved / "d<b>.keras")}, "digits", str(tmp_path / "r"), settings
    )
    assert set(AnalysisReport.load(folder).performance) == {"a"}


def test_a_model_of_another_shape_fails_in_words(saved, tmp_path, capsys):
    other = keras.Sequential([keras.Input((3,)), layers.Dense(10)])
    other.save(tmp_path / "other.keras")
    code = main(
        ["analyze", str(tmp_path / "other.keras"), "--data", "digits", "--sections",
         "performance,weights"]
    )  # fmt: skip
    assert code == 0
    assert "failed: performance of other" in capsys.readouterr().err


def test_bad_input_is_one_line(saved, tmp_path, capsys):
    model = str(saved / "d<b>.keras")
    assert main(["analyze", model]) == 2
    assert "`data` must be" in capsys.readouterr().err
    assert main(["analyze", "nowhere.keras", "--data", "digits"]) == 2
    assert main(["analyze", model, "--data", "digits", "--option", "x"]) == 2
    broken = tmp_path / "broken.keras"
    broken.write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"broken\.keras could not be loaded"):
        load_model(broken)


def test_code_inside_a_file_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x * 2)])
    model.save(tmp_path / "code.keras")
    with pytest.raises(ValueError, match="could not be loaded"):
        load_model(tmp_path / "code.keras")


def test_own_layers_are_known(tmp_path):
    from dl_techniques.layers import RMSNorm

    model = keras.Sequential([keras.Input((4,)), RMSNorm(), layers.Dense(2)])
    model.save(tmp_path / "own.keras")
    x = np.ones((3, 4), "float32")
    again = load_model(tmp_path / "own.keras")
    np.testing.assert_allclose(again(x), model(x))
