"""Keras layers that disturb activations while training."""

from dl_techniques.catalog.entry import Entry, Input
from dl_techniques.catalog.parts import rate, seed
from dl_techniques.utils.arguments import Argument

_NEURAL: tuple[Input, ...] = ("vector", "sequence", "image")
_WATCH = "the gap between training and held-out loss; calibration"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="Dropout",
        target="keras.layers.Dropout",
        kind="layer",
        family="regularization",
        summary="Sets a random share of the values to zero while training.",
        source="Srivastava et al. 2014, JMLR 15; Keras",
        accepts=_NEURAL,
        arguments=(
            rate("Share of values set to zero.", high_open=False),
            seed(),
        ),
        example={"rate": 0.5},
        look_at=_WATCH,
    ),
    Entry(
        name="SpatialDropout1D",
        target="keras.layers.SpatialDropout1D",
        kind="layer",
        family="regularization",
        summary="Drops whole channels of a sequence while training.",
        source="Tompson et al. 2015, arXiv:1411.4280; Keras",
        accepts=("sequence",),
        arguments=(rate("Share of channels dropped.", high_open=False), seed()),
        example={"rate": 0.5},
        look_at=_WATCH,
    ),
    Entry(
        name="SpatialDropout2D",
        target="keras.layers.SpatialDropout2D",
        kind="layer",
        family="regularization",
        summary="Drops whole channels of an image while training.",
        source="Tompson et al. 2015, arXiv:1411.4280; Keras",
        accepts=("image",),
        arguments=(rate("Share of channels dropped.", high_open=False), seed()),
        example={"rate": 0.5},
        look_at=_WATCH,
    ),
    Entry(
        name="GaussianNoise",
        target="keras.layers.GaussianNoise",
        kind="layer",
        family="regularization",
        summary="Adds random noise to the values while training.",
        accepts=_NEURAL,
        arguments=(
            Argument(
                "stddev",
                "float",
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                step=0.05,
                required=True,
                help="Deviation of the noise.",
            ),
            seed(),
        ),
        example={"stddev": 0.1},
        look_at=_WATCH,
    ),
    Entry(
        name="GaussianDropout",
        target="keras.layers.GaussianDropout",
        kind="layer",
        family="regularization",
        summary="Multiplies the values by random noise of mean 1 while training.",
        source="Srivastava et al. 2014, JMLR 15; Keras",
        accepts=_NEURAL,
        arguments=(rate("Noise as strong as dropout of this rate."), seed()),
        example={"rate": 0.5},
        look_at=_WATCH,
    ),
)
