"""Normalisation layers."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import constraint, initializer, positive, regularizer
from dl_techniques.utils.arguments import Argument

_AXIS = Argument("axis", "ints", -1, help="Axis or axes to normalise; -1: features.")


def _epsilon(default: float) -> Argument:
    text = "Small number that keeps the division from blowing up."
    return positive("epsilon", default, (1e-8, 1e-3), text)


def _band(default: float) -> Argument:
    limits = {"high": 1, "high_open": True, "log": False}
    text = "Width a of the band below 1."
    return positive("max_band_width", default, (0.01, 0.9), text, **limits)


def _norm(name: str, summary: str, source: str, **rest: Any) -> Entry:
    return Entry(
        name,
        f"dl_techniques.layers.{name}",
        "layer",
        "norms",
        summary,
        source,
        **{"accepts": ("vector", "sequence", "image"), **rest},
    )


ENTRIES = (
    _norm(
        "RMSNorm",
        "Divides by the root mean square and applies a learned gain.",
        "Zhang, Sennrich (2019), arXiv:1910.07467",
        arguments=(
            _AXIS,
            _epsilon(1e-6),
            Argument("use_scale", "bool", True, help="Whether a gain is learned."),
            initializer("scale_initializer", "ones", "Start of the gain."),
            regularizer("scale_regularizer", "Penalty on the gain."),
            constraint("scale_constraint", "Projection of the gain after a step."),
        ),
        look_at="Root mean square before and after, and the learned gains.",
    ),
    _norm(
        "BandRMS",
        "Root-mean-square normalisation with a gain kept between 1 - a and 1.",
        "The project's own band-constrained normalisation",
        arguments=(
            _band(0.1),
            _AXIS,
            _epsilon(1e-7),
            Argument(
                "band_shape",
                "choice",
                "feature",
                choices=("feature", "scalar"),
                help="One gain per feature, or one for all.",
            ),
            positive("band_slope", 5.0, (0.5, 20), "How fast a gain crosses the band."),
            initializer("band_initializer", "zeros", "Start of the band parameter."),
            Argument(
                "band_regularizer",
                "component",
                "default",
                choices=("regularizer",),
                optional=True,
                help="Penalty on the band parameter; default is L2(1e-5).",
            ),
        ),
        look_at="Root mean square of each sample inside the band, and the gains.",
    ),
    _norm(
        "GlobalResponseNorm",
        "Lets channels compete by the norm of their feature maps (ConvNeXt V2).",
        "Woo et al. (2023), arXiv:2301.00808",
        arguments=(
            _epsilon(1e-6),
            initializer("gamma_initializer", "zeros", "Start of gamma."),
            initializer("beta_initializer", "zeros", "Start of beta."),
            regularizer("gamma_regularizer", "Penalty on gamma."),
            regularizer("beta_regularizer", "Penalty on beta."),
        ),
        look_at="Relative channel norms before and after, and gamma.",
        aliases=("GlobalResponseNormalization",),
    ),
)
