"""Models that predict a distribution."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    count,
    initializer,
    rate,
    regularizer,
)
from dl_techniques.utils.arguments import Argument

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "MDNModel",
        "dl_techniques.models.MDNModel",
        "model",
        "density",
        "Predicts a whole distribution of a number, with several peaks if need be.",
        "Bishop (1994), NCRG/94/004",
        accepts=("vector",),
        tasks=("regression", "density"),
        arguments=(
            Argument(
                "hidden_layers",
                "ints",
                (64, 64),
                low=1,
                ui_low=4,
                ui_high=256,
                help="Widths of the hidden layers.",
            ),
            count("num_mixtures", "Number of Gaussians mixed.", ui=(1, 20), default=5),
            activation("relu", "hidden_activation", required=False),
            Argument(
                "use_batch_norm",
                "bool",
                False,
                help="Whether hidden layers are batch-normalised.",
            ),
            rate("Hidden outputs dropped.", name="dropout_rate", default=0.0),
            initializer(
                "kernel_initializer", "glorot_uniform", "Start of every kernel."
            ),
            regularizer("kernel_regularizer", "Penalty on every kernel."),
        ),
        example={"hidden_layers": [8], "num_mixtures": 2},
        look_at="The density over the data, and how often intervals hold the target.",
        own_loss=True,
    ),
)
