"""The towers of OpenAI's CLIP."""

from collections.abc import Mapping
from typing import Any

import keras

from dl_techniques.layers import (
    MLP,
    ClassToken,
    MultiHeadAttention,
    PatchEmbedding2D,
    PositionalEmbedding,
)
from dl_techniques.models.clip_layers import TokenAt, quick_gelu

ENDS = {"argmax": "largest", "first_eos": "first_end"}
ACTIVATIONS = {"quick_gelu": quick_gelu, "gelu": "gelu"}


class OpenAIGraph:
    """Applies the layers; every name begins with its tower's.

    Args:
        own: Constructor arguments of the model.
        policy: Dtype policy of the layers.
    """

    def __init__(self, own: Mapping[str, Any], policy: Any) -> None:
        self.own = own
        self.policy = policy

    def called(self, name: str) -> dict[str, Any]:
        """Returns name and dtype of a layer."""
        return {"name": name, "dtype": self.policy}

    def image(self) -> tuple[Any, Any]:
        """Returns the input of images and their projected features."""
        own = self.own
        size, patch = own["image_size"], own["patch_size"]
        inputs = keras.Input((size, size, own["channels"]), name="image")
        x = PatchEmbedding2D(
            patch,
            own["vision_width"],
            use_bias=False,
            kernel_initializer=_start(),
            **self.called("vision_patch_embed"),
        )(inputs)
        x = ClassToken(_start(), **self.called("vision_class_token"))(x)
        x = self.placed(x, "vision", 1 + (size // patch) ** 2)
        x = self.blocks(self.norm(x, "vision_pre_norm"), "vision")
        x = TokenAt("first", **self.called("vision_pool"))(x)
        return inputs, self.projected(self.norm(x, "vision_post_norm"), "vision")

    def text(self) -> tuple[Any, Any]:
        """Returns the input of token ids and their projected features."""
        own = self.own
        inputs = keras.Input((own["context_length"],), dtype="int32", name="text")
        x = keras.layers.Embedding(
            own["vocab_size"],
            own["text_width"],
            embeddings_initializer=_start(),
            **self.called("text_token_embedding"),
        )(inputs)
        x = self.blocks(self.placed(x, "text", own["context_length"]), "text")
        x = self.norm(x, "text_final_norm")
        rule = ENDS[own["eot"]]
        end = TokenAt(rule, own["eos_token_id"], **self.called("text_pool"))
        return inputs, self.projected(end(x, inputs), "text")

    def placed(self, x: Any, tower: str, length: int) -> Any:
        """Adds the learned positions."""
        name = f"{tower}_position_embedding"
        return PositionalEmbedding(length, "learned", **self.called(name))(x)

    def projected(self, x: Any, tower: str) -> Any:
        """Projects to the common space."""
        return keras.layers.Dense(
            self.own["embed_dim"],
            use_bias=False,
            kernel_initializer=_start(),
            **self.called(f"{tower}_projection"),
        )(x)

    def blocks(self, x: Any, tower: str) -> Any:
        """Applies a tower's blocks."""
        own = self.own
        width = own[f"{tower}_width"]
        for i in range(own[f"{tower}_layers"]):
            name = f"{tower}_blocks_{i}"
            attention = MultiHeadAttention(
                own[f"{tower}_heads"],
                kernel_initializer=_start(),
                **self.called(f"{name}_attention"),
            )
            y = self.norm(x, f"{name}_norm1")
            y = attention(y, use_causal_mask=tower == "text")
            x = keras.layers.Add(**self.called(f"{name}_attention_add"))([x, y])
            mlp = MLP(
                4 * width,
                activation=ACTIVATIONS[own["hidden_act"]],
                kernel_initializer=_start(),
                **self.called(f"{name}_mlp"),
            )
            y = mlp(self.norm(x, f"{name}_norm2"))
            x = keras.layers.Add(**self.called(f"{name}_mlp_add"))([x, y])
        return x

    def norm(self, x: Any, name: str) -> Any:
        """Applies a norm."""
        options = {"epsilon": self.own["epsilon"], **self.called(name)}
        return keras.layers.LayerNormalization(**options)(x)


def _start() -> Any:
    return keras.initializers.TruncatedNormal(stddev=0.02)
