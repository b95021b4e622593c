"""Depth from one picture: DINOv2 read at four depths by a dense prediction head.

Longer than most files: the arguments and what the public checkpoints ask of them.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dl_techniques.layers.dpt import DPTHead
from dl_techniques.models.classifier_options import IMAGENET
from dl_techniques.models.depth_anything_sizes import ENCODERS, filled, variants
from dl_techniques.models.depth_images import prepared, resized
from dl_techniques.models.dinov2 import DINOv2Backbone
from dl_techniques.models.pretrained_model import PretrainedModel
from dl_techniques.models.public_weights import fetch, load_weights
from dl_techniques.models.variants import Shape
from dl_techniques.utils.validation import check, check_choice

Image = NDArray[Any]


@keras.saving.register_keras_serializable(package="dl_techniques")
class DepthAnything(PretrainedModel, keras.Model):
    """Tells how far away everything in a picture is.

        image -> DINOv2 -> four maps of tokens -> `DPTHead` -> depth

    The result of "relative" models is larger where things are nearer, on a scale of
    each picture's own; "metric" ones give distances up to `max_depth`. V1 and V2 differ
    in which blocks are read, so that weights of one fit the other and mean nothing.

    Inputs are normalised already unless `include_preprocessing` says otherwise: it
    scales [0, 255] and is on by itself for 3 channels with `weights`.

    Args:
        encoder: "small", "base", "large", or `hidden_size`, `depth`, `num_heads`,
            `mlp_ratio` (4) and `patch_size` (14) as a mapping.
        version: "v1" reads the last four blocks, "v2" four spread over all.
        image_size: Side of the images whose grid of positions is learned; smaller and
            larger ones resize it.
        taps: The four blocks read, counted from 1; None as `version` says.
        neck_filters: Channels of the four maps; None as the encoder's width says.
        fusion_filters: Channels of the fused maps; None as well.
        head_filters: Channels before the last convolution.
        depth_type: "relative" or "metric".
        max_depth: Largest metric depth; scales relative ones too.
        weights: None, a tag, a hub id or a path.
        input_shape: (height, width, channels); known sides are multiples of the patch.
        include_preprocessing: True, False or "auto".
        name: Name of the model.
        dtype: Dtype policy of the layers.

    Shapes:
        `(batch, height, width, channels)` -> `(batch, height, width)`, float32.

    Weights:
        `backbone/*` as of `DINOv2Backbone`, `dpt/*` as of `DPTHead`.

    Raises:
        ValueError: If an argument is out of range or the sides are not multiples.

    Source: Yang et al. (2024), arXiv:2401.10891 (V1) and arXiv:2406.09414 (V2).
    """

    title = "depth_anything"
    variants = MappingProxyType(variants())

    def __init__(
        self,
        encoder: str | Mapping[str, Any] = "small",
        version: str = "v2",
        image_size: int = 518,
        taps: Sequence[int] | None = None,
        neck_filters: Sequence[int] | None = None,
        fusion_filters: int | None = None,
        head_filters: int = 32,
        depth_type: str = "relative",
        max_depth: float = 1.0,
        weights: str | None = None,
        input_shape: Shape = (None, None, 3),
        include_preprocessing: Any = "auto",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        check_choice("version", version, ("v1", "v2"))
        check_choice("include_preprocessing", include_preprocessing, _PREPARE)
        layout = keras.config.image_data_format()
        check(layout == "channels_last", "image_data_format", "channels_last", layout)
        own = {
            "encoder": encoder if isinstance(encoder, str) else dict(encoder),
            "version": version,
            "image_size": image_size,
            "taps": None if taps is None else list(taps),
            "neck_filters": None if neck_filters is None else list(neck_filters),
            "fusion_filters": fusion_filters,
            "head_filters": head_filters,
            "depth_type": depth_type,
            "max_depth": max_depth,
        }
        sizes = filled(own)
        variant = self.variant_of(own)
        fetch(weights, type(self).__name__, variant)
        shape = tuple(input_shape)
        policy = keras.dtype_policies.get(dtype)
        scales = include_preprocessing
        if scales == "auto":
            scales = weights is not None and shape[-1] == 3
        backbone = DINOv2Backbone(
            **sizes["encoder"],
            image_size=image_size,
            taps=sizes["taps"],
            input_shape=shape,
            name="backbone",
            dtype=policy,
        )
        head = DPTHead(
            sizes["neck_filters"],
            sizes["fusion_filters"],
            head_filters,
            sizes["encoder"]["patch_size"],
            depth_type,  # type: ignore[arg-type]  # checked by the head
            max_depth,
            dtype=policy,
            name="dpt",
        )
        image = keras.Input(shape, name="image")
        maps = backbone(_scaled(image, shape, policy) if scales else image)
        super().__init__(image, head(maps), name=name or self.title)
        self.dtype_policy = policy
        self._arguments = MappingProxyType(
            {
                **own,
                "weights": None,
                "input_shape": list(shape),
                "include_preprocessing": bool(scales),
                "dtype": policy.name,
                "name": self.name,
            }
        )
        self._levels = MappingProxyType(
            {f"L{t}": m for t, m in zip(sizes["taps"], maps, strict=True)}
        )
        self.taps = tuple(sizes["taps"])
        self.patch_size = sizes["encoder"]["patch_size"]
        self.variant = variant
        load_weights(self, weights)

    @classmethod
    def misfit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> str | None:
        given = arguments.get("encoder", "small")
        given = ENCODERS.get(given, {}) if isinstance(given, str) else given
        patch = given.get("patch_size", 14)
        if any(side % patch for side in input_shape[:2] if side):
            return f"both sides must be multiples of the patch size {patch}"
        return None

    @property
    def pyramid_outputs(self) -> dict[str, Any]:
        """The token map `(batch, h, w, D)` of each tap: "L3" is that of block 3."""
        return dict(self._levels)

    def feature_extractor(self, levels: Any = None) -> keras.Model:
        """Returns a model of the same weights that gives the maps of these taps.

        Args:
            levels: Names in `pyramid_outputs`; None is all of them.

        Raises:
            ValueError: If a level is not in `pyramid_outputs`.
        """
        names = list(self._levels) if levels is None else list(levels)
        known = bool(names) and all(n in self._levels for n in names)
        check(known, "levels", f"some of {list(self._levels)}", levels)
        outputs = {n: self._levels[n] for n in names}
        return keras.Model(self.input, outputs, name=f"{self.name}_features")

    def fused_maps(self, images: Any) -> list[Any]:
        """Returns the maps after each stage of fusion, coarsest first."""
        maps = self.feature_extractor()(images)
        head: Any = self.get_layer("dpt")
        return list(head.fuse([maps[f"L{t}"] for t in self.taps]))

    def preprocess(self, image: Image, size: int | None = None) -> NDArray[np.float32]:
        """Returns a picture as the network takes it, `(1, height, width, 3)`.

        The shorter side becomes `size` or a little more, both become multiples of the
        patch, bicubic; then [0, 255] is scaled by ImageNet's mean and deviation, unless
        the model does that itself.

        Args:
            image: `(height, width, 3)`, in [0, 255].
            size: Of the shorter side; None is the model's own.
        """
        scale = not self._arguments["include_preprocessing"]
        fixed = self.input_shape[1:3]
        size = size or self._arguments["image_size"]
        return prepared(image, size, self.patch_size, fixed, scale=scale)

    def predict_depth(self, image: Image) -> NDArray[np.float32]:
        """Returns the depth of every pixel of a picture, `(height, width)`.

        Args:
            image: `(height, width, 3)`, in [0, 255].
        """
        depth = ops.convert_to_numpy(self(self.preprocess(image), training=False))[0]
        return resized(depth, *np.shape(image)[:2])


_PREPARE = (True, False, "auto")


def _scaled(x: Any, shape: Shape, policy: Any) -> Any:
    rule = "of 3 channels with `include_preprocessing`"
    check(shape[-1] == 3, "input_shape", rule, shape)
    return keras.layers.Normalization(
        mean=[255 * m for m in IMAGENET["mean"]],
        variance=[(255 * s) ** 2 for s in IMAGENET["std"]],
        dtype=policy,
        name="preprocessing",
    )(x)
