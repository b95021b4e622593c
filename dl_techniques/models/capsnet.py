"""Capsule network: classes as vectors that can draw what they saw.

Longer than most files: eighteen arguments and the loss the model trains by.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.losses import CapsuleMarginLoss
from dl_techniques.losses.targets import aligned
from dl_techniques.models.capsnet_graph import (
    capsnet_outputs,
    check_size,
    masked_capsules,
    one_hot,
)
from dl_techniques.models.variants import Shape, Variants
from dl_techniques.utils.validation import check, check_int, check_number


@keras.saving.register_keras_serializable(package="dl_techniques")
class CapsNet(Variants, keras.Model):
    """Classifies images by the length of class capsules and draws them again.

        conv -> primary capsules -> class capsules by routing -> their lengths
        decoder(capsules, all but one set to 0) -> image

    The loss is the margin loss of the lengths plus `reconstruction_weight` times the
    squared error of the drawn image, summed over its pixels; the decoder sees the
    capsule of the true label. Without a label it sees the longest one.

    Args:
        num_classes: Number of classes K.
        input_shape: (height, width, channels), pixels in [0, 1].
        conv_filters: Filters of the first convolution.
        conv_kernel: Its size.
        primary_capsules: Primary capsules at every place.
        primary_dim: Their width.
        primary_kernel: Size of the convolution that makes them.
        primary_strides: Its step.
        digit_dim: Width D of the class capsules.
        routing_iterations: Rounds of routing.
        decoder_units: Widths of the decoder's hidden layers.
        reconstruction: Whether there is a decoder.
        reconstruction_weight: Weight of the drawing in the loss.
        kernel_initializer: Start of every kernel.
        name: Name of the model.
        dtype: Dtype policy of the layers.
        lengths_only: Whether the output is the lengths alone; needs no decoder.

    Shapes:
        `(batch, height, width, channels)`, or {"image", "label"} with labels `(batch,)`
        or one-hot -> {"length" `(batch, K)`, "capsules" `(batch, K, D)`,
        "reconstruction" as the image}. Lengths and drawings are float32.

    Weights:
        `conv`, `primary_capsules/conv`, `class_capsules/kernel`, `decoder/*`.

    Raises:
        ValueError: If an argument is out of range or the image too small.

    Source: Sabour, Frosst, Hinton (2017), arXiv:1710.09829, figures 1-2, section 4.
    """

    title = "capsnet"
    answer = "length"
    variants = MappingProxyType(
        {
            "paper": MappingProxyType({"input_shape": (28, 28, 1)}),
            "lab8": MappingProxyType(
                {
                    "input_shape": (8, 8, 1),
                    "conv_filters": 32,
                    "conv_kernel": 3,
                    "primary_capsules": 8,
                    "primary_dim": 4,
                    "primary_kernel": 3,
                    "primary_strides": 1,
                    "digit_dim": 8,
                    "decoder_units": (64,),
                }
            ),
            "lab28": MappingProxyType(
                {
                    "input_shape": (28, 28, 1),
                    "conv_filters": 64,
                    "primary_capsules": 8,
                    "decoder_units": (128, 256),
                }
            ),
        }
    )

    def __init__(
        self,
        num_classes: int = 10,
        input_shape: Sequence[int] = (28, 28, 1),
        conv_filters: int = 256,
        conv_kernel: int = 9,
        primary_capsules: int = 32,
        primary_dim: int = 8,
        primary_kernel: int = 9,
        primary_strides: int = 2,
        digit_dim: int = 16,
        routing_iterations: int = 3,
        decoder_units: Sequence[int] = (512, 1024),
        reconstruction: bool = True,
        reconstruction_weight: float = 5e-4,
        kernel_initializer: Any = "glorot_uniform",
        name: str | None = None,
        dtype: Any = None,
        *,
        lengths_only: bool = False,
    ) -> None:
        given: dict[str, Any] = {
            "num_classes": num_classes,
            "conv_filters": conv_filters,
            "conv_kernel": conv_kernel,
            "primary_capsules": primary_capsules,
            "primary_dim": primary_dim,
            "primary_kernel": primary_kernel,
            "primary_strides": primary_strides,
            "digit_dim": digit_dim,
            "routing_iterations": routing_iterations,
        }
        for argument, value in given.items():
            check_int(argument, value)
        for units in decoder_units:
            check_int("decoder_units", units)
        check_number("reconstruction_weight", reconstruction_weight, 0)
        rule = "False with `reconstruction`"
        check(not (lengths_only and reconstruction), "lengths_only", rule, lengths_only)
        shape = tuple(input_shape)
        check_size(shape, conv_kernel + primary_kernel - 1)
        initializer = keras.initializers.get(kernel_initializer)
        policy = keras.dtype_policies.get(dtype)
        given |= {
            "input_shape": list(shape),
            "decoder_units": list(decoder_units),
            "reconstruction": reconstruction,
            "reconstruction_weight": reconstruction_weight,
            "kernel_initializer": keras.initializers.serialize(initializer),
            "dtype": policy.name,
            "lengths_only": lengths_only,
        }
        image = keras.Input(shape, name="image")
        outputs = capsnet_outputs(image, given, initializer, policy)
        super().__init__(
            inputs=image,
            outputs=outputs["length"] if lengths_only else outputs,
            name=name or self.title,
        )
        self.dtype_policy = policy
        self._arguments = MappingProxyType({**given, "name": self.name})
        self.margin = CapsuleMarginLoss(reduction=None)
        self.margin_tracker = keras.metrics.Mean("margin_loss")
        self.accuracy_tracker = keras.metrics.Mean("accuracy")
        if reconstruction:
            self.reconstruction_tracker = keras.metrics.Mean("reconstruction_loss")

    @classmethod
    def classifier(
        cls, variant: str = "auto", *, reconstruction: bool = False, **overrides: Any
    ) -> Any:
        """Returns a variant whose output is the lengths alone.

        With `reconstruction` it has a decoder and all outputs.
        """
        given = {"reconstruction": reconstruction, "lengths_only": not reconstruction}
        return cls.from_variant(variant, **{**given, **overrides})

    @classmethod
    def misfit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> str | None:
        kernels = (arguments.get(n, 9) for n in ("conv_kernel", "primary_kernel"))
        smallest = sum(kernels) - 1
        fits = min(n or 0 for n in input_shape[:2]) >= smallest
        return None if fits else f"smaller than {smallest} x {smallest}"

    @property
    def decoder(self) -> Any:
        """The model that draws an image from flat, masked capsules."""
        return self.get_layer("decoder")

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        image = _parts(inputs)["image"]
        outputs = super().call(image, training=training, mask=mask)
        if "label" in _parts(inputs) and self._arguments["reconstruction"]:
            drawn = self.reconstruct(outputs["capsules"], inputs["label"])
            return {**outputs, "reconstruction": drawn}
        return outputs

    def compute_output_spec(
        self, inputs: Any, training: Any = None, mask: Any = None
    ) -> Any:
        return super().compute_output_spec(_parts(inputs)["image"])

    def reconstruct(self, capsules: Any, label: Any) -> Any:
        """Draws `(batch, height, width, channels)` from the capsules of these labels.

        Args:
            capsules: `(batch, K, D)`.
            label: Class numbers `(batch,)` or one-hot rows `(batch, K)`.
        """
        chosen = one_hot(label, self._arguments["num_classes"])
        return self.decoder(masked_capsules(ops.convert_to_tensor(capsules), chosen))

    def predict_classes(self, images: Any, **predict: Any) -> NDArray[np.int64]:
        """Returns the class with the longest capsule, `(n,)`."""
        outputs = self.predict(images, verbose=0, **predict)
        return np.asarray(self._lengths(outputs).argmax(-1))

    def perturb(
        self, image: Any, dim: int, values: Sequence[float]
    ) -> NDArray[np.float32]:
        """Draws one image while one component of its longest capsule moves.

        Args:
            image: `(height, width, channels)`.
            dim: The component, from 0 to D - 1.
            values: What is added to it, for example -0.25 to 0.25.

        Returns:
            `(len(values), height, width, channels)`.
        """
        check_int("dim", dim, 0, high=self._arguments["digit_dim"] - 1)
        outputs = self(np.asarray(image, "float32")[None], training=False)
        capsules = ops.convert_to_numpy(ops.cast(outputs["capsules"], "float32"))
        longest = int(ops.convert_to_numpy(outputs["length"])[0].argmax())
        moved = np.repeat(capsules, len(values), axis=0)
        moved[:, longest, dim] += np.asarray(values, "float32")
        drawn = self.reconstruct(moved, np.full(len(values), longest))
        return np.asarray(ops.convert_to_numpy(drawn))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        if self._compile_loss is not None:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        label = _parts(x).get("label", y)
        hot, lengths = aligned(label, self._lengths(y_pred))
        losses = self.margin(hot, lengths)
        self.margin_tracker.update_state(losses, sample_weight)
        right = ops.equal(ops.argmax(hot, axis=-1), ops.argmax(lengths, axis=-1))
        self.accuracy_tracker.update_state(right, sample_weight)
        if self._arguments["reconstruction"]:
            error = self._drawing_error(_parts(x), label, y_pred)
            self.reconstruction_tracker.update_state(error, sample_weight)
            losses = losses + self._arguments["reconstruction_weight"] * error
        if sample_weight is not None:
            losses = losses * ops.cast(ops.reshape(sample_weight, (-1,)), losses.dtype)
        return sum(self.losses, ops.mean(losses))

    def _drawing_error(self, x: Mapping[str, Any], label: Any, y_pred: Any) -> Any:
        drawn = y_pred["reconstruction"]
        if "label" not in x:
            drawn = self.reconstruct(y_pred["capsules"], label)
        error = ops.cast(x["image"], drawn.dtype) - drawn
        return ops.sum(ops.square(error), axis=tuple(range(1, len(error.shape))))

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        label = _parts(x).get("label") if y is None else y
        return super().compute_metrics(x, label, self._lengths(y_pred), sample_weight)

    def _lengths(self, outputs: Any) -> Any:
        return outputs["length"] if isinstance(outputs, dict) else outputs


def _parts(inputs: Any) -> Mapping[str, Any]:
    return inputs if isinstance(inputs, dict) else {"image": inputs}
