"""The sections of an analysis: each takes a model and fills its part of the report.

One file: the sections are short, alike, and called through the table at its end.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dl_techniques.analysis._arrays import NAN, rng
from dl_techniques.analysis._model_cost import model_cost
from dl_techniques.analysis._samples import class_numbers
from dl_techniques.analysis._streamed_statistics import statistics
from dl_techniques.analysis._subject import Subject, unharmed
from dl_techniques.analysis._temperature import (
    apply_temperature,
    fit_temperature,
    logits_from_probabilities,
)
from dl_techniques.analysis.calibration import (
    calibration_report,
    expected_calibration_error,
    negative_log_likelihood,
)
from dl_techniques.analysis.classification import classification_report
from dl_techniques.analysis.confidence import confidence_statistics
from dl_techniques.analysis.dynamics import training_dynamics
from dl_techniques.analysis.matrices import model_layers
from dl_techniques.analysis.performance import (
    HeldOutTemperature,
    LayerWeights,
    Performance,
    Predictions,
    WeightReport,
)
from dl_techniques.analysis.regression_calibration import (
    mixture_nll,
    pit_values,
    quantile_calibration,
    regression_report,
)
from dl_techniques.analysis.representations import (
    class_separation,
    information_flow,
    pca_projection,
)
from dl_techniques.analysis.spectra import SpectralAnalyzer
from dl_techniques.analysis.weights import direction_statistics, weight_statistics

Part = dict[str, Any]
_MOST_UNITS = 1024
_FEWEST = 20


def performance(subject: Subject, left: float | None) -> Part:
    """Fills `performance` and `predictions`."""
    answers = subject.answers
    judge = _classes if subject.classifies else _numbers
    most = subject.config.keep_rows
    kept = Predictions(
        answers.kind,
        np.asarray(answers.scores[:most], dtype=np.float32),
        np.asarray(answers.labels[:most]),
        subject.samples.rows[:most],
    )
    return {"predictions": kept, "performance": judge(subject)}


def cost(subject: Subject, left: float | None) -> Part:
    """Fills `cost`."""
    found = model_cost(
        subject.model, subject.x, subject.history, timing=subject.config.timing
    )
    return {"cost": found}


def _evaluated(subject: Subject) -> dict[str, float]:
    if not getattr(subject.model, "compiled", False):
        return {}
    size = subject.config.batch_size
    with unharmed(subject.model):
        found = subject.model.evaluate(
            subject.x, subject.samples.y, batch_size=size, verbose=0, return_dict=True
        )
    return {str(k): float(v) for k, v in found.items()}


def _classes(subject: Subject) -> Performance:
    answers = subject.answers
    kind: Any = answers.kind
    found = classification_report(answers.labels, answers.scores, kind=kind)
    exact = answers.logits is not None and kind != "multilabel"
    scores = answers.logits if exact else answers.scores
    nll = negative_log_likelihood(
        answers.labels, scores, kind="logits" if exact else kind
    )
    return Performance(
        kind=kind, n=len(answers.scores), evaluated=_evaluated(subject),
        accuracy=found.accuracy, top_5=found.top_k,
        balanced_accuracy=found.balanced_accuracy, macro_f1=found.macro_f1, nll=nll,
        mae=NAN, rmse=NAN, r2=NAN,
        classification=found, regression=None, quantiles=None, flags=found.flags,
    )  # fmt: skip


def _numbers(subject: Subject) -> Performance:
    answers = subject.answers
    quantiles, nll, scale = None, NAN, None
    if answers.mixture is not None:
        pi, mu, sigma = answers.mixture
        mean = answers.scores[..., None]
        scale = np.sqrt((pi * (sigma**2 + (mu - mean) ** 2)).sum(axis=-1))
        pit = pit_values(answers.labels, mixture=answers.mixture)
        quantiles = quantile_calibration(pit.reshape(-1))
        nll = mixture_nll(answers.labels, *answers.mixture)
    found = regression_report(answers.labels, answers.scores, scale)
    return Performance(
        kind=answers.kind, n=len(answers.scores), evaluated=_evaluated(subject),
        accuracy=NAN, top_5=NAN, balanced_accuracy=NAN, macro_f1=NAN, nll=nll,
        mae=found.mae, rmse=found.rmse, r2=found.r2,
        classification=None, regression=found, quantiles=quantiles, flags=found.flags,
    )  # fmt: skip


def confidence(subject: Subject, left: float | None) -> Part:
    """Fills `confidence`."""
    answers = subject.probabilities()
    kind: Any = answers.kind
    most = subject.config.keep_rows
    found = confidence_statistics(
        answers.scores[:most], labels=answers.labels[:most], kind=kind
    )
    return {"confidence": found}


def calibration(subject: Subject, left: float | None) -> Part:
    """Fills `calibration` and `temperature`."""
    answers, config = subject.probabilities(), subject.config
    kind: Any = answers.kind
    exact = answers.logits is not None and kind != "multilabel"
    found = calibration_report(
        answers.labels,
        answers.scores,
        logits=answers.logits if exact else None,
        n_bins=config.n_bins,
        strategy=config.strategy,  # type: ignore[arg-type]  # checked by the config
        kind=kind,
        seed=config.seed,
    )
    part: Part = {"calibration": found}
    temperature = None if kind == "multilabel" else _temperature(subject)
    return part if temperature is None else part | {"temperature": temperature}


def _temperature(subject: Subject) -> HeldOutTemperature | None:
    """Fits on one half of the rows and judges on the other."""
    answers, n_bins = subject.answers, subject.config.n_bins
    logits = answers.logits
    if logits is None:
        p = np.asarray(answers.scores)
        if p.ndim == 1:
            two = logits_from_probabilities(np.stack([1 - p, p], axis=1))
            logits = two[:, 1] - two[:, 0]
        else:
            logits = logits_from_probabilities(p)
    labels = np.asarray(answers.labels)
    if logits.ndim > 1:
        logits = logits.reshape(-1, logits.shape[-1])
    if labels.size != len(logits) or len(logits) < _FEWEST:
        return None
    labels = labels.reshape(-1)
    order = rng(subject.config.seed).permutation(len(logits))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    fit = fit_temperature(logits[first], labels[first])
    y, z = labels[second], logits[second]
    before = apply_temperature(z, 1.0)
    after = apply_temperature(z, fit.temperature)
    return HeldOutTemperature(
        fit=fit,
        n_fit=len(first),
        n_test=len(second),
        nll_before=negative_log_likelihood(y, z, kind="logits"),
        nll_after=negative_log_likelihood(y, z / fit.temperature, kind="logits"),
        ece_before=expected_calibration_error(y, before, n_bins=n_bins),
        ece_after=expected_calibration_error(y, after, n_bins=n_bins),
        flags=fit.flags,
    )


def weights(subject: Subject, left: float | None) -> Part:
    """Fills `weights`."""
    import keras

    found, seen = [], set()
    for path, layer in model_layers(subject.model):
        own = [(v, True) for v in layer._trainable_variables]
        own += [(v, False) for v in layer._non_trainable_variables]
        for variable, trainable in own:
            if id(variable) in seen or "seed" in variable.name:
                continue
            seen.add(id(variable))
            array = np.asarray(keras.ops.convert_to_numpy(variable))
            if array.dtype.kind not in "fV":
                continue
            wide = array.ndim > 1
            name = f"{path}/{variable.name}" if path else variable.name
            found.append(
                LayerWeights(
                    path=name,
                    trainable=trainable,
                    stats=weight_statistics(array, with_spectral_norm=wide),
                    directions=direction_statistics(array) if wide else None,
                )
            )
    return {"weights": WeightReport(tuple(found))}


def spectra(subject: Subject, left: float | None) -> Part:
    """Fills `spectra`."""
    config = subject.config
    options: dict[str, Any] = {"seed": config.seed, "n_jobs": config.n_jobs}
    options |= config.spectral
    report = SpectralAnalyzer(subject.model).analyze(time_budget=left, **options)
    return {"spectra": report}


def activations(subject: Subject, left: float | None) -> Part:
    """Fills `activations`."""
    labels = class_numbers(subject.samples.y)
    found = statistics(
        subject.model,
        subject.layers,
        subject.x,
        labels,
        batch_size=min(subject.config.batch_size, 64),
        seed=subject.config.seed,
        max_units=_MOST_UNITS,
        time_budget=left,
    )
    return {"activations": found}


def representations(subject: Subject, left: float | None) -> Part:
    """Fills `flow`, `separation` and `projection`."""
    features, rows = subject.features
    seed = subject.config.seed
    labels = class_numbers(subject.samples.y)
    mine = None if labels is None else labels[rows]
    inputs = subject.x if hasattr(subject.x, "shape") else None
    inputs = None if inputs is None else inputs[rows]
    if inputs is not None and inputs.dtype.kind not in "fiub":
        inputs = None
    flow = information_flow(
        features, mine, inputs, max_samples=subject.config.cka_samples, seed=seed
    )
    part: Part = {"flow": flow}
    last = hidden_name(features, subject)
    if last:
        part["projection"] = pca_projection(features[last])
        part["projection_rows"] = subject.samples.rows[rows]
        if mine is not None:
            part["separation"] = class_separation(features[last], mine, seed=seed)
    return part


def hidden_name(features: dict[str, Any], subject: Subject) -> str:
    """Returns the layer before the one that makes the output, or the last one."""
    from dl_techniques.analysis._output_kind import last_layer

    names = [n for n in features if features[n].ndim > 1]
    if not names:
        return ""
    head = last_layer(subject.model)
    of_head = {n for n in names if subject.layers.get(n.partition("#")[0]) is head}
    before = [n for n in names if n not in of_head]
    return before[-1] if before else names[-1]


def dynamics(subject: Subject, left: float | None) -> Part:
    """Fills `dynamics` from a history."""
    if not subject.history:
        return {}
    return {"dynamics": training_dynamics(subject.history)}


RUN: dict[str, Callable[[Subject, float | None], Part]] = {
    "performance": performance,
    "cost": cost,
    "confidence": confidence,
    "calibration": calibration,
    "weights": weights,
    "spectra": spectra,
    "activations": activations,
    "representations": representations,
    "dynamics": dynamics,
}
