"""What is inside a model: spectra, weights, activations, representations."""

from typing import Any

import numpy as np
import streamlit as st

from dl_techniques.analysis import cka_matrix, pca_projection
from dl_techniques.analysis.report import AnalysisReport
from dl_techniques.ui import services
from dl_techniques.ui.inspect_draw import names_of, show
from dl_techniques.ui.inspect_subject import Subject
from dl_techniques.ui.shell import theme
from dl_techniques.visualization import activations as activation_figures
from dl_techniques.visualization import representations as representation_figures
from dl_techniques.visualization import spectra as spectral_figures
from dl_techniques.visualization import weights as weight_figures
from dl_techniques.visualization.report import report_html

_MAPS = "dl_techniques.ui.inspect_questions.feature_maps"


def _section(subject: Subject, name: str) -> Any:
    """Returns one section of the stored analysis, or says why there is none."""
    report = subject.report
    if report is None:
        st.info("No analysis was stored with this model.")
        return None
    found = getattr(report, name)
    if not found:
        why = _why(report, name)
        st.info(f"The analysis has no {name}{why}.")
        return None
    return next(iter(found.values()))


def _why(report: AnalysisReport, name: str) -> str:
    told = {**report.skipped, **report.errors}
    return next((f": {text}" for (s, _), text in told.items() if s == name), "")


def spectra(subject: Subject) -> None:
    """Draws the eigenvalues of every weight matrix, layer by layer."""
    found = _section(subject, "spectra")
    if found is None:
        return
    left, right = st.columns(2)
    with left:
        figure = spectral_figures.alpha_by_layer_figure(found, theme=theme())
        show("alpha", figure, "Power-law exponent alpha of every layer", 380)
    with right:
        figure = spectral_figures.stable_rank_figure(found, theme=theme())
        show("rank", figure, "Stable rank of every layer", 380)
    paths = [layer.path for layer in found.layers]
    if not paths:
        st.info("No matrix is large enough for a spectrum.")
        return
    layer = found.layers[paths.index(st.selectbox("Layer", paths))]
    st.caption(f"{layer.fit.verdict}, {layer.fit.quality}; α = {layer.fit.alpha:.2f}")
    left, right = st.columns(2)
    with left:
        figure = spectral_figures.esd_figure(layer, theme=theme())
        show("esd", figure, f"Eigenvalue density of {layer.path}", 400)
    with right:
        figure = spectral_figures.ccdf_figure(layer, theme=theme())
        show("ccdf", figure, f"Share of larger eigenvalues of {layer.path}", 400)
    st.dataframe(found.to_frame(), hide_index=True)


def weights(subject: Subject) -> None:
    """Draws the distribution of every weight."""
    found = _section(subject, "weights")
    if found is None:
        return
    stats = {w.path: w.stats for w in found.layers}
    figure = weight_figures.weight_histograms_figure(stats, theme=theme())
    show("weights", figure, "Histograms of the weights, layer by layer")
    st.dataframe(found.to_frame(), hide_index=True)


def activations(subject: Subject) -> None:
    """Draws what layers put out, their dead units, and maps of one sample."""
    found = _section(subject, "activations")
    if found is None:
        return
    figure = activation_figures.activation_histograms_figure(found, theme=theme())
    show("activations", figure, "Histograms of the outputs, layer by layer")
    left, right = st.columns(2)
    paths = [layer.path for layer in found.layers]
    with right:
        path = st.selectbox("Layer", paths)
        figure = activation_figures.dead_units_figure(found[path].stats, theme=theme())
        show("dead", figure, f"Share of zeros of every unit of {path}", 360)
    with left:
        figure = activation_figures.activation_stats_figure(found, theme=theme())
        show("stats", figure, "Mean and deviation of the outputs by layer", 440)
    _maps(subject, [layer.path for layer in found.layers if len(layer.shape) == 3])
    st.dataframe(found.to_frame(), hide_index=True)


def _maps(subject: Subject, paths: list[str]) -> None:
    if not paths:
        return
    st.subheader("Feature maps of one sample")
    left, right = st.columns([1, 3])
    with left:
        row = int(st.number_input("Held-out sample", 0, value=0, step=1))
        path = st.selectbox("Layer with maps", paths)
        wanted = st.button("Show", icon=":material/grid_view:") or st.session_state.get(
            "inspect_maps"
        ) == (subject.key, row, path)
    if not wanted:
        return
    st.session_state["inspect_maps"] = (subject.key, row, path)
    with right:
        try:
            with st.spinner("Asking the model ...", show_time=True):
                maps = services.ask(
                    _MAPS,
                    *(str(subject.folder), subject.data, row, path),
                    key=f"{subject.key}-{row}-{path}",
                ).result(90)
        except Exception as error:  # noqa: BLE001  # told in words, the page goes on
            st.caption(f"No maps: {error}")
            return
        figure = activation_figures.feature_map_figure(maps, theme=theme())
        show("maps", figure, f"Feature maps of {path} for sample {row}")


def representations(subject: Subject) -> None:
    """Draws the samples as a layer sees them, and how alike layers are."""
    outputs = subject.outputs
    if outputs is None or not outputs.features:
        st.info("No representation was stored with this model.")
        return
    layers = list(outputs.features)
    left, right = st.columns(2)
    with left:
        layer = st.selectbox("Layer", layers, index=len(layers) - 1)
        features = outputs.features[layer]
        projection = pca_projection(features.reshape(len(features), -1))
        figure = representation_figures.pca_scatter_figure(
            projection, outputs.feature_labels, names_of(subject), theme=theme()
        )
        show("pca", figure, f"Held-out samples as {layer} sees them", 480)
    with right:
        st.caption(
            "Centred kernel alignment: 1 where two layers see the samples alike, up to "
            "a turn and a scale."
        )
        flat = {n: v.reshape(len(v), -1) for n, v in outputs.features.items()}
        figure = representation_figures.cka_figure(cka_matrix(flat), theme=theme())
        show("cka", figure, "Similarity of every two layers", 480)
    separation = subject.report.separation if subject.report else {}
    if separation:
        figure = representation_figures.class_separation_figure(
            next(iter(separation.values())), theme=theme()
        )
        show("separation", figure, "How well layers keep the classes apart")


def report(subject: Subject) -> None:
    """Offers the whole analysis as one file."""
    found = subject.report
    if found is None:
        st.info("No analysis was stored with this model.")
        return
    values = next(iter(found.metrics().values()), {})
    st.dataframe(
        [{"measure": k, "value": float(f"{v:.6g}")} for k, v in values.items()
         if np.isfinite(v)],
        hide_index=True,
    )  # fmt: skip
    if st.button("Write the report", icon=":material/description:"):
        with st.spinner("Drawing every figure ...", show_time=True):
            text = report_html(found, title=subject.name, theme=theme())
        st.download_button(
            "Download the report",
            text,
            file_name=f"{subject.name.replace(' ', '-')}.html",
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )
    for (section, _), why in {**found.skipped, **found.errors}.items():
        st.caption(f"{section}: {why}")
