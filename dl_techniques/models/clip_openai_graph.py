"""The towers of OpenAI's CLIP."""

from typing import Any

import keras

from dl_techniques.layers import (
    MLP,
    MultiHeadAttention,
    PositionalEmbedding,
)
from dl_techniques.models.clip_layers import TokenAt, quick_gelu
from dl_techniques.models.clip_towers import TowerGraph, start

ENDS = {"argmax": "largest", "first_eos": "first_end"}
ACTIVATIONS = {"quick_gelu": quick_gelu, "gelu": "gelu"}


class OpenAIGraph(TowerGraph):
    """Applies the layers; see `TowerGraph`."""

    def image(self) -> tuple[Any, Any]:
        """Returns the input of images and their projected features."""
        inputs, x = self.patches()
        side = self.own["image_size"] // self.own["patch_size"]
        x = self.placed(x, "vision", 1 + side**2)
        x = self.blocks(self.norm(x, "vision_pre_norm"), "vision")
        x = TokenAt("first", **self.called("vision_pool"))(x)
        return inputs, self.projected(self.norm(x, "vision_post_norm"), "vision")

    def text(self) -> tuple[Any, Any]:
        """Returns the input of token ids and their projected features."""
        own = self.own
        inputs, x = self.tokens()
        x = self.blocks(self.placed(x, "text", own["context_length"]), "text")
        x = self.norm(x, "text_final_norm")
        rule = ENDS[own["eot"]]
        end = TokenAt(rule, own["eos_token_id"], **self.called("text_pool"))
        return inputs, self.projected(end(x, inputs), "text")

    def placed(self, x: Any, tower: str, length: int) -> Any:
        """Adds the learned positions."""
        name = f"{tower}_position_embedding"
        return PositionalEmbedding(length, "learned", **self.called(name))(x)

    def blocks(self, x: Any, tower: str) -> Any:
        """Applies a tower's blocks."""
        own = self.own
        width = own[f"{tower}_width"]
        for i in range(own[f"{tower}_layers"]):
            name = f"{tower}_blocks_{i}"
            attention = MultiHeadAttention(
                own[f"{tower}_heads"],
                kernel_initializer=start(),
                **self.called(f"{name}_attention"),
            )
            y = self.norm(x, f"{name}_norm1")
            y = attention(y, use_causal_mask=tower == "text")
            x = keras.layers.Add(**self.called(f"{name}_attention_add"))([x, y])
            mlp = MLP(
                4 * width,
                activation=ACTIVATIONS[own["hidden_act"]],
                kernel_initializer=start(),
                **self.called(f"{name}_mlp"),
            )
            y = mlp(self.norm(x, f"{name}_norm2"))
            x = keras.layers.Add(**self.called(f"{name}_mlp_add"))([x, y])
        return x

    def norm(self, x: Any, name: str) -> Any:
        """Applies a norm."""
        options = {"epsilon": self.own["epsilon"], **self.called(name)}
        return keras.layers.LayerNormalization(**options)(x)
