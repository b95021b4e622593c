"""Every page in an empty store, with finished runs, and with a failed run."""

import sys

from dl_techniques.recipes import Recipe


def test_empty_store_is_explained(compute, page, words, finished):
    assert "Nothing trained yet" in words(page("start"))
    assert "No run yet" in words(page("live"))
    assert "No run yet" in words(page("compare"))
    assert "opened in Keras' safe mode" in words(page("inspect"))
    assert not page("build").exception


def test_one_click_trains(compute, page, words, finished):
    app = page("start")
    app.button(key="train_digits-mlp").click().run()
    assert [r.name for r in compute.submitted] == ["digits MLP"]


def test_finished_run_is_shown(compute, page, words, finished):
    run_id = finished()
    app = page("live", run=run_id)
    assert "finished" in str([b.value for b in app.markdown]) or "first" in words(app)
    assert not app.error


def test_failed_run_says_why(compute, page, words, finished):
    run_id = compute.store.create(Recipe(name="broken"))
    compute.store.set_status(run_id, "failed", "the loss became NaN in epoch 2")
    app = page("live", run=run_id)
    assert "the loss became NaN in epoch 2" in words(app)
    assert any(b.label == "Resume" for b in app.button)


def test_runs_are_compared(compute, page, words, finished):
    finished("first", 0.8)
    finished("second", 0.9)
    app = page("compare")
    assert [s.value for s in app.subheader][:2] == ["What differs", "Values"]
    table = app.dataframe[0].value
    assert {"first", "second"} <= set(table.columns)


def test_build_adds_mutes_and_takes_back(compute, page, words, finished):
    app = page("build")
    app.button(key="open:1").click().run()
    app.button(key="copy:1").click().run()
    assert any(b.key == "open:3" for b in app.button)
    app.button(key="build-undo").click().run()
    assert not any(b.key == "open:3" for b in app.button)


def test_server_side_loads_no_backend():
    import subprocess

    code = (
        "import sys, dl_techniques.ui.start, dl_techniques.ui.live, "
        "dl_techniques.ui.compare, dl_techniques.ui.build_stack, "
        "dl_techniques.ui.build_settings, dl_techniques.ui.build_data;"
        "print(sorted({'keras', 'tensorflow', 'sklearn'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_knobs_of_classes_are_not_offered_for_numbers():
    from dl_techniques.datasets import dataset_info
    from dl_techniques.ui.build_data import knobs_of

    names = {k.name for k in knobs_of(dataset_info("diabetes"))}
    assert "train_size" in names
    assert not {"label_noise", "imbalance"} & names
    assert "label_noise" in {k.name for k in knobs_of(dataset_info("digits"))}
