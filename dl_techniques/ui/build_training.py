"""Training and live analysis settings of the Build page."""

from typing import Any

import streamlit as st

from dl_techniques.catalog import Argument
from dl_techniques.recipes import Recipe
from dl_techniques.ui import build_fields, build_problems, build_state

_TRAINING = (
    Argument("epochs", "int", 20, low=1, high=10_000, help="Passes over the data."),
    Argument("batch_size", "int", 32, low=1, high=65_536, help="Samples a step."),
    Argument("seed", "int", 0, low=0, high=2**31 - 1, help="Fixes all random numbers."),
    Argument(
        "precision",
        "choice",
        "float32",
        choices=("float32", "mixed_float16", "mixed_bfloat16"),
        help="Numbers used inside; mixed ones pay on a GPU.",
    ),
    Argument(
        "backend",
        "choice",
        "tensorflow",
        choices=("tensorflow", "jax", "torch"),
        help="What computes; JAX and torch must be installed.",
    ),
    Argument("jit", "choice", "auto", choices=("auto", "on", "off"), help="Compile."),
    Argument("device", "text", "auto", help="auto, cpu, gpu or gpu:1."),
)
_ANALYSIS = (
    Argument("enabled", "bool", True, help="Whether the run is analysed live."),
    Argument("every", "int", 1, low=1, help="Epochs between two snapshots."),
    Argument("spectra_every", "int", 1, low=1, help="Snapshots between two spectra."),
    Argument("max_samples", "int", 256, low=16, high=10_000, help="Samples looked at."),
    Argument(
        "budget",
        "float",
        0.05,
        low=0,
        low_open=True,
        high=1,
        ui_low=0.01,
        ui_high=0.5,
        step=0.01,
        help="Largest share of the training time.",
    ),
    Argument("n_bins", "int", 10, low=2, high=100, help="Bins of the reliability."),
    Argument(
        "pictures",
        "bool",
        True,
        help="What a model itself makes: densities of a mixture, a decoder's images.",
    ),
)
_MONITORS = (
    *("val_loss", "val_accuracy", "val_mean_absolute_error", "val_clip_accuracy"),
    *("loss", "accuracy"),
)
_EARLY = (
    Argument(
        "patience", "int", 5, low=1, help="Epochs without progress before it ends."
    ),
    Argument(
        "min_delta",
        "float",
        0.0,
        low=0,
        ui_low=0.0,
        ui_high=0.1,
        help="A smaller change is no progress.",
    ),
)
_SECTIONS = ("calibration", "confidence", "weights", "activations", "spectra")


def draw(recipe: Recipe, problems: Any) -> None:
    """Draws the training settings and those of the live analysis."""
    with st.expander("Training", icon=":material/timer:", expanded=True):
        data = recipe.training.model_dump(mode="json")
        _pairs(_TRAINING, data, "training")
        _early_stopping(recipe)
    build_problems.draw(build_problems.under(problems, "training"), "training")
    with st.expander("Live analysis", icon=":material/monitoring:"):
        _sections(recipe)
        _pairs(_ANALYSIS, recipe.analysis.model_dump(mode="json"), "analysis")


def _pairs(arguments: tuple[Argument, ...], data: dict[str, Any], where: str) -> None:
    for first in range(0, len(arguments), 2):
        two = arguments[first : first + 2]
        for column, argument in zip(st.columns(2), two, strict=False):
            with column:
                build_fields.field(argument, data, where, where)


def _early_stopping(recipe: Recipe) -> None:
    spec = recipe.training.early_stopping
    build_fields.show("build-early", spec is not None)

    def change() -> None:
        if st.session_state["build-early"]:
            build_state.set_field("training.early_stopping", {"patience": 5})
        else:
            build_state.unset("training.early_stopping")

    st.checkbox("Stop early without progress", key="build-early", on_change=change)
    if spec is None:
        return
    where, data = "training.early_stopping", spec.model_dump(mode="json")
    watched = tuple(dict.fromkeys((*_MONITORS, spec.monitor)))
    monitor = Argument(
        "monitor", "choice", "val_loss", choices=watched, help="Value that is watched."
    )
    build_fields.field(monitor, data, where, "early")
    _pairs(_EARLY, data, where)
    best = Argument("restore_best", "bool", True, help="Keep the best epoch's weights.")
    build_fields.field(best, data, where, "early")


def _sections(recipe: Recipe) -> None:
    build_fields.show("build-sections", list(recipe.analysis.sections))

    def change() -> None:
        chosen = st.session_state["build-sections"]
        build_state.set_field(
            "analysis.sections", [s for s in _SECTIONS if s in chosen]
        )

    st.pills(
        "Looked at",
        _SECTIONS,
        selection_mode="multi",
        key="build-sections",
        on_change=change,
    )
