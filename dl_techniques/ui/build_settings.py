"""Loss, metrics and optimizer of the Build page."""

from typing import Any

import streamlit as st

from dl_techniques import catalog
from dl_techniques.catalog import Argument, Entry
from dl_techniques.datasets import DatasetInfo
from dl_techniques.recipes import Recipe
from dl_techniques.ui import (
    build_curves,
    build_fields,
    build_problems,
    build_state,
    build_training,
)

_DEFAULT_LOSS = "fits the data"
_RATE = Argument(
    "learning_rate",
    "float",
    1e-3,
    low=0,
    low_open=True,
    high=100,
    ui_low=1e-5,
    ui_high=1,
    log=True,
    help="Length of a step; the peak when there is a schedule.",
)
_WARMUP = Argument(
    "warmup_fraction",
    "float",
    0.0,
    low=0,
    high=1,
    high_open=True,
    ui_low=0.0,
    ui_high=0.5,
    step=0.05,
    help="Part of the run in which the rate rises from near zero.",
)


def draw(recipe: Recipe, info: DatasetInfo | None, problems: Any) -> None:
    """Draws loss, optimizer, metrics, training and analysis."""
    _loss(recipe, info)
    build_problems.draw(build_problems.under(problems, "loss", "metrics"), "loss")
    _optimizer(recipe, info)
    build_problems.draw(build_problems.under(problems, "optimizer"), "optimizer")
    _metrics(recipe, info)
    build_training.draw(recipe, problems)


def tasks_of(info: DatasetInfo) -> set[str]:
    """Returns the problems, in the catalog's words, that a data set poses."""
    if info.task == "matching":
        return {"pairs"}
    if info.task == "regression":
        return {"regression", "density"}
    return {"multiclass", "binary"} if info.num_classes == 2 else {"multiclass"}


def fits(entry: Entry, info: DatasetInfo) -> bool:
    """Tells whether a loss is made for the data set's problem."""
    return not entry.tasks or bool(set(entry.tasks) & tasks_of(info))


def _loss(recipe: Recipe, info: DatasetInfo | None) -> None:
    entries = catalog.entries("loss")
    good = [e.name for e in entries if info is None or fits(e, info)]
    others = [e for e in entries if e.name not in good]
    now = recipe.loss.name if recipe.loss else _DEFAULT_LOSS
    if now not in (_DEFAULT_LOSS, *good):
        good = [*good, now]
    build_fields.show("build-loss", now)

    def change() -> None:
        name = st.session_state["build-loss"]
        if name == _DEFAULT_LOSS:
            build_state.unset("loss")
            return
        entry = catalog.get("loss", name)
        args = entry.required_args()
        build_state.set_field("loss", {"name": name, "args": args})

    entry = catalog.find("loss", now)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.selectbox(
            "Loss",
            [_DEFAULT_LOSS, *good],
            key="build-loss",
            on_change=change,
            help=entry.summary if entry else "Cross-entropy, or the squared error.",
        )
    with right, st.popover("", icon=":material/tune:", help="Settings of the loss"):
        if entry and recipe.loss:
            for argument in entry.arguments:
                args = recipe.loss.args
                build_fields.field(argument, args, "loss.args", entry.name, nested=True)
        if others and info is not None:
            names = ", ".join(e.name for e in others)
            st.caption(f"Not for {info.task} with {info.title}: {names}.")


def _optimizer(recipe: Recipe, info: DatasetInfo | None) -> None:
    spec = recipe.optimizer
    names = [e.name for e in catalog.entries("optimizer")]
    build_fields.show("build-optimizer", spec.name)

    def change() -> None:
        build_state.set_field(
            "optimizer",
            {
                **spec.model_dump(mode="json", exclude={"args"}),
                "name": st.session_state["build-optimizer"],
            },
        )

    left, right = st.columns(2)
    with left:
        known = names if spec.name in names else [spec.name, *names]
        st.selectbox("Optimizer", known, key="build-optimizer", on_change=change)
    data = spec.model_dump(mode="json")
    with right:
        build_fields.field(_RATE, data, "optimizer", "optimizer")
    entry = catalog.find("optimizer", spec.name)
    with st.expander("Optimizer and schedule", icon=":material/trending_down:"):
        _schedule(recipe)
        build_fields.field(_WARMUP, data, "optimizer", "optimizer")
        build_curves.schedule(recipe, info)
        for argument in entry.arguments if entry else ():
            if argument.name != "learning_rate":
                build_fields.field(argument, spec.args, "optimizer.args", spec.name)


def _schedule(recipe: Recipe) -> None:
    spec = recipe.optimizer.schedule
    names = [e.name for e in catalog.entries("schedule")]
    build_fields.show("build-schedule", spec.name if spec else None)

    def change() -> None:
        name = st.session_state["build-schedule"]
        if name is None:
            build_state.unset("optimizer.schedule")
            return
        entry = catalog.get("schedule", name)
        args = entry.required_args()
        build_state.set_field("optimizer.schedule", {"name": name, "args": args})

    st.selectbox(
        "Schedule",
        [None, *names],
        format_func=lambda n: n or "constant",
        key="build-schedule",
        on_change=change,
    )
    entry = catalog.find("schedule", spec.name) if spec else None
    if spec is None or entry is None:
        return
    for argument in entry.arguments:
        build_fields.field(argument, spec.args, "optimizer.schedule.args", entry.name)


def _metrics(recipe: Recipe, info: DatasetInfo | None) -> None:
    names = [m.name for m in recipe.metrics]
    entries = catalog.entries("metric")
    good = [e.name for e in entries if info is None or fits(e, info)]
    build_fields.show("build-metrics", names)

    def change() -> None:
        known = {m.name: m.model_dump(mode="json") for m in recipe.metrics}
        chosen = st.session_state["build-metrics"]
        build_state.set_field(
            "metrics", [known.get(name) or _new_metric(name) for name in chosen]
        )

    st.multiselect(
        "Further metrics",
        [*dict.fromkeys([*good, *names])],
        key="build-metrics",
        on_change=change,
        placeholder="besides the accuracy or the absolute error",
    )


def _new_metric(name: str) -> dict[str, Any]:
    return {"name": name, "args": catalog.get("metric", name).required_args()}
