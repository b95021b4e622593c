"""What the Build page asks of a compute process; imports no streamlit."""

from typing import Any

from dl_techniques.analysis.curves import KernelSpectrum, kernel_spectrum
from dl_techniques.datasets import Preview, preview
from dl_techniques.recipes import (
    DatasetSpec,
    Recipe,
    datasets_room,
    to_notebook,
    to_script,
)
from dl_techniques.recipes.calls import call_of


def preview_of(spec: DatasetSpec, n: int = 24) -> Preview:
    """Loads a data set and returns a few samples of it."""
    return preview(datasets_room.load(spec), n)


def code_of(recipe: Recipe) -> tuple[str, str]:
    """Returns the recipe as a script and as a notebook."""
    return to_script(recipe), to_notebook(recipe)


def initial_spectrum(
    name: str, args: dict[str, Any], shape: tuple[int, ...]
) -> KernelSpectrum:
    """Returns the singular values of a kernel that an initializer draws."""
    import keras

    keras.utils.set_random_seed(0)
    drawn = call_of("initializer", name, args).make()(shape)
    return kernel_spectrum(keras.ops.convert_to_numpy(drawn))
