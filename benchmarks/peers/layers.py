"""Every layer with its nearest built-in or peer, at a middle size.

One long table, so it is longer than other files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from dl_techniques import layers as own

K = keras.layers
Make = Callable[[], Any]
VECTOR, LONG, TOKENS = (256, 256), (16, 128, 256), (8, 128, 128)
IMAGE = (8, 32, 32, 64)
CAPS = (16, 256, 8)


@dataclass(frozen=True)
class Pair:
    """A layer, its arguments, and the peer with a name; `bound` is the spec's."""

    name: str
    shape: tuple[int, ...]
    args: dict[str, Any]
    peer_name: str
    peer: Make
    bound: float | None = None


def graph(*steps: Any) -> Make:
    """Returns a maker of a model that applies the makers one after another."""

    def make() -> Any:
        return keras.Sequential([step() for step in steps])

    return make


def functional(shape: tuple[int, ...], body: Callable[[Any], Any]) -> Make:
    """Returns a maker of a model with one input of `shape`."""

    def make() -> Any:
        x = keras.Input(shape[1:])
        return keras.Model(x, body(x))

    return make


def dense(units: int, **more: Any) -> Make:
    """Returns a maker of a Dense layer."""
    return lambda: K.Dense(units, **more)


def act(name: str) -> Make:
    """Returns a maker of an activation."""
    return lambda: K.Activation(name)


def attend(heads: int, size: int, scores: bool = False, **more: Any) -> Any:
    """Returns the body of self-attention by Keras."""

    def body(x: Any) -> Any:
        mha = K.MultiHeadAttention(heads, size, **more)
        return mha(x, x, return_attention_scores=scores)

    return body


def gated(hidden: int, out: int, activation: str) -> Callable[[Any], Any]:
    """Returns the body of a gated layer written with Keras layers."""

    def body(x: Any) -> Any:
        gate = K.Dense(hidden, activation=activation)(x)
        return K.Dense(out)(K.Multiply()([gate, K.Dense(hidden)(x)]))

    return body


def convnext(x: Any) -> Any:
    """Writes a ConvNeXt block with Keras layers."""
    y = K.DepthwiseConv2D(7, padding="same")(x)
    y = K.LayerNormalization(epsilon=1e-6)(y)
    y = K.Dense(x.shape[-1])(K.Dense(4 * x.shape[-1], activation="gelu")(y))
    return K.Add()([x, K.Rescaling(0.1)(y)])


def squeeze(x: Any) -> Any:
    """Writes squeeze-and-excitation with Keras layers."""
    y = K.GlobalAveragePooling2D(keepdims=True)(x)
    y = K.Dense(16, activation="relu", use_bias=False)(y)
    return K.Multiply()([x, K.Dense(64, "sigmoid", use_bias=False)(y)])


def attention_module(x: Any) -> Any:
    """Writes CBAM with Keras layers."""
    y = K.Multiply()([x, channels(x)])
    return K.Multiply()([y, places(y)])


def channels(x: Any) -> Any:
    """Writes channel attention with Keras layers."""
    one, two = K.Dense(4, "relu", use_bias=False), K.Dense(64, use_bias=False)
    pools = K.GlobalAveragePooling2D, K.GlobalMaxPooling2D
    return K.Activation("sigmoid")(
        K.Add()([two(one(p(keepdims=True)(x))) for p in pools])
    )


def places(x: Any) -> Any:
    """Writes spatial attention with Keras layers and ops."""
    maps = [ops.mean(x, -1, keepdims=True), ops.max(x, -1, keepdims=True)]
    conv = K.Conv2D(1, 7, padding="same", use_bias=False, activation="sigmoid")
    return conv(K.Concatenate()(maps))


def differential(x: Any) -> Any:
    """Writes the two gated paths of DifferentialFFN with Keras layers."""
    gates = []
    for _ in range(2):
        y = K.LayerNormalization()(K.Dense(512)(x))
        gates.append(K.Dense(256, "sigmoid")(K.Activation("gelu")(y)))
    return K.Dense(256)(K.LayerNormalization(center=False)(K.Subtract()(gates)))


