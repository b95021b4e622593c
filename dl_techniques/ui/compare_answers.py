"""Runs on the samples they have in common: agreement, differences, trade-offs."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dl_techniques.analysis import pareto_front
from dl_techniques.analysis.run_outputs import RunComparison, compare_runs
from dl_techniques.tracking import RunRecord
from dl_techniques.ui import runs, services, stored
from dl_techniques.ui.plot import live_figure
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import comparison, confidence, representations

_DRAWS = 400
_COSTS = {
    "parameters": "parameters",
    "time of a sample": "ms_single",
    "calibration error": "ece",
}
Records = Sequence[RunRecord]


def draw(records: Records) -> None:
    """Draws what can be compared sample by sample."""
    done = [r for r in records if not r.active]
    if len(done) < 2:
        return
    st.subheader("The same samples")
    with st.spinner("Comparing answer by answer ...", show_time=True):
        places = tuple(_place(r) for r in done)
        found = _compared(places, tuple(runs.labels(done).values()))
    if found is None:
        st.caption(
            "Finished runs are compared answer by answer; there are not two yet."
        )
        return
    st.caption(f"{found.n:,} held-out samples are the same in every run.")
    for note in found.notes:
        st.caption(f"Not everything can be compared: {note}.")
    _certainty(found)
    left, right = st.columns(2)
    with left:
        if found.agreement is not None:
            figure = confidence.agreement_figure(found.agreement, theme=theme())
            _show("agreement", figure, "Share of equal answers of every two runs")
    with right:
        if found.cka is not None:
            figure = representations.cka_figure(found.cka, theme=theme())
            _show("cka", figure, "Similarity of the layers before the heads")
    _trade_offs(done)


def _certainty(found: RunComparison) -> None:
    metrics = list(dict.fromkeys(d.metric for d in found.differences))
    if not metrics:
        return
    metric = st.segmented_control("Difference in", metrics, default=metrics[0])
    chosen = metric or metrics[0]
    figure = comparison.bootstrap_difference_figure(
        found.differences, metric=chosen, theme=theme()
    )
    alt = f"Differences in {chosen} with bootstrap intervals"
    _show("differences", figure, alt)
    tests = [d for d in found.differences if d.metric == "accuracy"]
    if tests:
        with st.expander("McNemar's test of the accuracies"):
            st.dataframe(
                [
                    {
                        "runs": f"{d.b} less {d.a}",
                        "difference": round(d.difference, 4),
                        "from": round(d.low, 4),
                        "to": round(d.high, 4),
                        "p": round(d.p_value, 4),
                    }
                    for d in tests
                ],
                hide_index=True,
            )


def _trade_offs(records: Records) -> None:
    named = runs.labels(records)
    reports = {named[r.id]: stored.report(*_place(r)) for r in records}
    values = {n: next(iter(r.metrics().values())) for n, r in reports.items() if r}
    if len(values) < 2:
        return
    st.subheader("Trade-offs")
    known = {
        words: name
        for words, name in _COSTS.items()
        if all(name in v for v in values.values())
    }
    if not known or not all("accuracy" in v for v in values.values()):
        st.caption("Trade-offs need classifiers with a stored analysis.")
        return
    against = st.segmented_control(
        "Accuracy against", list(known), default=next(iter(known))
    )
    cost = known[against or next(iter(known))]
    front = pareto_front(values, (("accuracy", "max"), (cost, "min")))
    figure = comparison.pareto_figure(
        front, x=cost, y="accuracy", colors=runs.colors(records), theme=theme()
    )
    _show("pareto", figure, f"Accuracy of every run against its {against}")


def _show(name: str, figure: Any, alt: str) -> None:
    height = int(figure.layout.height or 380)
    live_figure(figure, key=f"compare_{name}", alt=alt, height=height)


@st.cache_resource(show_spinner=False, max_entries=8)
def _compared(key: tuple[tuple[str, str], ...], names: tuple[str, ...]) -> Any:
    found = {
        name: outputs
        for name, (folder, ended) in zip(names, key, strict=True)
        if (outputs := stored.outputs(folder, ended)) is not None
    }
    return compare_runs(found, n_boot=_DRAWS) if len(found) > 1 else None


def _place(record: RunRecord) -> tuple[str, str]:
    """Returns where a run's files lie, and what changes when they do."""
    return str(services.store().fetch(record.id)), str(record.ended)
