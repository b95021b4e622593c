"""The choice between a stack of layers and a named model, and the model's form."""

from typing import Any

import streamlit as st

from dl_techniques import catalog
from dl_techniques.datasets import DatasetInfo
from dl_techniques.recipes import Recipe
from dl_techniques.recipes.check import model_refusal
from dl_techniques.ui import build_fields, build_problems, build_state
from dl_techniques.ui.words import amount

_STACK, _MODEL = "A stack of layers", "A model of the gallery"
_ROWS = 60


def pick(recipe: Recipe, info: DatasetInfo | None) -> bool:
    """Draws the choice; returns whether the recipe names a model."""
    fitting = [e.name for e in catalog.entries("model") if _fits(e, info)]
    build_fields.show("build-kind", _MODEL if recipe.model.zoo else _STACK)

    def change() -> None:
        wanted = st.session_state["build-kind"]
        kept = st.session_state.get("build-other-model")
        st.session_state["build-other-model"] = recipe.model.model_dump(mode="json")
        if wanted == _MODEL and not recipe.model.zoo:
            new = kept if kept and kept.get("zoo") in fitting else {"zoo": fitting[0]}
            build_state.set_field("model", new)
        elif wanted == _STACK and recipe.model.zoo:
            build_state.set_field("model", kept if kept and kept.get("stack") else {})

    st.segmented_control(
        "Model",
        [_STACK, _MODEL] if fitting or recipe.model.zoo else [_STACK],
        key="build-kind",
        on_change=change,
        label_visibility="collapsed",
    )
    return recipe.model.zoo is not None


def draw(recipe: Recipe, info: DatasetInfo | None, report: Any, problems: Any) -> None:
    """Draws the model's name, its arguments, and its layers with shapes."""
    zoo = str(recipe.model.zoo)
    names = [e.name for e in catalog.entries("model") if _fits(e, info)]
    build_fields.show("build-zoo", zoo)

    def change() -> None:
        build_state.set_field("model", {"zoo": st.session_state["build-zoo"]})

    known = names if zoo in names else [zoo, *names]
    st.selectbox("Model", known, key="build-zoo", on_change=change)
    _left_out(info)
    entry = catalog.find("model", zoo)
    if entry:
        watch = f" Watch: {entry.look_at}" if entry.look_at else ""
        st.caption(f"{entry.summary}{watch} Source: {entry.source}.")
        for two in (
            entry.arguments[i : i + 2] for i in range(0, len(entry.arguments), 2)
        ):
            for column, argument in zip(st.columns(2), two, strict=False):
                with column:
                    args = recipe.model.args
                    build_fields.field(argument, args, "model.args", entry.name)
    mine = [p for p in problems if p.where.startswith("model")]
    build_problems.draw(mine, "model")
    if report is None:
        st.caption(":material/hourglass_empty: building the model ...")
    elif report.ok:
        st.caption(
            f"**{report.total_parameters:,} parameters, "
            f"{amount(report.total_flops)}FLOPs a sample**"
        )
        _layers(report)


def _left_out(info: DatasetInfo | None) -> None:
    """Says which models are not offered, and why."""
    reasons = [model_refusal(e, info) for e in catalog.entries("model")] if info else []
    if any(reasons):
        with st.expander(f"{sum(map(bool, reasons))} models do not fit these data"):
            for reason in filter(None, reasons):
                st.caption(f"{reason}.")


def _layers(report: Any) -> None:
    rows = [r for r in report.rows if r.output_shape is not None]
    with st.expander(f"{len(rows)} layers", icon=":material/table_rows:"):
        st.dataframe([layer_row(r) for r in rows[:_ROWS]], hide_index=True)
        if len(rows) > _ROWS:
            st.caption(f"The first {_ROWS}.")


def layer_row(row: Any) -> dict[str, Any]:
    """Returns a layer as a row of a table."""
    return {
        "layer": row.label or row.layer,
        "kind": row.layer,
        "output": " x ".join("?" if s is None else str(s) for s in row.output_shape),
        "parameters": row.parameters,
        "FLOPs": row.flops,
    }


def _fits(entry: catalog.Entry, info: DatasetInfo | None) -> bool:
    return info is None or model_refusal(entry, info) is None
