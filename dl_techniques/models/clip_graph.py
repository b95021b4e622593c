"""The towers of the modern CLIP."""

from typing import Any

import keras

from dl_techniques.layers import (
    GroupQueryAttention,
    RMSNorm,
    StochasticDepth,
    SwiGLUFFN,
    stochastic_depth_rates,
)
from dl_techniques.models.clip_layers import GridQueryAttention, TokenAt
from dl_techniques.models.clip_towers import TowerGraph, start


class ClipGraph(TowerGraph):
    """Applies the layers; see `TowerGraph`."""

    def image(self) -> tuple[Any, Any]:
        """Returns the input of images and their projected features."""
        inputs, x = self.patches()
        x = self.blocks(x, "vision")
        x = TokenAt("first", **self.called("vision_pool"))(x)
        return inputs, self.projected(x, "vision")

    def text(self) -> tuple[Any, Any]:
        """Returns the input of token ids and their projected features."""
        own = self.own
        inputs, x = self.tokens()
        x = self.blocks(x, "text")
        last = TokenAt("last", own["pad_token_id"], **self.called("text_pool"))
        return inputs, self.projected(last(x, inputs), "text")

    def blocks(self, x: Any, tower: str) -> Any:
        """Applies a tower's blocks and its last norm."""
        own = self.own
        rates = stochastic_depth_rates(own[f"{tower}_layers"], own["drop_path_rate"])
        for i, rate in enumerate(rates):
            name = f"{tower}_blocks_{i}"
            y = self.norm(x, f"{name}_norm1")
            y = self.attention(tower, name)(y, use_causal_mask=tower == "text")
            if own["dropout"]:
                y = keras.layers.Dropout(
                    own["dropout"], **self.called(f"{name}_attention_dropout")
                )(y)
            x = self.added(x, y, f"{name}_attention", rate)
            ffn = SwiGLUFFN(
                expansion_factor=own["ffn_expansion_factor"],
                multiple_of=own["ffn_multiple_of"],
                dropout=own["dropout"],
                kernel_initializer=start(),
                **self.called(f"{name}_ffn"),
            )
            x = self.added(x, ffn(self.norm(x, f"{name}_norm2")), f"{name}_ffn", rate)
        return self.norm(x, f"{tower}_norm")

    def attention(self, tower: str, name: str) -> Any:
        """Returns the attention of a block."""
        own = self.own
        heads = own[f"{tower}_heads"]
        options = {
            "head_dim": own[f"{tower}_width"] // heads,
            "num_query_heads": heads,
            "num_key_value_heads": own[f"{tower}_kv_heads"],
            "rope_fraction": own["rope_fraction"],
            "dropout": own["attention_dropout"],
            "kernel_initializer": start(),
            **self.called(f"{name}_attention"),
        }
        if tower == "vision" and own["vision_rope"] == "2d":
            side = own["image_size"] // own["patch_size"]
            return GridQueryAttention(grid=(side, side), **options)
        return GroupQueryAttention(**options)

    def norm(self, x: Any, name: str) -> Any:
        """Applies a norm."""
        return RMSNorm(epsilon=self.own["epsilon"], **self.called(name))(x)

    def added(self, x: Any, y: Any, name: str, rate: float) -> Any:
        """Adds a branch, dropped for some samples where there is a rate."""
        if rate:
            y = StochasticDepth(rate, **self.called(f"{name}_drop_path"))(y)
        return keras.layers.Add(**self.called(f"{name}_add"))([x, y])
