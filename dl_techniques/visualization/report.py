"""An analysis report as one HTML file.

One file: the parts of the page in the order in which they are read, each a few lines.
"""

from collections.abc import Mapping
from typing import Any

from dl_techniques.analysis import accuracy_coverage_curve
from dl_techniques.visualization.colors import ColorMap
from dl_techniques.visualization.html_page import Page, shown
from dl_techniques.visualization.theme import Theme

_MOST_MODELS = 6
_MOST_SPECTRA = 6
_SEPARATION = ("scatter_ratio", "silhouette", "nearest_mean_accuracy", "nc1")


def report_html(
    report: Any, *, title: str | None = None, theme: Theme | str | None = None
) -> str:
    """Returns `AnalysisReport` as a page with every section, table and figure.

    Args:
        report: The report.
        title: Heading.
        theme: Look of page and figures.
    """
    names = ", ".join(report.models)
    page = Page(title or f"Analysis of {names}", theme)
    colors = ColorMap.for_names(report.models)
    _head(page, report)
    for title_, condition, write in (
        ("Side by side", report.models, _side_by_side),
        ("Answers", report.performance, _answers),
        ("Calibration", report.calibration, _calibration),
        ("Confidence", report.confidence, _confidence),
        ("Training", report.dynamics or report.histories, _training),
        ("Weights", report.weights, _weights),
        ("Spectra", report.spectra, _spectra),
        ("Activations", report.activations, _activations),
        ("Representations", report.flow or report.cka, _representations),
        ("How this was made", report.models, _made),
    ):
        if condition:
            page.section(title_)
            write(page, report, colors)
    return page.render()


