"""Arguments that many entries share, so that range and help are written once.

One file: an author of entries looks here first, whatever the argument is.
"""

from typing import Any

from dl_techniques.utils.arguments import Argument

ACTIVATIONS = (
    "linear",
    "relu",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "elu",
    "selu",
    "celu",
    "leaky_relu",
    "relu6",
    "mish",
    "softplus",
    "softsign",
    "softmax",
    "log_softmax",
    "exponential",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "hard_shrink",
    "soft_shrink",
    "tanh_shrink",
    "squareplus",
    "sparse_plus",
    "log_sigmoid",
)


def activation(
    default: str | None = None, name: str = "activation", *, required: bool = False
) -> Argument:
    """Returns the argument that names an activation."""
    return Argument(
        name,
        "component",
        default,
        choices=("activation",),
        optional=not required,
        required=required,
        help="Function applied to every output value.",
    )


def initializer(name: str, default: str, text: str) -> Argument:
    """Returns the argument that names an initializer."""
    return Argument(name, "component", default, choices=("initializer",), help=text)


def regularizer(name: str, text: str, default: str | None = None) -> Argument:
    """Returns the argument that names a regularizer; None is no penalty."""
    return Argument(
        name, "component", default, choices=("regularizer",), optional=True, help=text
    )


def constraint(name: str, text: str) -> Argument:
    """Returns the argument that names a constraint; None is none."""
    return Argument(
        name, "component", None, choices=("constraint",), optional=True, help=text
    )


def weights(kernel: str = "kernel", *, bias: bool = True) -> tuple[Argument, ...]:
    """Returns initializer, regularizer and constraint of a kernel and its bias."""
    parts = [(kernel, "glorot_uniform")] + ([("bias", "zeros")] if bias else [])
    return (
        *(
            initializer(f"{n}_initializer", d, f"Starting values of the {n}.")
            for n, d in parts
        ),
        *(
            regularizer(f"{n}_regularizer", f"Penalty on the {n}, added to the loss.")
            for n, _ in parts
        ),
        *(
            constraint(f"{n}_constraint", f"Projection of the {n} after each step.")
            for n, _ in parts
        ),
    )


def activity_regularizer() -> Argument:
    """Returns the argument that penalises a layer's output."""
    return regularizer("activity_regularizer", "Penalty on the layer's output.")


def use_bias() -> Argument:
    """Returns the switch for a bias."""
    return Argument("use_bias", "bool", True, help="Whether a learned offset is added.")


def count(
    name: str,
    text: str,
    *,
    ui: tuple[float, float] = (1, 512),
    high: float | None = 65_536,
    default: int | None = None,
) -> Argument:
    """Returns a positive whole number; required unless it has a default."""
    return Argument(
        name,
        "int",
        default,
        low=1,
        high=high,
        ui_low=ui[0],
        ui_high=ui[1],
        log=ui[1] / ui[0] > 100,
        required=default is None,
        help=text,
    )


def rate(
    text: str,
    *,
    name: str = "rate",
    default: float | None = None,
    high_open: bool = True,
) -> Argument:
    """Returns a share in [0, 1), or [0, 1] with `high_open=False`."""
    return Argument(
        name,
        "float",
        default,
        low=0,
        high=1,
        high_open=high_open,
        ui_low=0,
        ui_high=0.8,
        step=0.05,
        required=default is None,
        help=text,
    )


def positive(
    name: str, default: float, ui: tuple[float, float], text: str, **more: Any
) -> Argument:
    """Returns a number above 0 on a logarithmic slider."""
    given = {"low": 0, "low_open": True, "log": True} | more
    return Argument(
        name, "float", default, ui_low=ui[0], ui_high=ui[1], help=text, **given
    )


def seed() -> Argument:
    """Returns the seed of a component's own random numbers."""
    return Argument(
        "seed",
        "int",
        None,
        low=0,
        high=2**31 - 1,
        optional=True,
        help="Fixes this component's random numbers; empty follows the run's seed.",
    )


SHARPENING = (
    Argument(
        "coefficients",
        "floats",
        optional=True,
        help="Polynomial in the entropy, highest power first; empty: the paper's.",
    ),
    Argument(
        "entropy_threshold",
        "float",
        0.5,
        low=0,
        ui_low=0,
        ui_high=4,
        step=0.1,
        help="Rows of no more entropy (nats) stay as they are.",
    ),
    Argument(
        "max_beta",
        "float",
        low=1,
        ui_low=1,
        ui_high=4,
        step=0.1,
        optional=True,
        help="Strongest sharpening; empty: as the polynomial says.",
    ),
    Argument(
        "inference_only",
        "bool",
        False,
        help="Whether training sees the plain softmax.",
    ),
)
