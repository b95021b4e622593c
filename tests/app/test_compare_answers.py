"""Comparing runs answer by answer."""

import numpy as np

from dl_techniques.recipes import DatasetSpec
from tests.app.stored import store_answers


def test_runs_are_compared_on_the_same_samples(compute, finished, page, words):
    rng = np.random.default_rng(0)
    for name in ("one", "two"):
        run_id = finished(name, dataset=DatasetSpec(name="iris"))
        store_answers(compute.store.artifact_dir(run_id), rng, same=True)
    app = page("compare")
    said = words(app)
    assert "60 held-out samples are the same in every run" in said
    tables = [set(d.value.columns) for d in app.dataframe]
    assert any({"runs", "difference", "p"} <= columns for columns in tables)


def test_one_run_has_nothing_to_compare_with(compute, finished, page, words):
    finished("alone")
    assert "The same samples" not in [s.value for s in page("compare").subheader]