def _few(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(values.items())[:_MOST_MODELS]


def _head(page: Page, report: Any) -> None:
    page.text(f"{report.n:,} of {report.total:,} samples, {len(report.models)} models.")
    for (section, model), error in report.errors.items():
        page.text(f"{section} of {model} failed: {error}", "alert")
    for (section, model), why in report.skipped.items():
        page.text(f"{section} of {model} was left out: {why}.")


def _side_by_side(page: Page, report: Any, colors: ColorMap) -> None:
    frame = report.compare()
    ways = frame.attrs["direction"]
    rows = []
    for metric in frame.columns:
        values = frame[metric]
        best = None
        if ways.get(metric) and len(values) > 1 and values.notna().any():
            best = values.min() if ways[metric] == "min" else values.max()
        cells = [shown(float(v)) + (" ★" if v == best else "") for v in values]
        rows.append(
            [metric, *cells, {"min": "less", "max": "more"}.get(ways[metric], "")]
        )
    page.table(["metric", *report.models, "better"], rows)
    if len(report.models) < 2:
        return
    page.text(
        "★ is the best of the row. A difference is sure when its interval leaves out 0."
    )
    if report.differences:
        page.differences(report.differences)
    if report.agreement is not None:
        page.draw("confidence.agreement_figure", report.agreement)
    goals = [m for m in ("accuracy", "rmse") if m in frame.columns][:1]
    for other in ("parameters", "ms_batch", "ece"):
        if goals and other in frame.columns and other not in goals:
            ways = {"accuracy": "max", "rmse": "min"}
            front = report.pareto(((goals[0], ways[goals[0]]), (other, "min")))
            page.draw("comparison.pareto_figure", front, other, goals[0], colors=colors)


def _answers(page: Page, report: Any, colors: ColorMap) -> None:
    names = report.class_names or None
    for model, found in _few(report.performance):
        page.heading(f"{model}: {found.kind}, {found.n:,} samples")
        if found.classification is not None and found.kind != "multilabel":
            page.draw(
                "comparison.confusion_figure", found.classification.confusion, names
            )
            page.draw("comparison.per_class_figure", found.classification, names)
        if found.regression is not None:
            r = found.regression
            page.table(
                ["samples", "mae", "rmse", "r2", "bias", "nll", "crps"],
                [(r.n, r.mae, r.rmse, r.r2, r.bias, r.nll, r.crps)],
            )
        if found.quantiles is not None:
            page.draw("calibration.quantile_calibration_figure", found.quantiles)
        kept = report.predictions.get(model)
        if found.regression is not None and kept is not None:
            flat = kept.scores.reshape(len(kept.scores), -1)[:, 0]
            target = kept.labels.reshape(len(kept.labels), -1)[:, 0]
            page.draw("data.residual_figure", target, flat)


def _calibration(page: Page, report: Any, colors: ColorMap) -> None:
    diagrams = {name: found.diagram for name, found in report.calibration.items()}
    page.draw("calibration.reliability_figure", diagrams, colors=colors)
    page.text(
        "A perfectly calibrated model shows an error too, by chance; the range is in "
        "the table."
    )
    page.table(
        ["model", "ECE", "by chance", "adaptive", "largest gap", "Brier", "NLL"],
        [
            (m, d.ece, f"{d.ece_by_chance[0]:.3f} to {d.ece_by_chance[2]:.3f}",
             d.adaptive_ece, d.mce, d.brier, d.nll)
            for m, d in diagrams.items()
        ],
    )  # fmt: skip
    if report.temperature:
        page.heading("Temperature, fitted on one half and judged on the other")
        page.table(
            ["model", "T", "ECE before", "ECE after", "NLL before", "NLL after"],
            [
                (m, t.fit.temperature, t.ece_before, t.ece_after, t.nll_before,
                 t.nll_after)
                for m, t in report.temperature.items()
            ],
        )  # fmt: skip
    for model, found in _few(report.calibration):
        if found.classwise is not None:
            page.heading(model)
            page.draw(
                "calibration.classwise_calibration_figure",
                found.classwise,
                report.class_names or None,
            )


def _confidence(page: Page, report: Any, colors: ColorMap) -> None:
    for model, stats in _few(report.confidence):
        page.heading(model)
        page.draw("confidence.confidence_histogram_figure", stats)
    curves = {
        model: accuracy_coverage_curve(stats.max_probability, stats.correct)
        for model, stats in report.confidence.items()
        if stats.correct is not None
    }
    page.draw("confidence.accuracy_coverage_figure", curves, colors=colors)


def _training(page: Page, report: Any, colors: ColorMap) -> None:
    if report.histories:
        names = dict.fromkeys(k for h in report.histories.values() for k in h)
        for metric in [n for n in names if f"val_{n}" in names][:4]:
            page.draw(
                "training.training_curves_figure",
                report.histories,
                metric=metric,
                colors=colors,
            )
    page.table(
        ["model", "best epoch", "best", "converged at", "stability", "overfitting"],
        [
            (m, d.best_epoch, d.best_value, d.epochs_to_convergence, d.stability,
             d.overfitting_index)
            for m, d in report.dynamics.items()
        ],
    )  # fmt: skip


def _weights(page: Page, report: Any, colors: ColorMap) -> None:
    for model, found in _few(report.weights):
        page.heading(model)
        kernels = {w.path: w.stats for w in found.layers if len(w.stats.shape) > 1}
        page.draw("weights.weight_histograms_figure", kernels)
        page.frame(found.to_frame(), f"all weights of {model}")


def _spectra(page: Page, report: Any, colors: ColorMap) -> None:
    page.text(
        "An exponent is only shown as a number where the tail may be a power law; "
        "2 to 6 is usual for trained layers."
    )
    page.draw("spectra.spectral_summary_figure", report.spectra, colors=colors)
    for model, found in _few(report.spectra):
        page.heading(model)
        page.table(
            ["layer", "type", "N", "M", "alpha", "verdict", "quality", "stable rank",
             "entropy", "flags"],
            [
                (s.path, s.layer_type, s.spectrum.n_long, s.spectrum.n_short,
                 s.fit.reported_alpha, s.fit.verdict, s.fit.quality,
                 s.metrics.stable_rank, s.metrics.entropy, " ".join(s.flags))
                for s in found.layers
            ],
        )  # fmt: skip
        for layer in found.layers[:_MOST_SPECTRA]:
            page.draw("spectra.esd_figure", layer)


def _activations(page: Page, report: Any, colors: ColorMap) -> None:
    page.draw("activations.activation_stats_figure", report.activations, colors=colors)
    for model, found in _few(report.activations):
        page.heading(model)
        page.draw("activations.activation_histograms_figure", found)
        page.frame(found.to_frame(), f"all layers of {model}")


def _representations(page: Page, report: Any, colors: ColorMap) -> None:
    page.draw("representations.information_flow_figure", report.flow, colors=colors)
    for (a, b), found in list(report.cka.items())[:10]:
        title = f"CKA of the layers of {a}" + ("" if a == b else f" and {b}")
        page.draw("representations.cka_figure", found, title=title)
    labels = _labels(report)
    for model, found in _few(report.projection):
        page.heading(f"{model}: the layer before the head")
        page.draw(
            "representations.pca_scatter_figure",
            found,
            labels,
            report.class_names or None,
        )
    if report.separation:
        page.table(
            ["model", *(n.replace("_", " ") for n in _SEPARATION)],
            [
                (m, *(getattr(s, n) for n in _SEPARATION))
                for m, s in report.separation.items()
            ],
        )


def _labels(report: Any) -> Any:
    """Returns the classes of the projected samples, if predictions have them."""
    kept = next(iter(report.predictions.values()), None)
    if kept is None or kept.kind not in ("multiclass", "binary"):
        return None
    place = {int(r): i for i, r in enumerate(kept.rows)}
    if not all(int(r) in place for r in report.projection_rows):
        return None
    return kept.labels[[place[int(r)] for r in report.projection_rows]]


def _made(page: Page, report: Any, colors: ColorMap) -> None:
    page.table(["section", "seconds"], sorted(report.seconds.items()))
    settings = [i for i in report.config.field_items() if i[0] != "flags"]
    page.table(["setting", "value"], [(k, str(v)) for k, v in settings], "settings")
