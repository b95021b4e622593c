"""Questions to the room of data sets."""

import difflib
from collections.abc import Iterator

from dl_techniques import datasets
from dl_techniques.datasets import DatasetError, DatasetInfo
from dl_techniques.recipes.problem import Problem
from dl_techniques.recipes.repairs import remove, set_value
from dl_techniques.recipes.schema import DatasetSpec, Recipe


def info_of(recipe: Recipe) -> DatasetInfo:
    """Returns the description of the recipe's data set."""
    return datasets.dataset_info(recipe.dataset.name, **recipe.dataset.options)


def load(spec: DatasetSpec) -> datasets.Dataset:
    """Loads the data that a recipe names."""
    return datasets.load_dataset(spec.name, **spec.model_dump(exclude={"name"}))


def problems(spec: DatasetSpec) -> Iterator[Problem]:
    """Yields what is wrong with name, options and knobs."""
    try:
        plain = datasets.dataset_info(spec.name)
    except DatasetError as error:
        names = [i.name for i in datasets.dataset_infos()]
        close = difflib.get_close_matches(spec.name.lower(), names, 1)
        repair = set_value("dataset.name", close[0]) if close else None
        yield Problem("dataset.name", str(error), repair)
        return
    known = {a.name: a for a in plain.options}
    wrong = False
    for name, value in spec.options.items():
        where = f"dataset.options.{name}"
        if name not in known:
            allowed = ", ".join(known) or "none"
            message = f"`{name}` is not an option of {spec.name}. Known: {allowed}"
            yield Problem(where, message, remove(where))
        elif line := known[name].problem(value):
            yield Problem(where, line, set_value(where, known[name].default))
        else:
            continue
        wrong = True
    if not wrong:
        yield from _together(spec)


def _together(spec: DatasetSpec) -> Iterator[Problem]:
    try:
        info = datasets.dataset_info(spec.name, **spec.options)
    except DatasetError as error:
        yield Problem("dataset.options", str(error))
        return
    if info.task != "classification":
        for name, neutral in (("label_noise", 0.0), ("imbalance", 1.0)):
            if getattr(spec, name) != neutral:
                where = f"dataset.{name}"
                message = f"has no meaning for {spec.name}, which has no classes"
                yield Problem(where, message, set_value(where, neutral))
