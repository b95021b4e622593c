"""What the catalog knows of every component: arguments, ranges, source."""

from collections.abc import Iterator
from typing import Any, get_args

import streamlit as st

from dl_techniques import catalog
from dl_techniques.catalog import Argument, Entry, EntryKind

KINDS = tuple(k for k in get_args(EntryKind) if k != "model")
_ALL = "all families"


def draw() -> None:
    """Draws the choice of kind and family, a search, and the components found."""
    kind = st.pills(
        "Kind",
        KINDS,
        default=KINDS[0],
        format_func=lambda k: f"{_plural(k)} {len(catalog.entries(k))}",
        key="library-kind",
        label_visibility="collapsed",
        required=True,
    )
    known = catalog.entries(kind)
    left, right = st.columns([2, 1])
    word = left.text_input(
        "Search",
        key="library-search",
        placeholder="Search: name, idea or paper",
        icon=":material/search:",
        label_visibility="collapsed",
        live=True,
    )
    families = [_ALL, *sorted({e.family for e in known})]
    family = right.selectbox(
        "Family", families, key=f"library-family-{kind}", label_visibility="collapsed"
    )
    found = list(matching(known, word or "", None if family == _ALL else family))
    if not found:
        st.caption("Nothing fits these words.")
    shown = ""
    for entry in sorted(found, key=lambda e: (e.family, e.name)):
        if entry.family != shown:
            shown = entry.family
            st.subheader(shown.capitalize())
        _component(entry)


def _component(entry: Entry) -> None:
    box = st.expander(
        f"**{entry.name}** · {entry.summary}",
        key=f"library-{entry.kind}-{entry.name}",
        on_change="rerun",
    )
    if box.open:
        with box:
            _describe(entry)


def matching(
    known: tuple[Entry, ...], words: str, family: str | None
) -> Iterator[Entry]:
    """Yields the entries of a family that hold every word."""
    for entry in known:
        text = " ".join((entry.name, *entry.aliases, entry.summary, entry.source))
        fits = all(w in text.lower() for w in words.lower().split())
        if fits and family in (None, entry.family):
            yield entry


def _describe(entry: Entry) -> None:
    facts = [f"**Source** {entry.source}"]
    if entry.accepts:
        facts.append(f"**Takes** {', '.join(entry.accepts)}; **gives** {entry.returns}")
    if entry.tasks:
        facts.append(f"**For** {', '.join(entry.tasks)}")
    if entry.look_at:
        facts.append(f"**Watch** {entry.look_at}")
    if entry.aliases:
        facts.append(f"**Also called** {', '.join(entry.aliases)}")
    st.markdown("  \n".join(facts))
    if entry.arguments:
        st.table([row_of(a) for a in entry.arguments])
    module, _, name = entry.target.rpartition(".")
    if module.startswith("dl_techniques"):
        st.code(f"from {module} import {name}", language="python")


def row_of(argument: Argument) -> dict[str, Any]:
    """Returns an argument as a row of a table."""
    default = "required" if argument.required else f"`{argument.default!r}`"
    return {
        "argument": f"`{argument.name}`",
        "is": argument.rule().replace("|", r"\|"),
        "default": default,
        "meaning": argument.help,
    }


def _plural(kind: str) -> str:
    return {"loss": "losses"}.get(kind, f"{kind}s")
