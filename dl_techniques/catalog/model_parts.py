"""Arguments that the entries of models share."""

from typing import Any

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import rate, regularizer
from dl_techniques.models.registry import variants_of
from dl_techniques.utils.arguments import Argument


def variant(family: str, default: str | None = "auto") -> Argument:
    """Returns the choice among the variants on the family's card."""
    auto = (default,) if default == "auto" else ()
    return Argument(
        "variant",
        "choice",
        default,
        choices=(*auto, *variants_of(family)),
        help="Size of the model; auto is the small one made for about this input.",
    )


def classifier() -> tuple[Argument, ...]:
    """Returns what a person sets of an image classifier; data decide the rest."""
    text = "Share of samples that skip the last block in training; less before it."
    return (
        rate("Dropout before the classifier.", name="dropout_rate", default=0.0),
        rate(text, name="drop_path_rate", default=0.0),
        regularizer("kernel_regularizer", "Penalty on every kernel."),
        Argument(
            "weights",
            "choice",
            None,
            choices=("imagenet",),
            optional=True,
            help="Public weights from the hub's cache; empty starts untrained.",
        ),
    )


def image_model(
    name: str, family: str, summary: str, source: str, look_at: str, **more: Any
) -> Entry:
    """Returns the entry of an image classifier."""
    return Entry(
        name,
        f"dl_techniques.models.{name}.from_variant",
        "model",
        family,
        summary,
        source,
        look_at=look_at,
        **{
            "accepts": ("image",),
            "arguments": (variant(name), *classifier()),
            "example": {"variant": "lab8"},
            **more,
        },
    )
