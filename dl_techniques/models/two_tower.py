"""What models of an image tower and a text tower share."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.losses import CLIPContrastiveLoss
from dl_techniques.models.clip_layers import PairLogits, UnitLength
from dl_techniques.models.variants import Variants

_UNDECAYED = ("embedding", "token", "bias", "scale", "gamma", "beta")


class TwoTower(Variants, keras.Model):
    """Trains images and texts to meet in one space.

    A family calls `assemble` in its `__init__`. Without a loss in `compile` the model
    trains by the contrastive loss of CLIP; with one, that gets `logits_per_image`, as
    metrics do. Their targets are the number of each pair in its batch, whatever `y` is.
    Training reports `logit_scale`, the mean factor of the cosines.

    Attributes:
        answer: The output that is the answer.
    """

    answer = "logits_per_image"

    def assemble(
        self,
        arguments: Mapping[str, Any],
        image: tuple[Any, Any],
        text: tuple[Any, Any],
        name: str | None,
    ) -> None:
        """Joins two towers, each an input and its projected features.

        Args:
            arguments: The constructor's arguments, ready for JSON.
            image: Input and `(batch, embed_dim)`.
            text: Input and `(batch, embed_dim)`.
            name: The model's name.
        """
        policy = keras.dtype_policies.get(arguments["dtype"])
        exact = keras.backend.result_type(policy.compute_dtype, "float32")
        u = UnitLength(dtype=exact, name="image_features")(image[1])
        v = UnitLength(dtype=exact, name="text_features")(text[1])
        logits = PairLogits(
            arguments["logit_scale_init"],
            arguments["max_logit_scale"],
            dtype=exact,
            name="logits",
        )(u, v)
        super().__init__(
            inputs={"image": image[0], "text": text[0]},
            outputs={"image_features": u, "text_features": v, **logits},
            name=name or self.title,
        )
        self.dtype_policy = policy
        self._arguments = MappingProxyType({**arguments, "name": self.name})
        # a proxy hides the towers from Keras, which would count their layers twice
        self._towers = MappingProxyType(
            {
                "image": keras.Model(image[0], u, name=f"{self.name}_image"),
                "text": keras.Model(text[0], v, name=f"{self.name}_text"),
            }
        )
        self.contrastive = CLIPContrastiveLoss()
        self.scale_tracker = keras.metrics.Mean("logit_scale")

    @property
    def image_tower(self) -> Any:
        """The model of images alone, of the same weights."""
        return self._towers["image"]

    @property
    def text_tower(self) -> Any:
        """The model of texts alone, of the same weights."""
        return self._towers["text"]

    def encode_image(self, images: Any, training: bool = False) -> Any:
        """Returns features of length 1 of images, `(n, embed_dim)`."""
        return self.image_tower(images, training=training)

    def encode_text(self, ids: Any, training: bool = False) -> Any:
        """Returns features of length 1 of texts, `(n, embed_dim)`.

        Args:
            ids: `(n, time)`; shorter than `context_length` is padded.
            training: Whether branches and features are dropped.
        """
        ids = ops.cast(ops.convert_to_tensor(ids), "int32")
        short = self._arguments["context_length"] - ids.shape[-1]
        if short > 0:
            pad = self._arguments.get("pad_token_id", 0)
            ids = ops.pad(ids, ((0, 0), (0, short)), constant_values=pad)
        return self.text_tower(ids, training=training)

    def zero_shot(self, images: Any, prompt_ids: Any) -> NDArray[np.float32]:
        """Returns the probability of each prompt for each image, `(images, prompts)`.

        Args:
            images: `(images, height, width, channels)`.
            prompt_ids: `(prompts, time)`.
        """
        u, v = self.encode_image(images), self.encode_text(prompt_ids)
        logits = self.get_layer("logits")(u, v)["logits_per_image"]
        return np.asarray(ops.convert_to_numpy(ops.softmax(logits, axis=-1)))

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Returns all outputs as NumPy; logits compare all samples, not only a batch.

        Args:
            x: {"image", "text"}; anything else is left to Keras.
            args: As of `keras.Model.predict`.
            kwargs: As of `keras.Model.predict`.
        """
        if not (isinstance(x, dict) and set(x) == {"image", "text"}):
            return super().predict(x, *args, **kwargs)
        u, v = (self._towers[k].predict(x[k], *args, **kwargs) for k in x)
        u, v = (u, v) if next(iter(x)) == "image" else (v, u)
        told = self.get_layer("logits")(u, v)
        told = {k: ops.convert_to_numpy(part) for k, part in told.items()}
        return {"image_features": u, "text_features": v, **told}

    def no_weight_decay(self) -> list[Any]:
        """Returns the variables that weight decay should leave alone.

        The logit scale, what norms and biases learn, class token, embeddings and
        positions; `optimizer.exclude_from_weight_decay(var_list=...)` takes them.
        """
        names = {v.path: v.path.replace("/", "_").split("_") for v in self.weights}
        return [
            v for v in self.trainable_weights if set(names[v.path]) & set(_UNDECAYED)
        ]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        logits = y_pred["logits_per_image"]
        self.scale_tracker.update_state(y_pred["logit_scale"])
        if self._compile_loss is not None:
            own = ops.arange(ops.shape(logits)[0])
            return super().compute_loss(x, own, logits, sample_weight, training)
        return sum(self.losses, self.contrastive(None, logits, sample_weight))

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        logits = y_pred["logits_per_image"]
        own = ops.arange(ops.shape(logits)[0])
        return super().compute_metrics(x, own, logits, sample_weight)
