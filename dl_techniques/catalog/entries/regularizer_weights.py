"""The library's regularizers.

One table: a third of it is the arguments that several regularizers take.
"""

from dataclasses import replace

from dl_techniques.catalog.entry import Entry
from dl_techniques.utils.arguments import Argument

PACKAGE = "dl_techniques.regularizers"
BANSAL = "Bansal, Chen, Wang (2018), arXiv:1810.09102"


def _strength(name: str, default: float, text: str) -> Argument:
    return Argument(
        name, "float", default, low=0, ui_low=1e-5, ui_high=1, log=True, help=text
    )


def _flag(name: str, default: bool, text: str) -> Argument:
    return Argument(name, "bool", default, help=text)


def _choice(name: str, choices: tuple[str, ...], text: str) -> Argument:
    return Argument(name, "choice", choices[0], choices=choices, help=text)


_EPSILON = Argument(
    "epsilon",
    "float",
    1e-12,
    low=0,
    low_open=True,
    ui_low=1e-12,
    ui_high=1e-3,
    log=True,
    help="Tiny number that keeps divisions and logarithms finite.",
)
_SCHEDULABLE = _flag(
    "schedulable", False, "Whether a callback may change the strength while training."
)
_VIEW = _choice(
    "view", ("kernel", "depthwise"), "How a kernel is seen as a matrix of vectors."
)
_SCALING = _choice(
    "scaling",
    ("none", "diagonal", "matrix"),
    "Divide by nothing, by the number of vectors, or by the number of pairs.",
)
_SIZES = (
    _strength("l1_coefficient", 0.0, "Adds this times the sum of sizes."),
    _strength("l2_coefficient", 0.0, "Adds this times the sum of squares."),
)
_STATES = (
    Argument(
        "multiplier",
        "float",
        1.0,
        low=0,
        ui_low=1e-4,
        ui_high=10,
        log=True,
        help="Weight of the penalty.",
    ),
    Argument(
        "scale",
        "float",
        1.0,
        low=0,
        low_open=True,
        ui_low=0.1,
        ui_high=20,
        log=True,
        help="The non-zero state is 1 / scale.",
    ),
    _choice("reduction", ("mean", "sum"), "Average over the weights, or add them up."),
)


def _entry(
    name: str,
    summary: str,
    source: str,
    arguments: tuple[Argument, ...],
    watch: str,
    alias: str = "",
) -> Entry:
    return Entry(
        name=name,
        target=f"{PACKAGE}.{name}",
        kind="regularizer",
        family="structure",
        summary=summary,
        source=source,
        arguments=arguments,
        look_at=watch,
        aliases=(alias,) if alias else (),
    )


ENTRIES: tuple[Entry, ...] = (
    _entry(
        "SoftOrthonormalConstraintRegularizer",
        "Pulls a kernel's vectors to be orthogonal and of length 1.",
        f"{BANSAL}, eq. 3",
        (
            _strength("lambda_coefficient", 1e-3, "Weight of the penalty."),
            *_SIZES,
            _SCALING,
            _VIEW,
            _SCHEDULABLE,
        ),
        "singular values and the Gram heat map, epoch by epoch",
        "SoftOrthonormal",
    ),
    _entry(
        "SoftOrthogonalConstraintRegularizer",
        "Pulls a kernel's vectors to be orthogonal, lengths left free.",
        f"{BANSAL}, eq. 3 without its diagonal",
        (
            _strength("lambda_coefficient", 1e-3, "Weight of the penalty."),
            *_SIZES,
            _SCALING,
            _flag("normalize", False, "Compare angles only, whatever the lengths."),
            _VIEW,
            _SCHEDULABLE,
        ),
        "singular values and the Gram heat map, epoch by epoch",
        "SoftOrthogonal",
    ),
    _entry(
        "SRIPRegularizer",
        "Pulls the kernel's most deviant singular value to 1.",
        f"{BANSAL}, section 3.3",
        (
            replace(_strength("strength", 0.1, "Weight of the penalty."), ui_low=1e-4),
            Argument(
                "power_iterations",
                "int",
                2,
                low=1,
                ui_low=1,
                ui_high=8,
                help="Steps spent on finding the most deviant direction.",
            ),
            _flag("squared", False, "Penalise the square of the deviation."),
            _EPSILON,
            Argument(
                "seed", "int", 0, low=0, ui_low=0, ui_high=100, help="Starting vector."
            ),
            replace(_SCHEDULABLE, default=True),
        ),
        "the estimated against the exact spectral norm of the Gram matrix minus I",
        "SRIP",
    ),
    _entry(
        "BinaryPreferenceRegularizer",
        "Pulls each weight to 0 or to one other value.",
        "this project",
        _STATES,
        "the histogram of weights with marks at 0 and 1 / scale",
        "BinaryPreference",
    ),
    _entry(
        "TriStatePreferenceRegularizer",
        "Pulls each weight to one of three values: -1, 0 or 1 over scale.",
        "this project",
        _STATES,
        "the histogram of weights next to BitLinear's three values",
        "TriStatePreference",
    ),
    _entry(
        "EntropyRegularizer",
        "Drives how evenly a unit's weights are spread to a target.",
        "this project",
        (
            replace(_strength("strength", 0.01, "Weight of the penalty."), ui_high=10),
            Argument(
                "target_entropy",
                "float",
                0.7,
                low=0,
                high=1,
                ui_low=0,
                ui_high=1,
                help="0: one weight carries everything; 1: all are equal in size.",
            ),
            Argument(
                "axis",
                "int",
                -1,
                low=-16,
                ui_low=-4,
                ui_high=3,
                help="The axis along which weights compete.",
            ),
            _choice(
                "normalization",
                ("square", "abs", "softmax"),
                "How sizes become shares.",
            ),
            replace(_EPSILON, default=1e-10),
        ),
        "the entropy of each unit",
    ),
    replace(
        _entry(
            "SumRegularizer",
            "Adds several regularizers of the same weight.",
            "this project",
            (
                Argument(
                    "regularizers",
                    "choices",
                    required=True,
                    choices=("l1", "l2", "l1_l2", "orthogonal_regularizer"),
                    help="The parts; code may pass any regularizer.",
                ),
            ),
            "the losses of the layer",
        ),
        example={"regularizers": ["l1", "l2"]},
    ),
)
