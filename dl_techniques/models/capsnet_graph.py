"""The graph of a capsule network and of its decoder."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from dl_techniques.layers import CapsuleLength, PrimaryCapsule, RoutingCapsule
from dl_techniques.layers.kernels import fresh_initializer
from dl_techniques.utils.validation import check


def capsule_decoder(
    width: int, units: Sequence[int], shape: Sequence[int], initializer: Any, dtype: Any
) -> Any:
    """Returns Dense layers from `width` flat components to pixels in (0, 1)."""
    exact = keras.backend.result_type(dtype.compute_dtype, "float32")
    hidden = [
        keras.layers.Dense(
            n,
            activation="relu",
            kernel_initializer=fresh_initializer(initializer, 3 + i),
            dtype=dtype,
            name=f"hidden_{i}",
        )
        for i, n in enumerate(units)
    ]
    pixels = keras.layers.Dense(
        math.prod(shape),
        activation="sigmoid",
        kernel_initializer=fresh_initializer(initializer, 3 + len(units)),
        dtype=exact,
        name="pixels",
    )
    image = keras.layers.Reshape(tuple(shape), dtype=exact, name="image")
    layers = [keras.Input((width,)), *hidden, pixels, image]
    return keras.Sequential(layers, name="decoder")


def one_hot(label: Any, classes: int, dtype: Any = "float32") -> Any:
    """Returns labels `(batch,)`, `(batch, 1)` or one-hot `(batch, K)` as one-hot."""
    label = ops.convert_to_tensor(label)
    if len(label.shape) == 2 and label.shape[-1] == classes and classes > 1:
        return ops.cast(label, dtype)
    label = ops.reshape(ops.cast(label, "int32"), (-1,))
    return ops.one_hot(label, classes, dtype=dtype)


def masked_capsules(capsules: Any, chosen: Any) -> Any:
    """Sets all capsules but the chosen ones to 0 and flattens, class by class."""
    kept = capsules * ops.expand_dims(ops.cast(chosen, capsules.dtype), -1)
    return ops.reshape(kept, (-1, capsules.shape[1] * capsules.shape[2]))


def check_size(shape: tuple[int, ...], smallest: int) -> None:
    """Raises `ValueError` unless both convolutions fit into the image."""
    known = len(shape) == 3 and all(isinstance(n, int) and n > 0 for n in shape)
    rule = "(height, width, channels), all known"
    check(known, "input_shape", rule, shape)
    rule = f"at least {smallest} x {smallest} for these kernels"
    check(min(shape[:2]) >= smallest, "input_shape", rule, shape)


def capsnet_outputs(
    image: Any, given: Mapping[str, Any], initializer: Any, policy: Any
) -> dict[str, Any]:
    """Applies the layers to the image; returns what the model tells."""
    exact = keras.backend.result_type(policy.compute_dtype, "float32")
    x = keras.layers.Conv2D(
        given["conv_filters"],
        given["conv_kernel"],
        activation="relu",
        kernel_initializer=fresh_initializer(initializer),
        dtype=policy,
        name="conv",
    )(image)
    x = PrimaryCapsule(
        given["primary_capsules"],
        given["primary_dim"],
        given["primary_kernel"],
        given["primary_strides"],
        kernel_initializer=fresh_initializer(initializer, 1),
        dtype=policy,
        name="primary_capsules",
    )(x)
    capsules = RoutingCapsule(
        given["num_classes"],
        given["digit_dim"],
        given["routing_iterations"],
        kernel_initializer=fresh_initializer(initializer, 2),
        dtype=policy,
        name="class_capsules",
    )(x)
    length = CapsuleLength(dtype=exact, name="length")(capsules)
    if not given["reconstruction"]:
        return {"length": length, "capsules": capsules}
    width = given["num_classes"] * given["digit_dim"]
    decoder = capsule_decoder(
        width, given["decoder_units"], given["input_shape"], initializer, policy
    )
    longest = ops.one_hot(ops.argmax(length, axis=-1), given["num_classes"])
    drawn = decoder(masked_capsules(capsules, longest))
    return {"length": length, "capsules": capsules, "reconstruction": drawn}
