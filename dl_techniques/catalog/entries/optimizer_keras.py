"""Keras optimizers; the learning rate is a field of the recipe's optimizer.

One table: twelve optimizers share decay, clipping and averaging of weights.
"""

from dl_techniques.catalog.entry import Entry
from dl_techniques.catalog.parts import positive
from dl_techniques.utils.arguments import Argument


def _beta(name: str, default: float, text: str) -> Argument:
    return Argument(
        name,
        "float",
        default,
        low=0,
        high=1,
        high_open=True,
        ui_low=0,
        ui_high=0.999,
        step=0.001,
        help=text,
    )


def _decay(default: float | None, name: str = "weight_decay") -> Argument:
    return Argument(
        name,
        "float",
        default,
        low=0,
        high=1,
        ui_low=0,
        ui_high=0.1,
        optional=default is None,
        help="Share of each weight removed per step, times the learning rate.",
    )


_B1 = _beta("beta_1", 0.9, "Memory of the mean gradient.")
_B2 = _beta("beta_2", 0.999, "Memory of the squared gradient.")
_EPSILON = positive(
    "epsilon", 1e-7, (1e-10, 1e-2), "Keeps the division finite.", high=1
)
_CLIP = tuple(
    Argument(
        name,
        "float",
        None,
        low=0,
        low_open=True,
        ui_low=0.01,
        ui_high=10,
        log=True,
        optional=True,
        help=text,
    )
    for name, text in (
        ("clipnorm", "Largest gradient norm of one weight."),
        ("clipvalue", "Largest size of one gradient value."),
        ("global_clipnorm", "Largest gradient norm of all weights together."),
    )
)
_MORE = (
    *_CLIP,
    Argument(
        "use_ema", "bool", False, help="Whether a moving average of weights is kept."
    ),
    _beta("ema_momentum", 0.99, "Memory of the moving average."),
)
_WATCH = "the learning curve and the update-to-weight ratio"


def _entry(name: str, summary: str, source: str, *arguments: Argument) -> Entry:
    return Entry(
        name=name,
        target=f"keras.optimizers.{name}",
        kind="optimizer",
        family="optimizers",
        summary=summary,
        source=source,
        arguments=(*arguments, *_MORE),
        look_at=_WATCH,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "SGD",
        "Steps against the gradient, with momentum if wished.",
        "Robbins & Monro 1951; Keras",
        _beta("momentum", 0.0, "Share of the last step that is kept."),
        Argument("nesterov", "bool", False, help="Whether momentum looks ahead."),
        _decay(None),
    ),
    _entry(
        "Adam",
        "Scales each weight's step by the size of its recent gradients.",
        "Kingma & Ba 2015, arXiv:1412.6980; Keras",
        _B1,
        _B2,
        _EPSILON,
        Argument("amsgrad", "bool", False, help="Whether the scale may only shrink."),
        _decay(None),
    ),
    _entry(
        "AdamW",
        "Adam with weight decay kept apart from the gradient.",
        "Loshchilov & Hutter 2019, arXiv:1711.05101; Keras",
        _decay(0.004),
        _B1,
        _B2,
        _EPSILON,
        Argument("amsgrad", "bool", False, help="Whether the scale may only shrink."),
    ),
    _entry(
        "Lion",
        "Steps by the sign of a mean gradient; wants a small learning rate.",
        "Chen et al. 2023, arXiv:2302.06675; Keras",
        Argument(
            "beta_1",
            "float",
            0.9,
            low=0,
            high=1,
            low_open=True,
            ui_low=0.5,
            ui_high=0.999,
            help="Weight of the old mean in a step.",
        ),
        _beta("beta_2", 0.99, "Memory of the mean gradient."),
        _decay(None),
    ),
    _entry(
        "RMSprop",
        "Divides each step by the size of recent gradients.",
        "Hinton 2012, lecture 6; Keras",
        _beta("rho", 0.9, "Memory of the squared gradient."),
        _beta("momentum", 0.0, "Share of the last step that is kept."),
        _EPSILON,
        Argument("centered", "bool", False, help="Whether the mean is subtracted."),
        _decay(None),
    ),
    _entry(
        "Nadam",
        "Adam whose momentum looks one step ahead.",
        "Dozat 2016, ICLR workshop; Keras",
        _B1,
        _B2,
        _EPSILON,
        _decay(None),
    ),
    _entry(
        "Adagrad",
        "Shrinks the steps of weights that have moved a lot.",
        "Duchi et al. 2011, JMLR 12; Keras",
        Argument(
            "initial_accumulator_value",
            "float",
            0.1,
            low=0,
            ui_low=0,
            ui_high=1,
            help="Starting sum of squared gradients.",
        ),
        _EPSILON,
        _decay(None),
    ),
    _entry(
        "Muon",
        "Makes the step of each matrix orthogonal; Adam for everything else.",
        "Jordan et al. 2024, kellerjordan.github.io/posts/muon; Keras",
        _beta("adam_beta_1", 0.9, "Adam's memory of the mean gradient."),
        _beta("adam_beta_2", 0.999, "Adam's memory of the squared gradient."),
        _decay(0.004, "adam_weight_decay"),
        _EPSILON,
        _decay(0.004),
        _beta("momentum", 0.95, "Share of the last step that is kept."),
        Argument(
            "ns_steps",
            "int",
            5,
            low=1,
            high=20,
            ui_low=1,
            ui_high=10,
            help="Newton-Schulz steps that make the update orthogonal.",
        ),
        Argument("nesterov", "bool", True, help="Whether momentum looks ahead."),
        positive("rms_rate", 0.2, (0.01, 1), "Size of an update.", high=10),
    ),
    _entry(
        "Adadelta",
        "Divides each step by the size of recent gradients, in the weight's own unit.",
        "Zeiler 2012, arXiv:1212.5701; Keras",
        _beta("rho", 0.95, "Memory of the squared gradient."),
        _EPSILON,
        _decay(None),
    ),
    _entry(
        "Adamax",
        "Adam with the largest recent gradient in place of their mean square.",
        "Kingma & Ba 2015, arXiv:1412.6980, section 7; Keras",
        _B1,
        _B2,
        _EPSILON,
        _decay(None),
    ),
    _entry(
        "Lamb",
        "Adam whose step in each weight is as long as the weight is large.",
        "You et al. 2020, arXiv:1904.00962; Keras",
        _B1,
        _B2,
        _EPSILON,
        _decay(None),
    ),
    _entry(
        "Adafactor",
        "Adam that keeps row and column means only: little memory.",
        "Shazeer & Stern 2018, arXiv:1804.04235; Keras",
        Argument(
            "beta_2_decay",
            "float",
            -0.8,
            low=-1,
            high=0,
            high_open=True,
            ui_low=-1,
            ui_high=-0.1,
            step=0.05,
            help="How fast the memory of squared gradients grows.",
        ),
        positive("epsilon_1", 1e-30, (1e-30, 1e-8), "Floor of squares.", high=1),
        positive("epsilon_2", 1e-3, (1e-6, 1e-1), "Floor of a weight's size.", high=1),
        positive("clip_threshold", 1.0, (0.1, 10), "Largest update size.", high=1e3),
        Argument(
            "relative_step",
            "bool",
            True,
            help="Whether the rate falls as one over the root of the step.",
        ),
        _decay(None),
    ),
)
