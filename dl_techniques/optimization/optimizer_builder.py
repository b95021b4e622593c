"""A dictionary -> an optimizer and its schedule."""

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from dl_techniques.optimization.config_reader import arguments_of, type_of
from dl_techniques.optimization.constant_schedule import ConstantSchedule
from dl_techniques.optimization.schedule_builder import schedule_builder
from dl_techniques.utils.validation import check, check_number

_CLASSES = {
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "sgd": keras.optimizers.SGD,
    "rmsprop": keras.optimizers.RMSprop,
    "adadelta": keras.optimizers.Adadelta,
    "adagrad": keras.optimizers.Adagrad,
    "adamax": keras.optimizers.Adamax,
    "nadam": keras.optimizers.Nadam,
    "lion": keras.optimizers.Lion,
    "adafactor": keras.optimizers.Adafactor,
    "lamb": keras.optimizers.Lamb,
    "muon": keras.optimizers.Muon,
}
OPTIMIZER_TYPES = tuple(_CLASSES)
DEFAULT_TYPE = "rmsprop"
_DEFAULTS: dict[str, dict[str, Any]] = {"adadelta": {"rho": 0.9}}
_CLIPPING = {
    "gradient_clipping_by_value": "clipvalue",
    "gradient_clipping_by_norm": "global_clipnorm",
    "gradient_clipping_by_norm_local": "clipnorm",
}
_OURS = (
    *("type", "schedule", "learning_rate", *_CLIPPING),
    *("loss_scale", "exclude_from_weight_decay"),
)
_HIDDEN = ("self", "kwargs", *_CLIPPING.values(), "loss_scale_factor")
UNDECAYED = ("bias", "gamma", "beta", "scale")


def optimizer_builder(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """Returns the optimizer that a dictionary describes, and its schedule.

    Args:
        config: `{"type": "adam", "schedule": {...}}` with `schedule_builder`'s
            dictionary (or a Keras schedule), or `"learning_rate"` with a number in
            its place, plus any argument of the optimizer. The type defaults to
            "rmsprop"; one of adam, adamw, sgd, rmsprop, adadelta (rho 0.9), adagrad,
            adamax, nadam, lion, adafactor, lamb, muon. At most one of
            `gradient_clipping_by_value`, `gradient_clipping_by_norm` (norm of ALL
            gradients together) and `gradient_clipping_by_norm_local` (norm of each
            weight's). `loss_scale` multiplies the loss for half precision.
            `exclude_from_weight_decay` lists parts of the names of weights that do
            not decay; for adamw it defaults to biases and the scales and shifts of
            norms. Keras does not store that list in a saved model.

    Returns:
        The optimizer and its learning-rate schedule; a plain `learning_rate` is a
        `ConstantSchedule`.

    Raises:
        ValueError: A type, parameter or value is wrong; the error names it.
    """
    name = type_of("optimizer", config, _CLASSES, DEFAULT_TYPE)
    cls = _CLASSES[name]
    own = {n: None for n in inspect.signature(cls).parameters if n not in _HIDDEN}
    arguments_of(name, config, own | dict.fromkeys(_OURS))
    schedule = _schedule(config)
    args = _DEFAULTS.get(name, {}) | {
        k: v for k, v in config.items() if k in own and k not in _OURS
    }
    optimizer = cls(
        learning_rate=schedule, **args, **_clipping(config), **_scale(config)
    )
    kept = config.get("exclude_from_weight_decay")
    if kept is None:
        kept = UNDECAYED if name == "adamw" else ()
    rule = "a list of parts of weight names"
    legal = isinstance(kept, list | tuple) and all(isinstance(k, str) for k in kept)
    check(legal, "exclude_from_weight_decay", rule, kept)
    if kept:
        optimizer.exclude_from_weight_decay(var_names=list(kept))
    return optimizer, schedule


def _schedule(config: Mapping[str, Any]) -> Any:
    both = "schedule" in config and "learning_rate" in config
    if both or ("schedule" not in config and "learning_rate" not in config):
        verb = "both are given" if both else "both are missing"
        raise ValueError(f"give either `schedule` or `learning_rate`; {verb}")
    if "learning_rate" in config:
        return ConstantSchedule(config["learning_rate"])
    schedule = config["schedule"]
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return schedule
    return schedule_builder(schedule)


def _clipping(config: Mapping[str, Any]) -> dict[str, float]:
    given = {k: config[k] for k in _CLIPPING if config.get(k) is not None}
    if len(given) > 1:
        named = " and ".join(f"`{k}`" for k in given)
        raise ValueError(f"give at most one way to clip gradients. Received: {named}")
    for name, value in given.items():
        check_number(name, value, 0, low_open=True)
    return {_CLIPPING[k]: v for k, v in given.items()}


def _scale(config: Mapping[str, Any]) -> dict[str, float]:
    scale = config.get("loss_scale")
    check_number("loss_scale", scale, 0, low_open=True, optional=True)
    return {} if scale is None else {"loss_scale_factor": scale}
