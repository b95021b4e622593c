"""What the towers of both kinds of CLIP begin and end with."""

from collections.abc import Mapping
from typing import Any

import keras

from dl_techniques.layers import ClassToken, PatchEmbedding2D


class TowerGraph:
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

    def patches(self) -> tuple[Any, Any]:
        """Returns the input of images and their patches behind a class token."""
        own = self.own
        size = own["image_size"]
        inputs = keras.Input((size, size, own["channels"]), name="image")
        x = PatchEmbedding2D(
            own["patch_size"],
            own["vision_width"],
            use_bias=False,
            kernel_initializer=start(),
            **self.called("vision_patch_embed"),
        )(inputs)
        return inputs, ClassToken(start(), **self.called("vision_class_token"))(x)

    def tokens(self) -> tuple[Any, Any]:
        """Returns the input of token ids and their vectors."""
        own = self.own
        inputs = keras.Input((own["context_length"],), dtype="int32", name="text")
        x = keras.layers.Embedding(
            own["vocab_size"],
            own["text_width"],
            embeddings_initializer=start(),
            **self.called("text_token_embedding"),
        )(inputs)
        return inputs, x

    def projected(self, x: Any, tower: str) -> Any:
        """Projects to the common space."""
        return keras.layers.Dense(
            self.own["embed_dim"],
            use_bias=False,
            kernel_initializer=start(),
            **self.called(f"{tower}_projection"),
        )(x)


def start() -> Any:
    """Returns a fresh initializer: equally shaped layers must not start alike."""
    return keras.initializers.TruncatedNormal(stddev=0.02)
