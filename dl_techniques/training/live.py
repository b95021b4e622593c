"""The live analysis of a run, with snapshots going to the store."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dl_techniques.recipes.schema import Recipe
from dl_techniques.tracking import RunStore
from dl_techniques.training.writer import Writer

GRACE = 1.0  # seconds of waiting granted to short runs


def live_callback(
    store: RunStore, run_id: str, recipe: Recipe, data: Any, writer: Writer
) -> Any:
    """Returns the callback that analyses held-out samples while the model trains."""
    from dl_techniques.analysis.callbacks import LiveAnalysisCallback

    spec = recipe.analysis

    def keep(snapshot: Any) -> None:
        text = json.dumps(snapshot.to_dict(), allow_nan=False, separators=(",", ":"))
        store.add_snapshot(run_id, snapshot.epoch, text)

    return LiveAnalysisCallback(
        data.inputs_test,
        data.y_test,
        sink=lambda snapshot: writer.put(lambda: keep(snapshot)),
        every=spec.every,
        max_samples=spec.max_samples,
        sections=(*spec.sections, *(("pictures",) if spec.pictures else ())),
        spectra_every=spec.spectra_every,
        budget=spec.budget,
        seed=recipe.training.seed,
        n_bins=spec.n_bins,
        grace=GRACE,
        words=data.info.words,
        worker=ThreadPoolExecutor(1, thread_name_prefix="live-analysis"),
    )
