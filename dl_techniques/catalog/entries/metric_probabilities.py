"""Metrics of stated probabilities."""

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument


def _entry(
    name: str, summary: str, source: str, *arguments: Argument, look_at: str
) -> Entry:
    return Entry(
        name=name,
        target=f"dl_techniques.metrics.{name}",
        kind="metric",
        family="probabilities",
        summary=summary,
        source=source,
        tasks=("binary", "multiclass"),
        arguments=arguments,
        look_at=look_at,
        from_logits=True,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "BrierScoreMetric",
        "Squared error of the probabilities.",
        "Brier 1950, Monthly Weather Review 78",
        Argument(
            "multiclass_sum",
            "bool",
            True,
            help="Whether the classes' errors are added or averaged.",
        ),
        look_at="it falls with accuracy and with calibration",
    ),
    _entry(
        "SpiegelhalterZMetric",
        "Z of the test that stated probabilities come true.",
        "Spiegelhalter 1986, Statistics in Medicine 5",
        Argument("use_squared", "bool", False, help="Z squared instead of Z."),
        Argument(
            "weighting",
            "choice",
            "spiegelhalter",
            choices=("spiegelhalter", "in_the_large"),
            help="In the large compares only the mean probability with the base rate.",
        ),
        look_at="outside -1.96 to 1.96 calibration is rejected",
    ),
    _entry(
        "PredictionEntropy",
        "How uncertain answers are, in nats.",
        "Pereyra et al. 2017, arXiv:1701.06548",
        look_at="0 is certain, ln of the number of classes is no idea",
    ),
    _entry(
        "PredictionMutualInformation",
        "How much answers tell about inputs, in nats.",
        "Tishby et al. 2000, arXiv:physics/0004057",
        look_at="it rises to ln of the number of classes while training",
    ),
)
