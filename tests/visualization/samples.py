"""Results to draw: made by the analysis itself from seeded data."""

import dataclasses

import numpy as np
import pandas as pd

from dl_techniques.analysis import _live_pictures as live
from dl_techniques.analysis import calibration as cal
from dl_techniques.analysis import confidence as conf
from dl_techniques.analysis._spectral_run import SpectralOptions, analyze_matrix
from dl_techniques.analysis.activation_report import ActivationReport, LayerActivations
from dl_techniques.analysis.activations import activation_statistics
from dl_techniques.analysis.classification import classification_report, decision_grid
from dl_techniques.analysis.dynamics import training_dynamics
from dl_techniques.analysis.gradients import GradientFlow
from dl_techniques.analysis.pareto import pareto_front
from dl_techniques.analysis.performance import LayerWeights, WeightReport
from dl_techniques.analysis.regression_calibration import (
    pit_values,
    quantile_calibration,
)
from dl_techniques.analysis.representations import (
    cka_matrix,
    class_separation,
    information_flow,
    pca_projection,
)
from dl_techniques.analysis.spectra import (
    SmoothedLayer,
    SmoothingReport,
    SpectralReport,
    WeightMatrix,
    eigenvalues,
    fit_power_law,
)
from dl_techniques.analysis.weights import (
    direction_statistics,
    model_fingerprint_pca,
    ternary_statistics,
    weight_statistics,
)
from dl_techniques.datasets.captions import WORDS, captions
from dl_techniques.visualization.architecture import GraphLayer, LayerGraph

LONG = "a_model_with_a_very_long_name/trained_on_{}_and_more"


def rng(seed=0):
    return np.random.default_rng(seed)


def predictions(n=1200, classes=4, sharp=2.5, seed=0, shift=0.0):
    """Returns labels and logits of a classifier that is too sure of itself."""
    r = rng(seed)
    labels = r.integers(0, classes, n)
    logits = r.normal(size=(n, classes))
    logits[np.arange(n), labels] += 1.6 + shift
    return labels, logits * sharp


def probabilities(logits):
    z = np.exp(logits - logits.max(-1, keepdims=True))
    return z / z.sum(-1, keepdims=True)


def scored(**options):
    labels, logits = predictions(**options)
    return labels, probabilities(logits)


def diagram(seed=0, **options):
    return cal.reliability_diagram(*scored(seed=seed, **options))


def report(seed=0, **options):
    return cal.calibration_report(*scored(seed=seed, **options))


def confidence_stats(seed=0, **options):
    labels, p = scored(seed=seed, **options)
    return conf.confidence_statistics(p, labels=labels)


def coverage(seed=0, **options):
    s = confidence_stats(seed, **options)
    return conf.accuracy_coverage_curve(s.max_probability, s.correct)


def temperature():
    labels, logits = predictions()
    t = np.geomspace(0.1, 10, 41)
    curve = cal.temperature_curve(logits, labels, t)
    return cal.fit_temperature(logits, labels), curve


def scaled_diagrams():
    labels, logits = predictions()
    t = cal.fit_temperature(logits, labels).temperature
    before, after = (
        cal.reliability_diagram(labels, cal.apply_temperature(logits, s))
        for s in (1, t)
    )
    return before, after


def quantiles(seed=0, wide=1.0):
    r = rng(seed)
    y, n = r.normal(size=800), 800
    parts = (np.ones((n, 1)), np.zeros((n, 1)), np.full((n, 1), wide))
    return quantile_calibration(pit_values(y, mixture=parts))


def models(n, make, long=False):
    """Returns results by model name."""
    name = (
        "a_model_with_a_very_long_name/trained_on_{}_and_more" if long else "model {}"
    )
    return {name.format(i): make(i) for i in range(n)}


