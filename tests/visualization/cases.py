"""Every figure with something to draw: the shared checks run over this list."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from dl_techniques.visualization import activations as act
from dl_techniques.visualization import architecture as arch
from dl_techniques.visualization import calibration as cal
from dl_techniques.visualization import comparison as com
from dl_techniques.visualization import confidence as con
from dl_techniques.visualization import data as dat
from dl_techniques.visualization import pictures as pic
from dl_techniques.visualization import representations as rep
from dl_techniques.visualization import spectra as spe
from dl_techniques.visualization import training as tra
from dl_techniques.visualization import weights as wei
from tests.visualization import samples as s


class Case(NamedTuple):
    """A figure, its ordinary arguments, and harder ones by name."""

    name: str
    draw: Callable
    args: Callable
    options: Mapping = MappingProxyType({})
    typed: bool = False  # takes a result: a wrong type is a TypeError
    hard: Mapping = MappingProxyType({})


def _ten(make, long=True):
    return lambda: (s.models(10, make, long=long),)


def _scored(classes):
    return lambda: s.scored(classes=classes, n=400 if classes < 50 else 1500)


def _cosines(units=12):
    w = s.rng().normal(size=(20, units))
    w /= np.linalg.norm(w, axis=0)
    return (w.T @ w,)


def _line(n=50):
    x = np.arange(n) / 10
    return x, np.sin(x), np.sin(x) + s.rng().normal(size=n) / 5


def _forecast():
    y = np.sin(np.arange(60) / 5)
    return y, y[48:] + 0.1, y[48:] - 0.3, y[48:] + 0.5


def _drop_labels(n=10):
    images = s.pictures(n)
    return images, np.arange(n) % 3, (np.arange(n) + 1) % 3, np.full(n, 0.9)


CASES = (
    Case(
        "reliability",
        cal.reliability_figure,
        lambda: (s.diagram(),),
        typed=True,
        hard={
            "10 long": _ten(s.diagram),
            "2 classes": lambda: (s.diagram(classes=2),),
            "100 classes": lambda: (s.diagram(classes=100),),
        },
    ),
    Case(
        "calibration_comparison",
        cal.calibration_comparison_figure,
        lambda: (s.models(2, s.report),),
        typed=True,
        hard={"10 long": _ten(s.report)},
    ),
    Case(
        "classwise_calibration",
        cal.classwise_calibration_figure,
        lambda: (s.report().classwise, ["cat", "dog", "horse", "very <long> " * 5]),
        typed=True,
        hard={"100 classes": lambda: (s.report(classes=100).classwise,)},
    ),
    Case(
        "brier_decomposition",
        cal.brier_decomposition_figure,
        lambda: (s.report().decomposition,),
        typed=True,
        hard={"10 long": _ten(lambda i: s.report(i).decomposition)},
    ),
    Case("temperature", cal.temperature_figure, s.temperature),
    Case("temperature_diagrams", cal.temperature_diagrams_figure, s.scaled_diagrams),
    Case(
        "quantile_calibration",
        cal.quantile_calibration_figure,
        lambda: (s.quantiles(),),
        typed=True,
        hard={"10 long": _ten(s.quantiles)},
    ),
    Case(
        "confidence_histogram",
        con.confidence_histogram_figure,
        lambda: (s.confidence_stats(),),
        typed=True,
    ),
    Case("entropy", con.entropy_figure, lambda: (s.confidence_stats(),), typed=True),
    Case("margin", con.margin_figure, lambda: (s.confidence_stats(),), typed=True),
    Case(
        "accuracy_coverage",
        con.accuracy_coverage_figure,
        lambda: (s.coverage(),),
        typed=True,
        hard={"10 long": _ten(s.coverage)},
    ),
    Case(
        "confidence_roc",
        con.confidence_roc_figure,
        lambda: (s.confidence_stats(),),
        typed=True,
        hard={"10 long": _ten(s.confidence_stats)},
    ),
    Case(
        "agreement",
        con.agreement_figure,
        lambda: (s.agreement(),),
        typed=True,
        hard={"10 long": lambda: (s.agreement(10, True),)},
    ),
    Case(
        "distance_matrix",
        con.distance_matrix_figure,
        lambda: (["a", "b", "c"], [[0, 0.2, 0.3], [0.2, 0, 0.1], [0.3, 0.1, 0]]),
    ),
    Case(
        "class_probability",
        con.class_probability_figure,
        lambda: (s.scored()[1][3], ["cat", "dog", "a<b", "long " * 10]),
        options={"label": 1},
        hard={"100 classes": lambda: (s.scored(classes=100)[1][3],)},
    ),
    Case(
        "esd",
        spe.esd_figure,
        lambda: (s.layer(randomize=True),),
        typed=True,
        hard={"random": lambda: (s.layer(kind="random"),)},
    ),
    Case("ks", spe.ks_figure, lambda: (s.curve_fit(),), typed=True),
    Case("ccdf", spe.ccdf_figure, lambda: (s.layer(),), typed=True),
    *(
        Case(
            name,
            draw,
            lambda: (s.spectral_report(),),
            typed=True,
            hard={
                "10 long": _ten(s.spectral_report),
                "40 layers": lambda: (s.spectral_report(layers=40, long=True),),
            },
        )
        for name, draw in (
            ("alpha_by_layer", spe.alpha_by_layer_figure),
            ("stable_rank", spe.stable_rank_figure),
            ("spectral_norm", spe.spectral_norm_figure),
            ("spectral_summary", spe.spectral_summary_figure),
            ("alpha_histogram", spe.alpha_histogram_figure),
        )
    ),
    Case(
        "alpha_vs_generalisation",
        spe.alpha_vs_generalisation_figure,
        lambda: ({f"model {i}": (1 + 0.2 * i, 0.95 - 0.01 * i) for i in range(4)},),
        hard={"10 long": lambda: (s.models(10, lambda i: (i, 0.9), True),)},
    ),
    Case(
        "trap",
        spe.trap_figure,
        lambda: (s.spectral_report(randomize=True),),
        typed=True,
    ),
    Case(
        "smoothing", spe.smoothing_figure, lambda: (s.smoothing_report(),), typed=True
    ),
    Case(
        "esd_evolution",
        spe.esd_evolution_figure,
        lambda: (s.evolution(6),),
        hard={"40 steps": lambda: (s.evolution(40),)},
    ),
    Case(
        "activation_histograms",
        act.activation_histograms_figure,
        lambda: (s.activation_report(),),
        typed=True,
        hard={"20 layers": lambda: (s.activation_report(layers=20),)},
    ),
    Case(
        "activation_stats",
        act.activation_stats_figure,
        lambda: (s.activation_report(),),
        typed=True,
        hard={"10 long": _ten(lambda i: s.activation_report(i, 3))},
    ),
    Case(
        "dead_units",
        act.dead_units_figure,
        lambda: (s.activation_report().layers[3].stats,),
        typed=True,
        hard={"2000 units": lambda: (s.activation_report(1, 1, 2000).layers[0].stats,)},
    ),
    Case(
        "feature_map",
        act.feature_map_figure,
        lambda: (s.rng().random((8, 8, 20)),),
        hard={"large": lambda: (s.rng().random((200, 200, 64)),)},
    ),
    Case(
        "activation_heatmap",
        act.activation_heatmap_figure,
        lambda: s.features(n=100),
        hard={"large": lambda: s.features(n=1000, classes=20, d=200)},
    ),
    Case(
        "weight_histograms",
        wei.weight_histograms_figure,
        lambda: (s.weight_stats(),),
        hard={"20 layers": lambda: (s.weight_stats(20),)},
    ),
    Case(
        "weight_matrix",
        wei.weight_matrix_figure,
        lambda: (s.rng().normal(size=(30, 16)),),
        hard={"large": lambda: (s.rng().normal(size=(700, 900)),)},
    ),
    Case(
        "filters",
        wei.filters_figure,
        lambda: (s.rng().normal(size=(3, 3, 8, 20)),),
        hard={"colour": lambda: (s.rng().normal(size=(5, 5, 3, 20)),)},
    ),
    Case(
        "update_ratio",
        wei.update_ratio_figure,
        lambda: ({f"dense_{i}": 1e-3 * (1 + i) for i in range(4)},),
        hard={"over time": lambda: ({f"w{i}": np.full(9, 0.01) for i in range(20)},)},
    ),
    Case("unit_cosine", wei.unit_cosine_figure, _cosines),
    Case(
        "unit_lengths",
        wei.unit_cosine_figure,
        lambda: (s.directions(),),
    ),
    Case(
        "occupancy",
        wei.occupancy_figure,
        lambda: (s.ternary(),),
        typed=True,
        hard={"10 long": _ten(lambda i: s.ternary())},
    ),
    Case(
        "fingerprint",
        rep.fingerprint_figure,
        lambda: (s.fingerprint(),),
        typed=True,
        hard={"10 long": lambda: (s.fingerprint(10, True),)},
    ),
    Case(
        "cka",
        rep.cka_figure,
        lambda: (s.cka(),),
        typed=True,
        hard={"long": lambda: tuple(s.cka(True))},
    ),
    Case(
        "pca_scatter",
        rep.pca_scatter_figure,
        s.projection,
        hard={"100 classes": lambda: s.projection(n=3000, classes=100)},
    ),
    Case(
        "information_flow",
        rep.information_flow_figure,
        lambda: (s.flow(),),
        typed=True,
        hard={"10 long": _ten(lambda i: s.flow())},
    ),
    Case(
        "class_separation",
        rep.class_separation_figure,
        lambda: (s.separation(),),
    ),
    Case(
        "gradient_flow",
        rep.gradient_flow_figure,
        lambda: (s.gradients(),),
        typed=True,
        hard={"10 long": _ten(lambda i: s.gradients(30, i))},
    ),
    Case(
        "training_curves",
        tra.training_curves_figure,
        lambda: (s.history(),),
        typed=True,
        hard={"10 long": _ten(s.history)},
    ),
    Case(
        "training_panels",
        tra.training_curves_figure,
        lambda: (s.history(),),
        options={"metrics": ["loss", "accuracy"], "smoothing": 3},
    ),
    Case(
        "learning_rate",
        tra.learning_rate_figure,
        lambda: (s.history(),),
        typed=True,
        hard={"10 long": _ten(s.history)},
    ),
    Case(
        "overfitting",
        tra.overfitting_figure,
        lambda: (s.history(),),
        typed=True,
        hard={"10 long": _ten(s.history)},
    ),
    Case(
        "dynamics",
        tra.dynamics_figure,
        lambda: (s.dynamics(),),
        typed=True,
        hard={"10 long": _ten(s.dynamics)},
    ),
    Case(
        "comparison_bar",
        com.comparison_bar_figure,
        lambda: (s.table(), s.DIRECTION),
        hard={"10 long": lambda: (s.table(10, True), s.DIRECTION)},
    ),
    Case(
        "comparison_radar",
        com.comparison_radar_figure,
        lambda: (s.table(3), s.DIRECTION),
        hard={"10 long": lambda: (s.table(10, True), s.DIRECTION)},
    ),
    Case(
        "pareto",
        com.pareto_figure,
        lambda: (s.front(),),
        typed=True,
        hard={"20 long": lambda: (s.front(20, True),)},
    ),
    Case(
        "ranking_table",
        com.ranking_table_figure,
        lambda: (s.table().rank(),),
        hard={"10 long": lambda: (s.table(10, True).rank(),)},
    ),
    Case(
        "bootstrap_difference",
        com.bootstrap_difference_figure,
        lambda: ({"a - b": (0.02, 0.01, 0.03), "a - <c>": (0.01, -0.01, 0.03)},),
    ),
    Case(
        "confusion",
        com.confusion_figure,
        lambda: (s.classified().confusion, ["cat", "dog", "horse", "long " * 9]),
        hard={
            "2 classes": lambda: (s.classified(classes=2).confusion,),
            "100 classes": lambda: (s.classified(classes=100, n=3000).confusion,),
            "300 classes": lambda: (np.eye(300),),
        },
    ),
    *(
        Case(
            name,
            draw,
            _scored(4),
            hard={"2 classes": _scored(2), "100 classes": _scored(100)},
        )
        for name, draw in (("roc", com.roc_figure), ("pr", com.pr_figure))
    ),
    Case(
        "per_class",
        com.per_class_figure,
        lambda: (s.classified(),),
        typed=True,
        hard={"100 classes": lambda: (s.classified(classes=100, n=3000),)},
    ),
    Case("hardest_examples", com.hardest_examples_figure, _drop_labels),
    Case(
        "class_balance",
        dat.class_balance_figure,
        lambda: (np.array([50.0, 40, 30]), ["a", "b", "<c>"]),
        hard={"100 classes": lambda: (np.arange(100.0),)},
    ),
    Case(
        "feature_distribution",
        dat.feature_distribution_figure,
        lambda: (s.features()[0],),
        hard={"40 features": lambda: (s.rng().normal(size=(500, 40)),)},
    ),
    Case(
        "sample_grid",
        dat.sample_grid_figure,
        lambda: (s.pictures(12), np.arange(12) % 3),
        hard={"rgb": lambda: (s.pictures(64, "rgb"),)},
    ),
    Case(
        "decision_boundary",
        dat.decision_boundary_figure,
        lambda: s.plane()[:3],
        hard={"large": lambda: (np.arange(400), np.arange(400), np.zeros((400, 400)))},
    ),
    Case("regression_fit", dat.regression_fit_figure, _line),
    Case(
        "residual",
        dat.residual_figure,
        lambda: _line()[1:],
        hard={"many": lambda: _line(50_000)[1:]},
    ),
    Case("forecast", dat.forecast_figure, _forecast),
    Case(
        "mixture_density",
        dat.mixture_density_figure,
        lambda: (np.array([0.5, 0.3, 0.2]), np.array([-1.0, 1, 3]), np.full(3, 0.4)),
        options={"y": 1.2},
    ),
    Case(
        "depth_maps",
        pic.depth_maps_figure,
        lambda: (s.depth_maps(),),
        typed=True,
        hard={"one of 64": lambda: (s.depth_maps(64, 1),)},
    ),
    Case(
        "mixture_curve",
        pic.mixture_curve_figure,
        lambda: (s.mixture_curve(),),
        typed=True,
    ),
    Case(
        "pair_similarity",
        pic.pair_similarity_figure,
        lambda: (s.pair_similarity(),),
        typed=True,
        hard={"many": lambda: (s.pair_similarity(40),)},
    ),
    Case(
        "reconstructions",
        pic.reconstructions_figure,
        lambda: (s.reconstructions(),),
        typed=True,
        hard={
            "colour": lambda: (s.reconstructions(32, 3), ["<c>", "long " * 10, "c"]),
        },
    ),
    Case(
        "architecture",
        arch.architecture_figure,
        lambda: (s.graph(),),
        typed=True,
        hard={"100 long": lambda: (s.graph(100, True),)},
    ),
)
BY_NAME = {case.name: case for case in CASES}
NO_AXES = ("comparison_radar", "ranking_table")
WHOLE_NUMBERS = ("dynamics",)  # epochs stay when the arrays are emptied
PICTURES = (
    *("depth_maps", "feature_map", "filters", "hardest_examples", "reconstructions"),
    "sample_grid",
)


@cache
def arguments(name, hard=None):
    """Returns the arguments of a case, made once."""
    case = BY_NAME[name]
    return (case.hard[hard] if hard else case.args)()


def figure(name, hard=None, **options):
    """Returns the figure of a case."""
    case = BY_NAME[name]
    options = {**({} if hard else case.options), **options}
    return case.draw(*arguments(name, hard), **options)


def altered(name, array, cut):
    """Returns the figure of a case whose arrays and numbers went through `array`."""
    case = BY_NAME[name]
    args = [_altered(a, array, cut) for a in arguments(name)]
    return case.draw(*args, **case.options)


def _altered(value, array, cut):
    if isinstance(value, pd.DataFrame):
        cells = array(value.to_numpy(float))
        rows, columns = cells.shape
        return pd.DataFrame(cells, value.index[:rows], value.columns[:columns])
    return s.changed(value, array, cut)
