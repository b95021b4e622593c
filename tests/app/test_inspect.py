"""The Inspect page on stored answers."""

import numpy as np
import pytest

from dl_techniques.recipes import DatasetSpec, Recipe
from dl_techniques.ui import inspect_views
from tests.app.stored import store_answers

VIEWS = ("Answers", "Examples", "Calibration", "Confidence", "Representations")


def test_every_view_of_stored_answers(compute, finished, page, words):
    run_id = finished("flowers", dataset=DatasetSpec(name="iris"))
    folder = compute.store.artifact_dir(run_id)
    y, p = store_answers(folder, np.random.default_rng(0))
    app = page("inspect", run=run_id)
    for view in VIEWS:
        app.session_state["inspect_view"] = view
        app.run()
        assert not app.exception, (view, app.exception)
        if view == "Answers":
            assert app.metric[0].value == f"{(p.argmax(1) == y).mean():.1%}"
    app.session_state["inspect_view"] = "Spectra"
    app.run()
    assert "No analysis was stored" in words(app)


def test_temperature_changes_the_calibration(compute, finished, page, words):
    run_id = finished("flowers", dataset=DatasetSpec(name="iris"))
    store_answers(compute.store.artifact_dir(run_id), np.random.default_rng(1))
    app = page("inspect", run=run_id)
    app.session_state["inspect_view"] = "Calibration"
    app.run()
    before = app.metric[0].value
    app.slider[0].set_value(3.0).run()
    assert app.metric[0].value != before
    assert app.metric[0].delta != "+0.0000"


def test_a_run_without_answers_says_so(compute, page, words):
    run_id = compute.store.create(Recipe(name="broken"))
    compute.store.set_status(run_id, "failed", "the loss became NaN")
    assert "before it stored a model: the loss became NaN" in words(
        page("inspect", run=run_id)
    )


def test_numbers_have_views_of_their_own(tmp_path):
    from dl_techniques.ui.inspect_subject import Subject

    y = np.linspace(0, 1, 20)
    np.savez(
        tmp_path / "predictions.npz",
        rows=np.arange(20),
        y_true=y[:, None],
        outputs=y[:, None] + 0.1,
    )
    subject = Subject("k", "n", tmp_path, DatasetSpec(name="diabetes"))
    names = inspect_views.names(subject)
    assert names[0] == "Answers"
    assert "Calibration" not in names


@pytest.mark.slow
def test_an_uploaded_model_is_analysed_and_a_foreign_file_refused(tmp_path):
    import keras

    from dl_techniques.ui.inspect_questions import analyse

    (tmp_path / "model.keras").write_bytes(b"PK nonsense")
    with pytest.raises(ValueError, match="could not be loaded"):
        analyse(str(tmp_path), DatasetSpec(name="iris"), "bad")
    wrong = keras.Sequential([keras.Input((7,)), keras.layers.Dense(3)])
    wrong.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="the data have the shape"):
        analyse(str(tmp_path), DatasetSpec(name="iris"), "wrong")
    fine = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    )
    fine.save(tmp_path / "model.keras")
    assert analyse(str(tmp_path), DatasetSpec(name="iris"), "fine")
    assert (tmp_path / "analysis" / "report.json").exists()
