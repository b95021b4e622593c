"""Keras losses."""

from dl_techniques.catalog.entry import Entry, Task
from dl_techniques.catalog.parts import rate
from dl_techniques.utils.arguments import Argument

_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
_SMOOTHING = rate(
    "Share of each target spread over all classes.",
    name="label_smoothing",
    default=0.0,
    high_open=False,
)


def _regression(
    name: str, summary: str, source: str = "Keras", arguments: tuple[Argument, ...] = ()
) -> Entry:
    return Entry(
        name=name,
        target=f"keras.losses.{name}",
        kind="loss",
        family="regression",
        summary=summary,
        source=source,
        tasks=("regression", "maps"),
        arguments=arguments,
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        name="SparseCategoricalCrossentropy",
        target="keras.losses.SparseCategoricalCrossentropy",
        kind="loss",
        family="classification",
        summary="Cross-entropy: minus the log of the true class's probability.",
        tasks=_CLASSES,
        arguments=(
            Argument(
                "ignore_class",
                "int",
                None,
                low=-1,
                optional=True,
                help="Class whose samples do not count.",
            ),
        ),
        look_at="reliability diagram",
        from_logits=True,
    ),
    Entry(
        name="CategoricalCrossentropy",
        target="keras.losses.CategoricalCrossentropy",
        kind="loss",
        family="classification",
        summary="Cross-entropy with smoothed targets if wished.",
        source="Szegedy et al. 2016, arXiv:1512.00567 (smoothing); Keras",
        tasks=_CLASSES,
        arguments=(_SMOOTHING,),
        look_at="mean confidence: smoothing lowers it",
        from_logits=True,
        one_hot=True,
    ),
    Entry(
        name="BinaryCrossentropy",
        target="keras.losses.BinaryCrossentropy",
        kind="loss",
        family="classification",
        summary="Cross-entropy of every class against the rest.",
        tasks=("binary", "multiclass", "multilabel"),
        arguments=(_SMOOTHING,),
        look_at="reliability diagram",
        from_logits=True,
        one_hot=True,
    ),
    Entry(
        name="CategoricalFocalCrossentropy",
        target="keras.losses.CategoricalFocalCrossentropy",
        kind="loss",
        family="classification",
        summary="Cross-entropy that looks away from samples already learned.",
        source="Lin et al. 2017, arXiv:1708.02002; Keras",
        tasks=_CLASSES,
        arguments=(
            Argument(
                "alpha",
                "float",
                0.25,
                low=0,
                high=1,
                low_open=True,
                ui_low=0.05,
                ui_high=1,
                help="Weight of the whole loss.",
            ),
            Argument(
                "gamma",
                "float",
                2.0,
                low=0,
                high=20,
                ui_low=0,
                ui_high=5,
                step=0.5,
                help="How far easy samples are ignored; 0 is cross-entropy.",
            ),
            _SMOOTHING,
        ),
        look_at="calibration: focal loss makes a network less confident",
        from_logits=True,
        one_hot=True,
    ),
    _regression("MeanSquaredError", "Mean of squared errors."),
    _regression("MeanAbsoluteError", "Mean size of the errors; outliers count less."),
    _regression(
        "Huber",
        "Squared for small errors, straight for large ones.",
        "Huber 1964, Annals of Mathematical Statistics 35; Keras",
        (
            Argument(
                "delta",
                "float",
                1.0,
                low=0,
                high=1e6,
                low_open=True,
                ui_low=0.1,
                ui_high=10,
                log=True,
                help="Error at which it becomes straight.",
            ),
        ),
    ),
    _regression("LogCosh", "Log of the hyperbolic cosine of the error: a soft Huber."),
)
