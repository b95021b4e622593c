"""What the Build page asks of a compute process; imports no streamlit."""

from dl_techniques.datasets import Preview, preview
from dl_techniques.recipes import (
    DatasetSpec,
    Recipe,
    datasets_room,
    to_notebook,
    to_script,
)


def preview_of(spec: DatasetSpec, n: int = 24) -> Preview:
    """Loads a data set and returns a few samples of it."""
    return preview(datasets_room.load(spec), n)


def code_of(recipe: Recipe) -> tuple[str, str]:
    """Returns the recipe as a script and as a notebook."""
    return to_script(recipe), to_notebook(recipe)
