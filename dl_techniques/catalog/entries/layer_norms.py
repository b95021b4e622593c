"""Normalisation layers.

One table, read entry by entry: nothing in it depends on what stands above.
"""

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


_COUPLING = (
    positive("constant", 1.0, (0.02, 3), "Divides the logits; 0.05 to 0.2 calibrate."),
    Argument(
        "coupling_strength",
        "float",
        1.0,
        low=0,
        high=1,
        ui_low=0,
        ui_high=1,
        help="Power of the joint norm; 0 leaves labels independent.",
    ),
)


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
    _norm(
        "ZeroCenteredRMSNorm",
        "Subtracts the mean, then RMSNorm: layer normalisation without an offset.",
        "keras.layers.LayerNormalization without its offset",
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
        "AdaptiveBandRMS",
        "BandRMS whose gain follows the size of each sample.",
        "The project's own band-constrained normalisation",
        arguments=(
            _band(0.1),
            _AXIS,
            _epsilon(1e-7),
            positive("band_slope", 5.0, (0.5, 20), "How fast a gain crosses the band."),
            initializer("band_initializer", "zeros", "Start of both weights."),
            regularizer("band_regularizer", "Penalty on both weights."),
        ),
        look_at="Root mean square of each sample inside the band, and the gains.",
    ),
    _norm(
        "BandLogitNorm",
        "Keeps a vector's direction and maps its length into a thin band below 1.",
        "The project's own band-constrained normalisation",
        accepts=("vector", "sequence"),
        arguments=(
            _band(0.01),
            _AXIS,
            _epsilon(1e-7),
            Argument(
                "magnitude",
                "choice",
                "log",
                choices=("log", "batch"),
                help="Length against its own logarithm, or against the batch.",
            ),
            Argument(
                "momentum",
                "float",
                0.99,
                low=0,
                high=1,
                high_open=True,
                ui_low=0.5,
                ui_high=0.999,
                help="Share of the old statistics kept; for batch.",
            ),
        ),
        look_at="Length before against length after: the S-curve. Before a softmax, "
        "multiply by a temperature, or the probabilities are nearly uniform.",
    ),
    _norm(
        "LogitNorm",
        "Divides logits by their length and a temperature: confidence is limited.",
        "Wei et al. (2022), arXiv:2205.09310",
        accepts=("vector", "sequence"),
        arguments=(
            positive(
                "temperature",
                0.04,
                (0.01, 1),
                "Divides the unit logits; a large one forbids confident answers.",
            ),
            _AXIS,
            _epsilon(1e-7),
        ),
        look_at="Length of the logits and confidence, before and after.",
    ),
    _norm(
        "MaxLogitNorm",
        "Divides logits by their length.",
        "Zhang, Xiang (2023), CVPR: Decoupling MaxLogit",
        accepts=("vector", "sequence"),
        arguments=(_AXIS, _epsilon(1e-7)),
        look_at="Length of the logits before.",
    ),
    _norm(
        "DecoupledMaxLogit",
        "Class logits whose score tells unusual inputs: cosine and norm apart.",
        "Zhang, Xiang (2023), CVPR: Decoupling MaxLogit",
        accepts=("vector", "sequence"),
        arguments=(
            Argument(
                "units",
                "int",
                low=1,
                ui_low=2,
                ui_high=128,
                required=True,
                help="Number of classes.",
            ),
            Argument(
                "weight",
                "float",
                1.0,
                low=0,
                ui_low=0,
                ui_high=10,
                help="Share of the cosine in the score.",
            ),
            Argument("use_bias", "bool", False, help="Whether logits have an offset."),
            _epsilon(1e-7),
            Argument(
                "return_components",
                "bool",
                False,
                help="Whether cosine and norm are returned too.",
            ),
        ),
        example={"units": 3},
        look_at="Histogram of the score for usual and unusual data, and its AUROC.",
    ),
    _norm(
        "DynamicTanh",
        "A tanh of learned steepness in place of normalisation.",
        "Zhu et al. (2025), arXiv:2503.10622",
        arguments=(
            Argument(
                "alpha_init_value",
                "float",
                0.5,
                ui_low=0.1,
                ui_high=2,
                help="Start of the steepness.",
            ),
            _AXIS,
            initializer("gamma_initializer", "ones", "Start of gamma."),
            initializer("beta_initializer", "zeros", "Start of beta."),
            regularizer("gamma_regularizer", "Penalty on gamma."),
            regularizer("beta_regularizer", "Penalty on beta."),
            constraint("gamma_constraint", "Projection of gamma after a step."),
            constraint("beta_constraint", "Projection of beta after a step."),
        ),
        look_at="The tanh over the histogram of its inputs, and the saturated share.",
    ),
    _norm(
        "CoupledLogitNorm",
        "Multi-label logits that share one budget of confidence.",
        "The project's own",
        accepts=("vector", "sequence"),
        arguments=(*_COUPLING, _AXIS, _epsilon(1e-7)),
        look_at="Which labels fire together.",
    ),
    _norm(
        "CoupledMultiLabelHead",
        "Label probabilities from logits that share one budget of confidence.",
        "The project's own",
        accepts=("vector", "sequence"),
        arguments=(
            Argument(
                "units",
                "int",
                low=1,
                ui_low=2,
                ui_high=128,
                optional=True,
                help="Number of labels; empty when the input holds logits.",
            ),
            *_COUPLING,
        ),
        look_at="Which labels fire together.",
    ),
)
