"""The layers of the vision transformer."""

from typing import Any

import keras

from dl_techniques.layers import (
    MLP,
    ClassToken,
    LayerScale,
    PatchEmbedding2D,
    PositionalEmbedding,
    StochasticDepth,
    stochastic_depth_rates,
)
from dl_techniques.layers.attention import MultiHeadAttention
from dl_techniques.models.classifier_options import ClassifierOptions

EPSILON = 1e-6


class VitGraph:
    """Applies the layers and remembers what the attention maps need."""

    def __init__(self, own: dict[str, Any], options: ClassifierOptions) -> None:
        self.own = own
        self.options = options
        self.attended: list[tuple[Any, Any]] = []

    def called(self, name: str) -> dict[str, Any]:
        """Returns name and dtype of a layer."""
        return {"name": name, "dtype": self.options.policy}

    def kernel(self) -> dict[str, Any]:
        """Returns start and penalty of a kernel."""
        return {
            "kernel_initializer": keras.initializers.TruncatedNormal(stddev=0.02),
            "kernel_regularizer": self.options.regularizer(),
        }

    def body(self, x: Any, pyramid: dict[str, Any]) -> Any:
        """Returns the outputs."""
        own, options = self.own, self.options
        patch, dim = own["patch_size"], own["hidden_dim"]
        grid = tuple((side or patch) // patch for side in options.shape[:2])
        x = PatchEmbedding2D(patch, dim, **self.kernel(), **self.called("patch_embed"))(
            x
        )
        start = keras.initializers.TruncatedNormal(stddev=0.02)
        x = ClassToken(start, **self.called("class_token"))(x)
        if own["pos_embed"] != "none":
            x = PositionalEmbedding(
                1 + grid[0] * grid[1],
                own["pos_embed"],
                **self.called("position_embedding"),
            )(x)
        if options.dropout_rate:
            x = keras.layers.Dropout(options.dropout_rate, **self.called("dropout"))(x)
        rates = stochastic_depth_rates(own["depth"], options.drop_path_rate)
        for i, rate in enumerate(rates):
            x = self.block(x, f"blocks_{i}", rate)
            pyramid[f"L{i}"] = keras.layers.Reshape(
                (*grid, dim), **self.called(f"blocks_{i}_map")
            )(x[:, 1:])
        x = self.norm(x, "norm")
        return self.head(x)

    def head(self, x: Any) -> Any:
        """Pools the tokens and classifies."""
        options = self.options
        if not options.include_top:
            pools = {
                "avg": keras.layers.GlobalAveragePooling1D,
                "max": keras.layers.GlobalMaxPooling1D,
            }
            kind = options.pooling
            return pools[kind](**self.called("pool"))(x[:, 1:]) if kind else x
        if self.own["pool"] == "token":
            x = x[:, 0]
        else:
            x = keras.layers.GlobalAveragePooling1D(**self.called("pool"))(x[:, 1:])
        start = keras.initializers.TruncatedNormal(stddev=0.02)
        return options.classified(x, start)

    def norm(self, x: Any, name: str) -> Any:
        """Applies a layer norm."""
        return keras.layers.LayerNormalization(epsilon=EPSILON, **self.called(name))(x)

    def block(self, x: Any, name: str, rate: float) -> Any:
        """Applies one block."""
        own = self.own
        attention = MultiHeadAttention(
            own["num_heads"],
            use_bias=own["qkv_bias"],
            **self.kernel(),
            **self.called(f"{name}_attention"),
        )
        normed = self.norm(x, f"{name}_norm1")
        self.attended.append((attention, normed))
        x = self.added(x, attention(normed), f"{name}_attention", rate)
        mlp = MLP(
            max(1, int(own["hidden_dim"] * own["mlp_ratio"])),
            **self.kernel(),
            **self.called(f"{name}_mlp"),
        )
        y = mlp(self.norm(x, f"{name}_norm2"))
        return self.added(x, y, f"{name}_mlp", rate)

    def added(self, x: Any, y: Any, name: str, rate: float) -> Any:
        """Adds a branch, scaled and dropped where the arguments say so."""
        init = self.own["layer_scale_init"]
        if init is not None:
            y = LayerScale(init, **self.called(f"{name}_scale"))(y)
        if rate:
            y = StochasticDepth(rate, **self.called(f"{name}_drop_path"))(y)
        return keras.layers.Add(**self.called(f"{name}_add"))([x, y])


class AttentionWeights(keras.layers.Layer):
    """Gives the weights of another layer's attention."""

    def __init__(self, attention: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.attention = attention

    def call(self, inputs: Any) -> Any:
        return self.attention(inputs, return_attention_scores=True)[1]
