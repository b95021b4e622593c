"""Analyses saved models on a data set: for the command line and the app's pages."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dl_techniques.analysis import AnalysisReport
from dl_techniques.utils.validation import check

_ROOMS = (
    *("layers", "losses", "metrics", "regularizers", "initializers", "constraints"),
    *("optimization", "models"),
)
Progress = Callable[[int, int, str], Any]


def load_model(path: str | Path) -> Any:
    """Loads a .keras file in safe mode: nothing in it is run as code.

    Raises:
        ValueError: If it is no such file or needs what safe mode refuses.
    """
    import keras

    path = Path(path)
    check(path.suffix == ".keras", "path", "a .keras file", str(path))
    check(path.is_file(), "path", "a file that exists", str(path))
    for room in _ROOMS:
        importlib.import_module(f"dl_techniques.{room}")
    try:
        return keras.saving.load_model(path, safe_mode=True)
    except Exception as error:
        text = " ".join(str(error).split())[:300]
        raise ValueError(f"{path.name} could not be loaded: {text}") from error


def analyze_models(
    models: Mapping[str, Any],
    dataset: str,
    *,
    options: dict[str, Any] | None = None,
    samples: int = 2000,
    seed: int = 0,
    what: Sequence[str] | None = None,
    time_budget: float | None = None,
    histories: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> AnalysisReport:
    """Analyses models on the held-out part of a data set.

    Args:
        models: {name: model or path of a .keras file}.
        dataset: Name of the data set.
        options: Of `load_dataset`: its own and `train_size`, `seed` and so on.
        samples: Most samples looked at.
        seed: Of every choice of the analysis.
        what: Sections; None is all, of pairs those that need no labels.
        time_budget: Seconds.
        histories: {name: values an epoch}.
        progress: Called with (done, total, text).
    """
    from dl_techniques.analysis.analysis_config import AnalysisConfig
    from dl_techniques.datasets import load_dataset

    loaded = {
        name: load_model(m) if isinstance(m, str | Path) else m
        for name, m in models.items()
    }
    return analyze_data(
        loaded,
        load_dataset(dataset, **(options or {})),
        config=AnalysisConfig(max_samples=samples, seed=seed, time_budget=time_budget),
        what=what,
        histories=histories,
        progress=progress,
    )


def analyze_data(
    models: dict[str, Any],
    data: Any,
    *,
    config: Any = None,
    what: Any = None,
    histories: Mapping[str, Any] | None = None,
    progress: Any = None,
) -> Any:
    """Analyses models on the held-out samples of a data set; see `analyze_models`.

    Of pairs, which have no labels, it makes the sections that need none.
    """
    from dl_techniques.analysis.analysis_config import SECTIONS, WITHOUT_LABELS
    from dl_techniques.analysis.model_analyzer import ModelAnalyzer

    analyzer = ModelAnalyzer(
        models, config=config, histories=histories, class_names=data.class_names or None
    )
    pairs = data.kind == "pairs"
    return analyzer.analyze(
        data.inputs_test,
        None if pairs else data.y_test,
        what=what or (WITHOUT_LABELS if pairs else SECTIONS),
        progress=progress,
    )


def analyze_to_folder(
    models: dict[str, str], dataset: str, folder: str, settings: dict[str, Any]
) -> str:
    """Answers a page: analyses, saves into `folder` and returns it.

    Args:
        models: {name: path of a .keras file}.
        dataset: Name of the data set.
        folder: Where the report goes; read it with `AnalysisReport.load`.
        settings: Arguments of `analyze_models`.
    """
    return str(analyze_models(models, dataset, **settings).save(folder))
