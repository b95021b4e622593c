"""Keras layers for sequences: recurrence."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import (
    activation,
    constraint,
    count,
    initializer,
    rate,
    regularizer,
    seed,
    use_bias,
    weights,
)
from dl_techniques.utils.arguments import Argument


def _recurrent(name: str, summary: str, source: str) -> Entry:
    return Entry(
        name=name,
        target=f"keras.layers.{name}",
        kind="layer",
        family="recurrent",
        summary=summary,
        source=source,
        accepts=("sequence",),
        returns="vector",
        arguments=(
            count("units", "Length of the state.", ui=(1, 256)),
            activation("tanh"),
            activation("sigmoid", "recurrent_activation"),
            use_bias(),
            *weights(),
            initializer(
                "recurrent_initializer", "orthogonal", "Start of the recurrent kernel."
            ),
            regularizer("recurrent_regularizer", "Penalty on the recurrent kernel."),
            constraint("recurrent_constraint", "Projection of the recurrent kernel."),
            rate("Dropout of the inputs.", name="dropout", default=0.0),
            rate("Dropout of the state.", name="recurrent_dropout", default=0.0),
            Argument(
                "return_sequences",
                "bool",
                False,
                help="Whether every time step is put out, or only the last.",
            ),
            Argument(
                "go_backwards", "bool", False, help="Whether time runs backwards."
            ),
            seed(),
        ),
        example={"units": 4},
        look_at="gradient norms: do they vanish with the length?",
    )


ENTRIES: tuple[Entry, ...] = (
    _recurrent(
        "LSTM",
        "Reads a sequence step by step with a gated memory.",
        "Hochreiter & Schmidhuber 1997, Neural Computation 9(8); Keras",
    ),
    _recurrent(
        "GRU",
        "Reads a sequence step by step with two gates.",
        "Cho et al. 2014, arXiv:1406.1078; Keras",
    ),
)
