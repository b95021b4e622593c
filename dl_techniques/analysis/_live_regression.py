"""The live section of numbers predicted, alone or as a distribution."""

from typing import Any

import numpy as np

from dl_techniques.analysis._answers import mixture_of
from dl_techniques.analysis._live_sections import Held
from dl_techniques.analysis.regression_calibration import (
    crps_mixture,
    interval_coverage,
    mixture_nll,
    pit_values,
    quantile_calibration,
)

Array = np.ndarray[Any, Any]
_PLACES = 256  # of maps, where one of a sample would always be the same corner


def regression(held: Held, outputs: Array, x: Array) -> dict[str, Any]:
    """Returns targets, predictions and errors of the held-out rows.

    The prediction of a mixture head is the mean of its mixture; whether the whole
    distribution holds is said too.
    """
    y = held.labels.reshape(len(held.labels), -1).astype(np.float64)
    more: dict[str, Any] = {}
    if held.mixture is not None:
        mixture = mixture_of(outputs, *held.mixture)
        outputs = (mixture[0] * mixture[1]).sum(-1)
        more = _distribution(y, mixture)
    if outputs.reshape(len(outputs), -1).shape != y.shape:
        raise ValueError("the model's output is not one number a target")
    guess = outputs.reshape(y.shape).astype(np.float64)
    error = guess - y
    spread = float(((y - y.mean(0)) ** 2).sum())
    flat = x.reshape(len(x), -1)
    shown = _places(y) if held.labels.ndim > 2 else np.s_[:, 0]
    return {
        "type": "RegressionFit",
        "x": flat[:, 0] if flat.shape[1] == 1 else None,
        "target": y[shown],
        "prediction": guess[shown],
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "r2": 1 - float((error**2).sum()) / spread if spread else np.nan,
        **more,
    }


def _places(y: Array) -> tuple[Array, Array]:
    """Returns rows and columns of some places of maps, the same at every look."""
    chosen = np.random.default_rng(0).permutation(y.size)[:_PLACES]
    return np.unravel_index(chosen, y.shape)  # type: ignore[return-value] # two axes


def _distribution(y: Array, mixture: tuple[Array, Array, Array]) -> dict[str, Any]:
    pit = pit_values(y, mixture=mixture)
    return {
        "nll": mixture_nll(y, *mixture),
        "crps": float(crps_mixture(y, *mixture).mean()),
        "coverage_50": interval_coverage(pit, 0.5),
        "coverage_90": interval_coverage(pit, 0.9),
        "quantiles": quantile_calibration(pit).to_dict(),
    }
