"""Stored runs side by side as one HTML file."""

from collections.abc import Mapping, Sequence
from typing import Any

from dl_techniques.analysis import compare_runs, reliability_diagram
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.html_page import Page
from dl_techniques.visualization.theme import Theme


def runs_html(
    differs: Mapping[str, Sequence[Any]],
    values: Mapping[str, Sequence[Any]],
    histories: Mapping[str, Mapping[str, Sequence[float]]],
    outputs: Mapping[str, Any],
    reports: Mapping[str, Any],
    *,
    title: str | None = None,
    theme: Theme | str | None = None,
) -> str:
    """Returns a page that compares runs.

    Args:
        differs: Field of the recipe -> its value in every run.
        values: Metric -> its last value in every run.
        histories: Run -> {metric: values an epoch}; sets the runs' order.
        outputs: Run -> `RunOutputs`, of those that stored some.
        reports: Run -> its own `AnalysisReport`, of those that stored one.
        title: Heading.
        theme: Look of page and figures.
    """
    names = list(histories)
    colors = ColorMap.for_names(names)
    page = Page(title or f"Runs: {', '.join(names)}", theme)
    page.section("What differs")
    if differs:
        page.table(["field", *names], [(k, *v) for k, v in differs.items()])
    else:
        page.text("The recipes are equal: what differs in the results is chance.")
    page.section("Values")
    page.table(["last value", *names], [(k, *v) for k, v in values.items()])
    page.section("Curves")
    known = dict.fromkeys(k for h in histories.values() for k in h)
    for metric in [k for k in known if f"val_{k}" in known][:4]:
        page.draw(
            "training.training_curves_figure", histories, metric=metric, colors=colors
        )
    if outputs:
        _answers(page, outputs, colors)
    if reports:
        _inside(page, reports, colors)
    return page.render()


def _answers(page: Page, outputs: Mapping[str, Any], colors: ColorMap) -> None:
    page.section("Answers on the same samples")
    found = compare_runs(outputs)
    page.text(f"{found.n:,} held-out samples are the same in every run.")
    for note in found.notes:
        page.text(note, "alert")
    if found.differences:
        page.differences(found.differences)
    if found.agreement is not None:
        page.draw("confidence.agreement_figure", found.agreement)
    if found.cka is not None:
        title = "CKA of the layers before the heads"
        page.draw("representations.cka_figure", found.cka, title=title)
    diagrams = {
        name: reliability_diagram(run.y_true, run.y_prob)
        for name, run in outputs.items()
        if run.y_prob is not None
    }
    if diagrams:
        page.draw("calibration.reliability_figure", diagrams, colors=colors)


def _inside(page: Page, reports: Mapping[str, Any], colors: ColorMap) -> None:
    page.section("Inside")
    for section, name in (
        ("spectra", "spectra.spectral_summary_figure"),
        ("activations", "activations.activation_stats_figure"),
        ("flow", "representations.information_flow_figure"),
    ):
        found = {}
        for run, report in reports.items():
            for result in getattr(report, section).values():
                found[run] = result
        if found:
            page.draw(name, found, colors=colors)