def spatial_gate(x: Any) -> Any:
    """Writes a spatial gating unit with Keras layers."""
    u, v = ops.split(x, 2, axis=-1)
    v = K.Permute((2, 1))(K.LayerNormalization()(v))
    v = K.Permute((2, 1))(K.Dense(x.shape[1])(v))
    return K.Multiply()([u, v])


def gated_mlp(x: Any) -> Any:
    """Writes a gMLP block with Keras layers."""
    y = K.Dense(512, "gelu")(K.LayerNormalization()(x))
    return K.Add()([x, K.Dense(x.shape[-1])(spatial_gate(y))])


def positions(x: Any) -> Any:
    """Adds a learned table with Keras layers."""
    return x + K.Embedding(x.shape[1], x.shape[2])(ops.arange(x.shape[1]))[None]


def encoder(x: Any) -> Any:
    """Writes a pre-norm transformer block with Keras layers."""
    y = K.LayerNormalization(epsilon=1e-6)(x)
    x = K.Add()([x, K.MultiHeadAttention(4, 32)(y, y)])
    y = K.LayerNormalization(epsilon=1e-6)(x)
    y = K.Dense(128)(K.Dense(512, activation="gelu")(y))
    return K.Add()([x, y])


def penalised() -> Any:
    """Makes a Dense layer with Keras' penalty on its kernel."""
    penalty = keras.regularizers.OrthogonalRegularizer()
    return K.Dense(256, kernel_regularizer=penalty)


def rms() -> Any:
    """Makes the library's own RMSNorm, itself a pair of the table."""
    return own.RMSNorm()


UNIT = ("UnitNormalization", K.UnitNormalization)
LAYER = ("LayerNormalization", K.LayerNormalization)
CONV = functional(IMAGE, lambda x: K.Conv2D(64, 3, padding="same")(x))
U_HAT = functional(CAPS, lambda x: K.EinsumDense("bid,ijod->bijo", (256, 10, 16))(x))
ONE_BY_ONE = functional(IMAGE, gated(64, 64, "relu"))
MHA = ("MultiHeadAttention", functional(TOKENS, attend(4, 32)))
SCORES = (
    "MultiHeadAttention with scores",
    functional(TOKENS, attend(4, 32, scores=True)),
)

