"""The searchable palette of layers and groups."""

from collections.abc import Iterator

import streamlit as st

from dl_techniques import catalog
from dl_techniques.catalog import Entry
from dl_techniques.datasets import DatasetInfo
from dl_techniques.recipes import LayerSpec, Recipe
from dl_techniques.recipes import stack as edits
from dl_techniques.recipes.flow import Flow, first_kind, misfit
from dl_techniques.recipes.stack import Nodes, children, group_key
from dl_techniques.ui import build_state

_ALL = "all"
_FIRST = ("core", "convolution", "norms", "activations", "pooling", "shape")
_GROUPS = {
    "residual": "Residual: adds a branch to its input",
    "repeat": "Repeat: builds what is inside several times",
}


def place_for(recipe: Recipe, selected: str | None) -> str:
    """Returns the path that a new node gets: in the open group, or after the layer."""
    if selected is None:
        return str(len(recipe.model.stack))
    node = edits.get(recipe, selected)
    key = group_key(node)
    if key:
        return f"{selected}.{key}.{len(children(node))}"
    parent, _, last = selected.rpartition(".")
    return f"{parent}.{int(last) + 1}" if parent else str(int(last) + 1)


def kind_at(recipe: Recipe, path: str, info: DatasetInfo | None) -> str | None:
    """Returns what kind of data a node at `path` gets, None when unknown."""
    if info is None:
        return None
    nodes = recipe.model.stack
    flow = Flow(info.kind if path == "0" else first_kind(nodes, info.kind))
    parts = path.split(".")
    for depth in range(0, len(parts), 2):
        _run(flow, nodes[: int(parts[depth])])
        if depth + 1 < len(parts):
            nodes = children(nodes[int(parts[depth])])
    return flow.kind


def _run(flow: Flow, nodes: Nodes) -> None:
    for _ in flow.problems(nodes):
        pass


def refusal(entry: Entry, kind: str | None) -> str | None:
    """Says why a layer does not fit data of this kind, None when it does."""
    kinds = {kind, "sequence"} if kind == "tokens" else {kind}
    if kind is None or not entry.accepts or (kinds | {"any"}) & set(entry.accepts):
        return None
    return misfit(entry, kind)


def draw(recipe: Recipe, info: DatasetInfo | None) -> None:
    """Draws the button that opens the palette, and what is in it."""
    with st.popover(
        "Add a layer",
        icon=":material/add:",
        type="primary",
        width="stretch",
        key="palette",
        on_change="rerun",
        wrap=False,
    ) as palette:
        if palette.open:
            _palette(recipe, info)


def _palette(recipe: Recipe, info: DatasetInfo | None) -> None:
    place = place_for(recipe, build_state.builder().selected)
    kind = kind_at(recipe, place, info)
    word = st.text_input(
        "Search layers",
        key="palette-search",
        placeholder="Search: name, idea or family",
        label_visibility="collapsed",
        icon=":material/search:",
        live=True,
    )
    families = _families()
    family = st.pills(
        "Family",
        families,
        default=families[0],
        key="palette-family",
        label_visibility="collapsed",
        disabled=bool(word),
    )
    where = "at the end" if place == str(len(recipe.model.stack)) else f"as {place}"
    st.caption(f"Goes in {where}, where it gets {kind or 'what comes before'}.")
    with st.container(height=380, border=False, gap="small", key="palette-list"):
        found = list(_matching(word or "", family))
        for name, text in _GROUPS.items():
            if not word or word.lower() in text.lower():
                _group(name, text, place)
        shown = ""
        for entry in found:
            if entry.family != shown:
                shown = entry.family
                st.markdown(f"**{shown}**")
            _row(entry, kind, place)
        if not found:
            st.caption("No layer fits these words.")


def _families() -> list[str]:
    known = dict.fromkeys(e.family for e in catalog.entries("layer"))
    return [f for f in _FIRST if f in known] + sorted(set(known) - set(_FIRST))


def _matching(word: str, family: str | None) -> Iterator[Entry]:
    words = word.lower().split()
    found = [
        e
        for e in catalog.entries("layer")
        if (words or family in (None, e.family))
        and all(w in f"{e.name} {e.summary} {e.family}".lower() for w in words)
    ]
    first = words[0] if words else ""
    yield from sorted(found, key=lambda e: (_rank(e, first), e.family, e.name))


def _rank(entry: Entry, word: str) -> int:
    name = entry.name.lower()
    return 0 if name == word else 1


def _row(entry: Entry, kind: str | None, place: str) -> None:
    why = refusal(entry, kind)
    notes = [entry.summary, f"Source: {entry.source}"]
    if entry.look_at:
        notes.append(f"Watch: {entry.look_at}")
    with st.container(key=f"palette-row-{entry.name}", gap=None):
        st.button(
            entry.name,
            key=f"add:{entry.name}",
            help="\n\n".join(notes),
            disabled=why is not None,
            on_click=add,
            args=(entry.name, place),
            width="stretch",
        )
        reason = f" :orange[{entry.name} {why}.]" if why else ""
        watch = f" *Watch {entry.look_at}.*" if entry.look_at and not why else ""
        st.caption(f"{entry.summary}{reason}{watch} {entry.source}")


def _group(name: str, text: str, place: str) -> None:
    st.button(
        text,
        key=f"add-group:{name}",
        icon=":material/account_tree:" if name == "residual" else ":material/repeat:",
        on_click=add_group,
        args=(name, place),
        width="stretch",
    )


def add(name: str, place: str) -> None:
    """Callback: adds a layer with the arguments it needs, and opens it."""
    entry = catalog.get("layer", name)
    choices = {a.name for a in entry.arguments if a.kind == "choice"}
    chosen = {k: v for k, v in entry.example.items() if k in choices}
    args = entry.required_args() | chosen
    if "units" in args:
        args["units"] = 64
    if "filters" in args:
        args["filters"] = 32
    node = LayerSpec(layer=name, args=args)
    build_state.attempt(
        lambda: edits.add(build_state.builder().recipe, node, place), place
    )


def add_group(kind: str, place: str) -> None:
    """Callback: adds a group with one layer that keeps the shape, and opens it."""
    node = {kind: (LayerSpec(layer="Activation", args={"activation": "relu"}),)}
    build_state.attempt(
        lambda: edits.add(build_state.builder().recipe, node, place), place
    )
