"""The Models page: each family with its paper, variants, layers, and a recipe."""

from typing import Any

import streamlit as st

from dl_techniques import catalog
from dl_techniques.models import list_models, model_card
from dl_techniques.recipes import (
    DatasetSpec,
    ModelSpec,
    Recipe,
    TrainingSpec,
    recipe_hash,
    to_link,
)
from dl_techniques.ui import build_answers, build_model
from dl_techniques.ui.build_problems import INSPECT
from dl_techniques.ui.words import amount

SMALL = 3_000_000
_DATA = {(8, 8, 1): "digits", (28, 28, 1): "fashion_mnist", (32, 32, 3): "shapes"}


def draw() -> None:
    """Draws a card for each family."""
    cards = [model_card(name) for name in list_models()]
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    with left:
        tasks = sorted({c["task"] for c in cards})
        task = st.segmented_control("Task", tasks, selection_mode="multi")
    with right:
        large = st.toggle("Large variants too", help=f"Above {SMALL:,} parameters.")
    for family in dict.fromkeys(c["family"] for c in cards):
        own = [c for c in cards if c["family"] == family]
        if not task or own[0]["task"] in task:
            _family(family, own, large=large)


def _family(family: str, cards: list[dict[str, Any]], *, large: bool) -> None:
    first = cards[0]
    shown = [c for c in cards if large or c["params"] <= SMALL]
    with st.container(border=True, key=f"family-{family}"):
        st.subheader(family)
        licence = first["licence"]
        words = f" Public weights: {licence}." if licence else ""
        st.markdown(first["summary"])
        st.caption(f"{first['task']} · {first['paper']}.{words}")
        if not shown:
            st.caption(f"Its {len(cards)} variants are large: turn them on above.")
            return
        rows = [_row(c) for c in shown]
        known = [k for k in rows[0] if any(r[k] for r in rows)]
        st.dataframe([{k: r[k] for k in known} for r in rows], hide_index=True)
        _open(family, shown)


def _row(card: dict[str, Any]) -> dict[str, Any]:
    macs = card["macs"]
    return {
        "variant": card["variant"],
        "input": " x ".join("?" if n is None else str(n) for n in card["input"] or ()),
        "parameters": f"{card['params']:,}",
        "multiply-adds": f"{amount(macs).strip()}" if macs else "",
        "public weights": ", ".join(card["hub"]),
    }


def _open(family: str, cards: list[dict[str, Any]]) -> None:
    entry = catalog.find("model", family)
    if entry is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fits = [recipe_of(entry, c) is not None for c in cards]
        variant = st.selectbox(
            "Variant",
            [c["variant"] for c in cards],
            index=fits.index(True) if any(fits) else 0,
            key=f"variant-{family}",
            width=180,
        )
        card = next(c for c in cards if c["variant"] == variant)
        recipe = recipe_of(entry, card)
        if recipe is None:
            st.caption("No built-in data set has inputs of its shape.")
            return
        st.page_link(
            "pages/build.py",
            label="Open as a recipe",
            icon=":material/construction:",
            query_params={"m": to_link(recipe)},
        )
        look = st.toggle("Its layers", key=f"layers-{family}")
    if look:
        _layers(recipe)


def recipe_of(entry: catalog.Entry, card: dict[str, Any]) -> Recipe | None:
    """Returns a recipe for a variant on data of its shape; None without such data."""
    data = _DATA.get(tuple(card["input"] or ()))
    if "pairs" in entry.accepts:
        data = "captioned_shapes" if data == "shapes" else None
    elif "image" not in entry.accepts:
        data = "inverse_sine" if "density" in card["task"] else data
    if "maps" in entry.tasks:
        data = "depth_shapes" if data == "shapes" else None
    if data is None:
        return None
    args = {"variant": card["variant"]} if entry.argument("variant") else {}
    return Recipe(
        name=f"{card['family']} {card['variant']}",
        dataset=DatasetSpec(name=data),
        model=ModelSpec(zoo=entry.name, args=args),
        training=TrainingSpec(epochs=10, batch_size=64),
    )


def _layers(recipe: Recipe) -> None:
    answer = build_answers.ask(INSPECT, recipe, key=recipe_hash(recipe))
    if not answer.done:
        st.caption(":material/hourglass_empty: building the model ...")
    elif answer.error:
        st.caption(f"No layers: {answer.error}")
    else:
        report = answer.value
        for problem in report.problems:
            st.caption(f":red[{problem.message}]")
        rows = [r for r in report.rows if r.output_shape is not None]
        st.caption(
            f"{report.total_parameters:,} parameters, "
            f"{amount(report.total_flops)}FLOPs a sample"
        )
        st.dataframe([build_model.layer_row(r) for r in rows], hide_index=True)
