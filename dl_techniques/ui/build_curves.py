"""What a choice on the Build page means as a curve, drawn when it is asked for."""

import json
import math
from typing import Any

import streamlit as st

from dl_techniques.analysis.curves import (
    INITIAL_LAWS,
    PENALTIES,
    initial_kernel,
    kernel_spectrum,
    penalty_curve,
    schedule_curve,
)
from dl_techniques.catalog import Entry
from dl_techniques.datasets import DatasetInfo
from dl_techniques.recipes import Recipe
from dl_techniques.ui import build_answers
from dl_techniques.ui.plot import live_figure
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import curves as figures

SPECTRUM = "dl_techniques.ui.build_questions.initial_spectrum"
_INPUTS, _MOST = 64, 256  # sides of the kernel that is drawn
_SEED_ONLY = {"seed"}


def shown_for(entry: Entry | None, argument: str) -> bool:
    """Tells whether there is a curve of a component in this argument of a layer."""
    if entry is None:
        return False
    if entry.kind == "regularizer":
        return entry.name in PENALTIES
    return entry.kind == "initializer" and "kernel" in argument


def component(
    entry: Entry, args: dict[str, Any], layer: dict[str, Any], key: str
) -> None:
    """Offers the penalty of a regularizer, or the spectrum of an initializer.

    Args:
        entry: The component.
        args: Its arguments.
        layer: Arguments of the layer: its width is the kernel's.
        key: Identifies the widget.
    """
    what = "penalty" if entry.kind == "regularizer" else "singular values"
    help_text = f"The {what} as a curve"
    with _popover(help_text, key) as opened:
        if not opened.open:
            return
        if entry.kind == "regularizer":
            _penalty(entry, args, key)
        else:
            _spectrum(entry, args, layer, key)


def _popover(help_text: str, key: str) -> Any:
    return st.popover(
        "",
        icon=":material/show_chart:",
        help=help_text,
        key=f"{key}:curve",
        on_change="rerun",  # the figure costs nothing while nobody looks
    )


def _penalty(entry: Entry, args: dict[str, Any], key: str) -> None:
    try:
        found = penalty_curve(entry.name, args)
    except ValueError as error:
        st.caption(str(error))
        return
    figure = figures.penalty_curve_figure(found, theme=theme())
    live_figure(figure, key=f"{key}:figure", alt=f"Penalty over the {found.variable}")


def _spectrum(
    entry: Entry, args: dict[str, Any], layer: dict[str, Any], key: str
) -> None:
    shape = (_INPUTS, kernel_width(layer))
    if entry.name in INITIAL_LAWS and set(args) <= _SEED_ONLY:
        kernel = initial_kernel(entry.name, shape, args.get("seed") or 0)
        found: Any = kernel_spectrum(kernel)
    else:
        asked = json.dumps([entry.name, args, shape], sort_keys=True)
        answer = build_answers.ask(SPECTRUM, entry.name, args, shape, key=asked)
        if not answer.done:
            st.caption(":material/hourglass_empty: drawing a kernel ...")
            return
        if answer.error:
            st.caption(f"No kernel could be drawn: {answer.error}")
            return
        found = answer.value
    figure = figures.kernel_spectrum_figure(found, theme=theme())
    live_figure(figure, key=f"{key}:figure", alt="Singular values, largest first")


def kernel_width(layer: dict[str, Any]) -> int:
    """Returns the outputs of a layer's kernel, as far as its arguments tell."""
    sizes = (layer.get(n) for n in ("units", "filters", "hidden_dim"))
    known = next((s for s in sizes if isinstance(s, int) and s > 0), _INPUTS)
    return min(known, _MOST)


def schedule(recipe: Recipe, info: DatasetInfo | None) -> None:
    """Offers the learning rate over the steps of the run."""
    spec = recipe.optimizer
    if info is None or not (spec.schedule or spec.warmup_fraction):
        return
    with _popover("The learning rate as a curve", "build-schedule") as opened:
        if not opened.open:
            return
        name, args = None, {}
        if spec.schedule:
            name, args = spec.schedule.name, spec.schedule.args
        try:
            found = schedule_curve(
                *(steps_of(recipe, info), spec.learning_rate, name, args),
                warmup_fraction=spec.warmup_fraction,
            )
        except ValueError as error:
            st.caption(str(error))
            return
        figure = figures.schedule_curve_figure(found, theme=theme())
        live_figure(figure, key="build-schedule:figure", alt="Learning rate by step")


def steps_of(recipe: Recipe, info: DatasetInfo) -> int:
    """Returns about how many steps the run has: the split may round otherwise."""
    spec, training = recipe.dataset, recipe.training
    samples = min(info.n_samples, spec.max_samples or info.n_samples)
    part = max(round(samples * spec.train_size), 1)
    return training.epochs * math.ceil(part / training.batch_size)
