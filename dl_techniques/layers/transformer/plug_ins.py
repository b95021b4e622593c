"""The layers that a transformer block can be assembled from, by name."""

import inspect
from typing import Any, Literal, get_args

import keras

from dl_techniques.layers.transformer.makers import MAKERS, Sizes
from dl_techniques.utils.validation import check

Attention = Literal["mha", "gqa", "differential", "hopfield", "sparse", "adaptive"]
FeedForward = Literal[
    "mlp",
    "glu",
    "geglu",
    "reglu",
    "bilinear",
    "swiglu",
    "gated_mlp",
    "differential",
    "power",
]
Norm = Literal["layer", "rms", "band_rms", "dynamic_tanh", "none"]
CHOICES: dict[str, tuple[str, ...]] = {
    "attention": get_args(Attention),
    "ffn": get_args(FeedForward),
    "norm": get_args(Norm),
}


def plug_in(role: str, choice: Any, args: Any) -> Any:
    """Returns a choice as it is kept: a known name or a layer.

    Raises:
        ValueError: If the name is unknown, or arguments come with a layer.
    """
    check(args is None or isinstance(args, dict), f"{role}_args", "a dict", args)
    if isinstance(choice, dict):
        choice = keras.saving.deserialize_keras_object(choice)
    if isinstance(choice, keras.layers.Layer):
        rule = f"left out where `{role}` is a layer"
        check(not args, f"{role}_args", rule, args)
        return choice
    names = ", ".join(repr(name) for name in CHOICES[role])
    known = isinstance(choice, str) and choice in CHOICES[role]
    check(known, role, f"one of {names} or a layer", choice)
    return choice


def made(
    role: str, choice: Any, args: dict[str, Any] | None, size: Sizes, **more: Any
) -> Any:
    """Returns the layer of a choice; a layer comes back as it is.

    Args:
        role: "attention", "ffn" or "norm".
        choice: As `plug_in` returns it.
        args: Arguments that go before those of the block.
        size: What the block tells.
        more: Name, dtype and seed.
    """
    if isinstance(choice, keras.layers.Layer):
        return choice
    cls, given = MAKERS[role][choice]
    args = args or {}
    seeded = "seed" in _parameters(cls) and "seed" not in args
    if not seeded:
        more.pop("seed", None)
    return cls(**{**given(size), **more, **args})


def _parameters(cls: Any) -> set[str]:
    return {
        name
        for base in cls.__mro__
        for name in inspect.signature(base.__init__).parameters
    }


def copied(layer: Any, name: str) -> Any:
    """Returns a layer of the same arguments with weights of its own."""
    return type(layer).from_config({**layer.get_config(), "name": name})


def serialized(choice: Any) -> Any:
    """Returns a choice ready for JSON."""
    if isinstance(choice, str):
        return choice
    return keras.saving.serialize_keras_object(choice)


def built(layer: Any, shape: tuple[int | None, ...]) -> Any:
    """Returns the layer, built for one input of this shape."""
    if not layer.built:
        layer.build(*[shape] * (2 if needs_value(layer) else 1))
    return layer


def needs_value(layer: Any) -> bool:
    """Tells whether the call needs a second tensor, as Keras's attention does."""
    value = inspect.signature(layer.call).parameters.get("value")
    return value is not None and value.default is value.empty


def attended(layer: Any, x: Any, mask: Any, causal: bool) -> Any:
    """Calls an attention layer on one sequence with its padding mask."""
    takes = inspect.signature(layer.call).parameters
    call: dict[str, Any] = {"use_causal_mask": True} if causal else {}
    if mask is not None:
        names = ("mask",) if "mask" in takes else ("query_mask", "value_mask")
        call |= {name: mask for name in names if name in takes}
    return layer(x, x, **call) if needs_value(layer) else layer(x, **call)
