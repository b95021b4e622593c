"""The stack area of the Build page: rows of layers and the form of the open one."""

from typing import Any

import streamlit as st

from dl_techniques import catalog
from dl_techniques.datasets import DatasetInfo
from dl_techniques.recipes import LayerSpec, Recipe, RepeatSpec
from dl_techniques.recipes import stack as edits
from dl_techniques.recipes.report import NodeRow
from dl_techniques.ui import (
    build_actions,
    build_fields,
    build_palette,
    build_problems,
    build_state,
)
from dl_techniques.ui.words import amount

_COMMON = 4
_INSIDE = ":material/subdirectory_arrow_right:"
_ICONS = {"residual": ":material/account_tree:", "repeat": ":material/repeat:"}


def draw(recipe: Recipe, info: DatasetInfo | None, report: Any, problems: Any) -> None:
    """Draws the tools, a row a node, the added head, and the sums."""
    _tools(recipe, info)
    rows = {row.path: row for row in report.rows} if report else {}
    if info is not None:
        shape = " x ".join(map(str, info.input_shape))
        st.caption(f":material/input: input {shape}")
    for path, node in edits.walk(recipe.model.stack):
        _row(recipe, path, node, rows.get(path), problems)
    if not recipe.model.stack:
        st.caption("No layer yet: the head alone is a linear model.")
    for row in rows.values():
        if not row.path[0].isdigit():
            _fixed(row)
    if report is None:
        st.caption(":material/hourglass_empty: working out the shapes ...")
    elif report.ok:
        st.caption(
            f"**{report.total_parameters:,} parameters, "
            f"{amount(report.total_flops)}FLOPs a sample**"
        )
    rest = [p for p in problems if p.path is None and p.where.startswith("model")]
    build_problems.draw(rest, "model")


def _tools(recipe: Recipe, info: DatasetInfo | None) -> None:
    state = build_state.builder()
    left, right = st.columns([1, 1], vertical_alignment="center")
    with left:
        build_palette.draw(recipe, info)
    with right, st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "",
            icon=":material/undo:",
            key="build-undo",
            help="Undo (Ctrl+Z)",
            shortcut="Ctrl+Z",
            disabled=not state.past,
            on_click=build_state.undo,
        )
        st.button(
            "",
            icon=":material/redo:",
            key="build-redo",
            help="Redo (Ctrl+Y)",
            shortcut="Ctrl+Y",
            disabled=not state.future,
            on_click=build_state.redo,
        )


def _row(
    recipe: Recipe, path: str, node: Any, row: NodeRow | None, problems: Any
) -> None:
    mine = build_problems.at_node(problems, path)
    open_ = build_state.builder().selected == path
    depth = path.count(".") // 2
    key = f"node-{path.replace('.', '-')}"
    with st.container(border=open_ or bool(mine), key=key, gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if depth:
                st.markdown(_INSIDE * depth, width="content")
            st.button(
                _title(node),
                key=f"open:{path}",
                type="tertiary",
                icon=":material/expand_more:" if open_ else ":material/chevron_right:",
                on_click=build_state.select,
                args=(path,),
            )
            st.caption(_facts(node, row), width="stretch")
            if node.muted:
                st.badge("muted", color="gray")
        build_problems.draw(mine, path)
        if open_:
            _form(path, node)


def _title(node: Any) -> str:
    if isinstance(node, LayerSpec):
        return f"**{node.layer}** {_given(node)}"
    if isinstance(node, RepeatSpec):
        return f"{_ICONS['repeat']} **Repeat** {node.times} times"
    return f"{_ICONS['residual']} **Residual**"


def _given(node: LayerSpec) -> str:
    values = [
        str(v) for k, v in node.args.items() if isinstance(v, int | float | str) and k
    ]
    return ", ".join(values[:3]).replace("_", r"\_")


def _facts(node: Any, row: NodeRow | None) -> str:
    if row is None or row.muted or row.output_shape is None:
        return ""
    shape = " x ".join("?" if s is None else str(s) for s in row.output_shape)
    parts = [shape]
    if row.parameters:
        parts.append(f"{row.parameters:,} par.")
    if row.flops:
        parts.append(f"{amount(row.flops)}FLOPs")
    return " · ".join(parts)


def _fixed(row: NodeRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/lock: {row.layer}", width="content")
        st.caption(_facts(None, row), width="stretch")
    if row.error:
        st.markdown(f":red[:material/error: {row.error}]")


def _form(path: str, node: Any) -> None:
    build_actions.draw(path, node)
    if isinstance(node, RepeatSpec):
        times = catalog.Argument(
            "times", "int", 2, low=1, high=64, help="How often it is built."
        )
        where = f"model.stack.{path}"
        build_fields.field(times, {"times": node.times}, where, "repeat")
        return
    if not isinstance(node, LayerSpec):
        st.caption("Its output is added to its input, projected where shapes differ.")
        return
    entry = catalog.find("layer", node.layer)
    if entry is None:
        return
    watch = f" Watch: {entry.look_at}." if entry.look_at else ""
    st.caption(f"{entry.summary}{watch} Source: {entry.source}.")
    where = f"model.stack.{path}.args"
    first = entry.arguments[:_COMMON]
    for columns_of in (first[i : i + 2] for i in range(0, len(first), 2)):
        for column, argument in zip(st.columns(2), columns_of, strict=False):
            with column:
                build_fields.field(argument, node.args, where, f"{path}:{entry.name}")
    if len(entry.arguments) > _COMMON:
        with st.expander("More"):
            for argument in entry.arguments[_COMMON:]:
                build_fields.field(argument, node.args, where, f"{path}:{entry.name}")
