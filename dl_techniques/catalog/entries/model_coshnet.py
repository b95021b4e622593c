"""Complex-valued networks."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.model_parts import variant
from dl_techniques.catalog.parts import rate
from dl_techniques.utils.arguments import Argument


def _bands(name: str, high: int, text: str) -> Argument:
    return Argument(
        name, "int", low=1, ui_low=1, ui_high=high, optional=True, help=text
    )


def _choice(name: str, choices: tuple[str, ...], text: str) -> Argument:
    return Argument(name, "choice", choices[0], choices=choices, help=text)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "CoShNet",
        "dl_techniques.models.CoShNet.from_variant",
        "model",
        "complex networks",
        "Complex convolutions on fixed directional filters; few weights, little data.",
        "Ko et al. (2022), arXiv:2208.06882",
        accepts=("image",),
        arguments=(
            variant("CoShNet"),
            _bands("scales", 4, "Bands of the fixed filters; empty: 2."),
            _bands("directions", 16, "Directions of a band; empty: 8."),
            _choice(
                "activation",
                ("crelu", "modrelu"),
                "On both parts, or on the magnitude with the phase kept.",
            ),
            _choice(
                "to_real",
                ("concat", "magnitude", "magnitude_squared"),
                "What the classifier reads of the complex features.",
            ),
            rate("Complex features dropped.", name="dropout_rate", default=0.0),
        ),
        example={"variant": "lab8"},
        look_at="Coefficients as colour wheels; accuracy against a CNN of equal size.",
    ),
)
