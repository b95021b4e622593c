"""What the Build page asks of a compute process; imports no streamlit."""

from dl_techniques.datasets import Preview, load_dataset, preview
from dl_techniques.recipes import DatasetSpec, Recipe, to_notebook, to_script


def preview_of(spec: DatasetSpec, n: int = 24) -> Preview:
    """Loads a data set and returns a few samples of it."""
    dataset = load_dataset(
        spec.name,
        options=spec.options,
        train_size=spec.train_size,
        max_samples=spec.max_samples,
        label_noise=spec.label_noise,
        imbalance=spec.imbalance,
        standardise=spec.standardise,
        seed=spec.seed,
    )
    return preview(dataset, n)


def code_of(recipe: Recipe) -> tuple[str, str]:
    """Returns the recipe as a script and as a notebook."""
    return to_script(recipe), to_notebook(recipe)