def changed(value, array, cut):
    """Returns a result whose arrays went through `array` and tuples through `cut`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        new = object.__new__(type(value))
        for f in dataclasses.fields(value):
            object.__setattr__(new, f.name, changed(getattr(value, f.name), array, cut))
        return new
    if isinstance(value, dict):
        return {k: changed(v, array, cut) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return array(value)
    if isinstance(value, float):
        found = array(np.array([value]))
        return float(found[0]) if len(found) else np.nan
    if isinstance(value, tuple | list):
        inner = (
            v if isinstance(v, tuple | list) else changed(v, array, cut) for v in value
        )
        return cut(type(value)(inner))
    return value


def layer(seed=0, shape=(200, 120), path="block/dense", kind="heavy", **options):
    """Returns the spectrum of a heavy-tailed, random or constant matrix."""
    r = rng(seed)
    if kind == "heavy":
        w = r.standard_t(2.5, size=shape).astype(np.float32) / shape[0] ** 0.5
    elif kind == "random":
        w = r.normal(size=shape).astype(np.float32) / shape[0] ** 0.5
    else:
        w = np.zeros(shape, np.float32)
    matrix = WeightMatrix("dense", path, "kernel", "dense", w[None])
    return analyze_matrix(matrix, SpectralOptions(mp_fit="trace", **options))


def spectral_report(seed=0, layers=4, long=False, **options):
    name = "encoder/block_{}/attention/query_projection_kernel" if long else "dense_{}"
    kinds = ("heavy", "heavy", "random")
    made = [
        layer(seed + i, (80 + 10 * i, 60), name.format(i), kinds[i % 3], **options)
        for i in range(layers)
    ]
    return SpectralReport(tuple(made))


def curve_fit():
    values = layer().spectrum.values
    return fit_power_law(values, keep_curve=True)


def smoothing_report(layers=4):
    made = [
        SmoothedLayer(f"dense_{i}", 10 + 5 * i, 60, 0.4 / (1 + i), 4800, 1400)
        for i in range(layers)
    ]
    return SmoothingReport(tuple(made), (("conv", "not a power law"),))


def evolution(steps=10):
    r = rng()
    start, pull = (
        r.normal(size=(160, 80)),
        r.normal(size=(160, 3)) @ r.normal(size=(3, 80)),
    )
    return [(10 * i, eigenvalues(start / 12 + 0.01 * i * pull)) for i in range(steps)]


def activation_report(seed=0, layers=4, units=24):
    r = rng(seed)
    made = []
    for i in range(layers):
        x = np.maximum(r.normal(size=(200, units)) * (1 + i) - 0.2 * i, 0)
        x[:, : i + 1] = 0
        stats = activation_statistics(x)
        made.append(
            LayerActivations(
                f"block_{i}/dense", "Dense", (units,), None, np.nan, stats, None
            )
        )
    return ActivationReport(tuple(made), 200, {})


def weight_stats(layers=4, seed=0):
    r = rng(seed)
    return {
        f"block_{i}/dense/kernel": weight_statistics(r.normal(size=(32, 16)) / (1 + i))
        for i in range(layers)
    }


def features(n=300, classes=3, d=8, seed=0):
    r = rng(seed)
    labels = r.integers(0, classes, n)
    return r.normal(size=(n, d)) + 3 * r.normal(size=(classes, d))[labels], labels


def projection(**options):
    x, labels = features(**options)
    return pca_projection(x), labels


def layer_features(seed=0):
    x, labels = features(seed=seed)
    r = rng(seed)
    layers = {}
    for i in range(5):
        x = np.maximum(x @ r.normal(size=(x.shape[1], 12)) / 3, 0)
        layers[f"dense_{i}"] = x
    return layers, labels


def flow(seed=0):
    layers, labels = layer_features(seed)
    return information_flow(layers, labels, features(seed=seed)[0])


def cka(long=False):
    layers, _ = layer_features()
    name = "encoder/block/{}/attention/query_projection" if long else "{}"
    return cka_matrix({name.format(k): v for k, v in layers.items()})


def separation():
    layers, labels = layer_features()
    return {k: class_separation(v, labels) for k, v in layers.items()}


def gradients(layers=6, seed=0):
    r = rng(seed)
    norm = np.array([10.0**-i for i in range(layers)]) * r.uniform(0.5, 2, layers)
    norm[-1] = 0
    weight = np.full(layers, 3.0)
    return GradientFlow(
        paths=tuple(f"dense_{i}/kernel" for i in range(layers)),
        gradient_norm=norm,
        weight_norm=weight,
        ratio=norm / weight,
        zero_fraction=np.linspace(0, 1, layers),
        size=np.full(layers, 100.0),
        loss=0.5,
        n=32,
    )


def history(seed=0, n=20):
    r = rng(seed)
    t = np.arange(n)
    loss = 2 * np.exp(-t / 5) + 0.2 + 0.02 * r.normal(size=n)
    val = 2 * np.exp(-t / 5) + 0.3 + 0.012 * t + 0.05 * r.normal(size=n)
    return {
        "loss": loss.tolist(),
        "val_loss": val.tolist(),
        "accuracy": (1 - loss / 3).tolist(),
        "val_accuracy": (1 - val / 3).tolist(),
        "learning_rate": (1e-3 * 0.8**t).tolist(),
    }


def dynamics(seed=0):
    return training_dynamics(history(seed))


def table(models=4, long=False):
    r = rng()
    name = (
        "a_model_with_a_very_long_name/trained_on_{}_and_more" if long else "model {}"
    )
    return pd.DataFrame(
        {
            "accuracy": 0.9 + 0.05 * r.random(models),
            "ece": 0.02 + 0.05 * r.random(models),
            "parameters": 10.0 ** (3 + 2 * r.random(models)),
            "seconds": 1 + 5 * r.random(models),
        },
        index=[name.format(i) for i in range(models)],
    )


DIRECTION = {"accuracy": "max", "ece": "min", "parameters": "min", "seconds": "min"}


def front(models=6, long=False):
    rows = table(models, long).to_dict("index")
    return pareto_front(rows, (("accuracy", "max"), ("parameters", "min")))


def classified(classes=4, n=1200):
    labels, p = scored(classes=classes, n=n)
    return classification_report(labels, p)


def pictures(n=10, kind="gray"):
    r = rng()
    shape = (n, 12, 12, 3) if kind == "rgb" else (n, 12, 12)
    x = r.random(shape)
    return (255 * x).astype(np.uint8) if kind == "uint8" else x


def plane():
    x, y = np.linspace(-2, 2, 50), np.linspace(-2, 2, 40)
    a, b = np.meshgrid(x, y)
    points = rng().normal(size=(200, 2))
    labels = (points[:, 0] ** 2 + points[:, 1] > 0).astype(int)
    return x, y, (a**2 + b > 0).astype(int), points, labels


def graph(layers=8, long=False):
    name = "encoder/block_{}/attention/query_projection" if long else "dense_{}"
    made = [
        GraphLayer(name.format(i), "Dense", "64", 100 * (i % 4) ** 2)
        for i in range(layers)
    ]
    chain = LayerGraph.chain(made, "net")
    skips = ((made[1].name, made[4].name),) if layers > 4 else ()
    return LayerGraph("net", chain.layers, chain.edges + skips)


def snapshots(n=5, seed=0):
    """Returns stored snapshots of a run, as the app reads them."""
    found = []
    for epoch in range(1, n + 1):
        h = history(seed, epoch)
        found.append(
            {
                "epoch": epoch,
                "step": 10 * epoch,
                "logs": {k: v[-1] for k, v in h.items()},
                "calibration": diagram(seed, shift=0.2 * epoch).to_dict(),
                "activations": [
                    {"path": f"dense_{i}", "dead_fraction": 0.1 * i, "mean": 0.1}
                    | {"std": 1.0, "histogram": stored_histogram(epoch + i)}
                    for i in range(3)
                ],
                "weights": [
                    {"path": f"dense_{i}", "mean": 0.0, "std": 0.2}
                    | {"histogram": stored_histogram(i)}
                    for i in range(3)
                ],
                "spectra": [
                    layer(seed + i, (40, 30), f"dense_{i}").to_dict() for i in range(3)
                ],
            }
        )
    return found


def stored_histogram(seed):
    counts, edges = np.histogram(rng(seed).normal(size=500), 30)
    return {"edges": edges.tolist(), "counts": counts.tolist()}


def agreement(n=3, long=False):
    return conf.agreement_matrix(models(n, lambda i: scored(seed=i)[1], long))


def directions():
    return direction_statistics(rng().normal(size=(20, 30)))


def decision():
    points = rng().normal(size=(50, 2))
    return decision_grid(points, lambda p: probabilities(p @ np.eye(2, 3)), n=20)


def ternary():
    w = np.sign(rng().normal(size=300)) * (rng(1).random(300) > 0.4)
    return ternary_statistics(w + 0.08 * rng(2).normal(size=300))


def fingerprint(n=4, long=False):
    return model_fingerprint_pca(models(n, lambda i: weight_stats(3, i), long))


def weight_report():
    made = [LayerWeights(k, True, v, None) for k, v in weight_stats(3).items()]
    return WeightReport(tuple(made))


def mixture_curve():
    """A mixture of two parts that meet, over one input."""
    x = np.linspace(-1, 1, 48, dtype=np.float32)[:, None]
    r = rng()
    rows = r.uniform(-1, 1, (200, 1))
    side = np.sign(r.normal(size=rows.shape))
    y = side * np.sqrt(1.2 - rows) + 0.15 * r.normal(size=rows.shape)
    parts = [np.sqrt(1.2 - x), -np.sqrt(1.2 - x), np.full((48, 2), 0.15)]
    outputs = np.concatenate([*parts, np.full((48, 2), [0.3, 0.0])], 1)
    scene = live.Scene(rows, y, {}, {"components": 2}, x, {"": outputs})
    return live.mixture_curve(scene)


def depth_maps(side=16, n=4):
    """Ramps, and the same ramps bent."""
    a = np.linspace(1, 8, side, dtype=np.float32)
    true = np.broadcast_to(a[:, None, None], (n, side, side, 1))
    slope = np.linspace(0.8, 1.1, n, dtype=np.float32)[:, None, None, None]
    scene = live.Scene(np.repeat(true, 3, -1), true, {"": slope * true}, {})
    return live.KINDS["depth"].picture(scene)


def pair_similarity(n=12):
    """Features of captions and of images near them."""
    things = np.stack(np.meshgrid(*(range(k) for k in (2, 6, 6, 2, 2))), -1)
    ids = captions(rng().permutation(things.reshape(-1, 5))[:n])
    v = rng().normal(size=(19, 8))[ids].sum(1)
    u = v + 1.5 * rng().normal(size=v.shape)
    u, v = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (u, v))
    outputs = {"image_features": u, "text_features": v}
    scene = live.Scene({"text": ids}, ids, outputs, {"words": WORDS})
    return live.matching(scene)


def reconstructions(side=12, channels=1):
    """Rings, and the same rings blurred."""
    r = rng()
    a = np.linspace(-1, 1, side)
    away = np.hypot(a[:, None], a)[None, ..., None]
    size = r.uniform(0.3, 0.9, (12, 1, 1, channels))
    x, blurred = (np.exp(-(((away - size) / w) ** 2)) for w in (0.15, 0.3))
    scene = live.Scene(x, np.arange(12) % 3, {"reconstruction": blurred}, {})
    return live.reconstructions(scene)
