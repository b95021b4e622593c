"""A regression with several right answers, for mixture densities."""

from dataclasses import replace

import numpy as np

from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument


def _load(request: Request) -> Raw:
    """Draws x = t + 0.3 sin(2 pi t) + noise and asks for t in [0, 1]."""
    options = request.options
    rng = np.random.default_rng([request.seed, 1])
    n = options["n"]
    t = rng.uniform(0, 1, (n, 1))
    x = t + 0.3 * np.sin(2 * np.pi * t) + options["noise"] * rng.normal(0, 1, (n, 1))
    return Raw(x.astype(np.float32), t.astype(np.float32))


def _adapt(info: DatasetInfo, options: Options) -> DatasetInfo:
    return replace(info, n_samples=options["n"])


_INFO = DatasetInfo(
    name="inverse_sine",
    title="Inverse sine",
    kind="vector",
    task="regression",
    input_shape=(1,),
    num_classes=None,
    n_outputs=1,
    class_names=(),
    n_samples=1000,
    source="generated, after Bishop (1994), Mixture Density Networks, NCRG/94/004",
    licence="free to use",
    summary="In the middle one x has three right answers; their mean is none of them.",
    options=(
        Argument(
            "n",
            "int",
            1000,
            low=20,
            high=200_000,
            ui_low=100,
            ui_high=10_000,
            log=True,
            help="Number of points.",
        ),
        Argument(
            "noise",
            "float",
            0.05,
            low=0,
            high=1,
            ui_low=0,
            ui_high=0.2,
            step=0.01,
            help="Deviation of the Gaussian noise added to x.",
        ),
    ),
    feature_names=("x",),
    generated=True,
)
SOURCES = (Source(_INFO, _load, _adapt),)