PAIRS = (
    Pair("RMSNorm", LONG, {}, "RMSNormalization", K.RMSNormalization, 1.0),
    Pair("ZeroCenteredRMSNorm", LONG, {}, *LAYER),
    Pair("BandRMS", LONG, {}, "RMSNorm", rms, 1.3),
    Pair("AdaptiveBandRMS", LONG, {}, "RMSNorm", rms),
    Pair("BandLogitNorm", LONG, {}, *UNIT),
    Pair("LogitNorm", LONG, {}, *UNIT),
    Pair("MaxLogitNorm", LONG, {}, *UNIT),
    Pair("CoupledLogitNorm", LONG, {}, *UNIT),
    Pair(
        "CoupledMultiLabelHead",
        VECTOR,
        {"units": 256},
        "Dense",
        dense(256, activation="sigmoid"),
    ),
    Pair("DecoupledMaxLogit", VECTOR, {"units": 256}, "Dense", dense(256)),
    Pair("GlobalResponseNorm", IMAGE, {}, *LAYER, 1.5),
    Pair("DynamicTanh", LONG, {}, *LAYER, 1.0),
    Pair(
        "MLP",
        LONG,
        {"hidden_dim": 512},
        "two Dense",
        graph(dense(512, activation="gelu"), dense(256)),
    ),
    Pair(
        "GLUFFN",
        LONG,
        {"hidden_dim": 512},
        "Keras layers",
        functional(LONG, gated(512, 256, "silu")),
    ),
    Pair(
        "SwiGLUFFN",
        LONG,
        {"hidden_dim": 512},
        "Keras layers",
        functional(LONG, gated(512, 256, "silu")),
    ),
    Pair(
        "GatedMLP",
        LONG,
        {"hidden_dim": 512},
        "Keras layers",
        functional(LONG, gated_mlp),
    ),
    Pair("SpatialGatingUnit", LONG, {}, "Keras layers", functional(LONG, spatial_gate)),
    Pair("ConvGatedMLP", IMAGE, {"filters": 64}, "Keras layers", ONE_BY_ONE),
    Pair(
        "DifferentialFFN",
        LONG,
        {"hidden_dim": 512},
        "Keras layers",
        functional(LONG, differential),
    ),
    Pair("PowerMLPLayer", LONG, {"units": 256}, "Dense", dense(256), 2.5),
    Pair(
        "PowerMLP",
        LONG,
        {"hidden_units": [256, 256, 64]},
        "three Dense",
        graph(dense(256), dense(256), dense(64)),
    ),
    Pair("Mish", LONG, {}, "mish", act("mish")),
    Pair("SaturatedMish", LONG, {}, "mish", act("mish")),
    Pair("ReLUK", LONG, {}, "relu", act("relu")),
    Pair("BasisFunction", LONG, {}, "silu", act("silu")),
    Pair("ExpandedGELU", LONG, {}, "gelu", act("gelu")),
    Pair("ExpandedSiLU", LONG, {}, "silu", act("silu")),
    Pair("ExpandedArcTan", LONG, {}, "gelu", act("gelu")),
    Pair("AdaptiveTemperatureSoftmax", LONG, {}, "softmax", act("softmax")),
    Pair(
        "ConvNextV1Block", IMAGE, {}, "Keras layers", functional(IMAGE, convnext), 1.0
    ),
    Pair(
        "ConvNextV2Block", IMAGE, {}, "Keras layers of V1", functional(IMAGE, convnext)
    ),
    Pair("CBAM", IMAGE, {}, "Keras layers", functional(IMAGE, attention_module)),
    Pair("ChannelAttention", IMAGE, {}, "Keras layers", functional(IMAGE, channels)),
    Pair("SpatialAttention", IMAGE, {}, "Keras layers", functional(IMAGE, places)),
    Pair("SqueezeExcitation", IMAGE, {}, "Keras layers", functional(IMAGE, squeeze)),
    Pair(
        "OrthoBlock",
        VECTOR,
        {"units": 256},
        "Dense, OrthogonalRegularizer",
        penalised,
    ),
    Pair("OrthoConv2DBlock", IMAGE, {"filters": 64}, "Conv2D", CONV),
    Pair(
        "StochasticDepth",
        LONG,
        {},
        "Dropout",
        lambda: K.Dropout(0.5, noise_shape=(None, 1, 1)),
    ),
    Pair("LayerScale", LONG, {}, "Rescaling", lambda: K.Rescaling(0.5)),
    Pair("LearnableMultiplier", LONG, {}, "Rescaling", lambda: K.Rescaling(0.5)),
    Pair("BitLinear", (1024, 256), {"units": 256}, "Dense", dense(256), 1.3),
    Pair("KANLinear", VECTOR, {"units": 64}, "Dense, as many weights", dense(64 * 9)),
    Pair(
        "KAN",
        VECTOR,
        {"units_list": [64, 64]},
        "Dense, as many weights",
        graph(dense(64 * 9), dense(64)),
    ),
    Pair(
        "KANConv2D",
        (8, 16, 16, 16),
        {"filters": 16},
        "Conv2D, as many weights",
        lambda: K.Conv2D(16 * 9, 3, padding="same"),
    ),
    Pair("Squash", CAPS, {}, *UNIT),
    Pair("CapsuleLength", CAPS, {}, *UNIT),
    Pair(
        "PrimaryCapsule",
        IMAGE,
        {"num_capsules": 8, "dim_capsules": 8},
        "Conv2D",
        lambda: K.Conv2D(64, 9, 2),
    ),
    Pair(
        "RoutingCapsule",
        CAPS,
        {"num_capsules": 10, "dim_capsules": 16},
        "EinsumDense to votes",
        U_HAT,
    ),
    Pair(
        "CapsuleBlock",
        CAPS,
        {"num_capsules": 10, "dim_capsules": 16},
        "EinsumDense to votes",
        U_HAT,
    ),
    Pair(
        "MDNLayer",
        VECTOR,
        {"output_dimension": 8, "num_mixtures": 10},
        "Dense",
        dense(170),
    ),
    Pair("ComplexConv2D", IMAGE, {"filters": 32, "kernel_size": 3}, "Conv2D", CONV),
    Pair("ComplexDense", VECTOR, {"units": 128}, "Dense", dense(256)),
    Pair("ComplexReLU", IMAGE, {}, "relu", act("relu")),
    Pair("ModReLU", IMAGE, {}, "UnitNormalization", K.UnitNormalization),
    Pair(
        "ComplexAveragePooling2D",
        IMAGE,
        {},
        "AveragePooling2D",
        lambda: K.AveragePooling2D(2),
    ),
    Pair("ComplexToReal", IMAGE, {"mode": "magnitude"}, "relu", act("relu")),
    Pair("RotaryPositionEmbedding", LONG, {}, *LAYER),
    Pair(
        "PositionalEmbedding",
        LONG,
        {"max_seq_len": 128},
        "Embedding",
        functional(LONG, positions),
    ),
    Pair(
        "PatchEmbedding2D",
        IMAGE,
        {"patch_size": 4, "embed_dim": 128},
        "Conv2D",
        lambda: K.Conv2D(128, 4, 4),
    ),
    Pair(
        "PatchEmbedding1D",
        LONG,
        {"patch_size": 4, "embed_dim": 128},
        "Conv1D",
        lambda: K.Conv1D(128, 4, 4),
    ),
    Pair("ClassToken", LONG, {}, "ZeroPadding1D", lambda: K.ZeroPadding1D((1, 0))),
    Pair(
        "RBFLayer",
        VECTOR,
        {"units": 256},
        "Dense",
        dense(256, activation="exponential"),
    ),
    Pair(
        "KMeansLayer",
        VECTOR,
        {"n_clusters": 64},
        "Dense",
        dense(64, activation="softmax"),
    ),
    Pair(
        "SOM2dLayer",
        VECTOR,
        {"map_size": (8, 8)},
        "Dense",
        dense(64, activation="softmax"),
    ),
    Pair(
        "ShearletTransform",
        (8, 32, 32, 4),
        {},
        "DepthwiseConv2D 9x9",
        lambda: K.DepthwiseConv2D(9, padding="same", depth_multiplier=25),
    ),
    Pair("MultiHeadAttention", TOKENS, {"num_heads": 4}, *MHA),
    Pair(
        "GroupQueryAttention",
        (8, 256, 128),
        {"head_dim": 32, "num_query_heads": 4, "num_key_value_heads": 2},
        "Keras' own",
        functional(
            (8, 256, 128),
            lambda x: K.GroupQueryAttention(32, 4, 2, use_bias=False)(x, x),
        ),
        1.3,
    ),
    Pair("DifferentialMultiHeadAttention", TOKENS, {"num_heads": 2}, *SCORES, 1.6),
    Pair("HopfieldAttention", TOKENS, {"num_heads": 4, "key_dim": 32}, *SCORES),
    Pair("SparseAttention", TOKENS, {"num_heads": 4, "key_dim": 32}, *SCORES),
    Pair("AdaptiveMultiHeadAttention", TOKENS, {"num_heads": 4}, *SCORES),
    Pair(
        "NonLocalAttention",
        (8, 16, 16, 64),
        {},
        "MultiHeadAttention",
        functional(
            (8, 16, 16, 64),
            lambda x: K.MultiHeadAttention(1, 32)(*[K.Reshape((-1, 64))(x)] * 2),
        ),
    ),
    Pair(
        "TransformerEncoderBlock",
        TOKENS,
        {"num_heads": 4},
        "Keras layers",
        functional(TOKENS, encoder),
        1.1,
    ),
    Pair(
        "DifferentialTransformerBlock",
        TOKENS,
        {"num_heads": 2},
        "Keras layers of the ViT block",
        functional(TOKENS, encoder),
    ),
)
