"""From token maps of four depths of a transformer to a map of numbers.

Longer than most files: the sizes of its sublayers depend on each other.
"""

from collections.abc import Sequence
from typing import Any, Literal

import keras
from keras import ops

from dl_techniques.layers.dpt.convolution import convolution, start
from dl_techniques.layers.dpt.feature_fusion import FeatureFusion
from dl_techniques.layers.explain import Explained
from dl_techniques.utils.resize_map import resize_map
from dl_techniques.utils.validation import check, check_choice, check_int, check_number

Shape = tuple[int | None, ...]
STAGES = 4


@keras.saving.register_keras_serializable(package="dl_techniques")
class DPTHead(Explained, keras.layers.Layer):
    """Reads a dense map, for example of depth, off four maps of tokens.

        reassemble: 1x1 conv, then x4, x2, x1, x1/2 of the grid, then 3x3 conv
        fuse from the coarsest: see `FeatureFusion`
        head: conv 3x3 -> resize to the image -> conv 3x3 -> ReLU -> conv 1x1 -> ReLU
        ("relative") or max_depth * sigmoid ("metric")

    Args:
        neck_filters: Channels of the four reassembled maps.
        fusion_filters: Channels of every fused map, at least 2.
        head_filters: Channels before the last convolution.
        patch_size: Side of a patch; the result is this many times the grid.
        depth_type: "relative" gives numbers of at least 0, "metric" below `max_depth`.
        max_depth: Scale of the result.

    Shapes:
        Four `(batch, h, w, D)` -> `(batch, patch_size h, patch_size w)`, float32.

    Weights:
        `project_{i}`, `upsample_0`, `upsample_1`, `downsample`, `conv_{i}` (no bias),
        `fusion_{k}` from the coarsest, `head_conv_1`, `head_conv_2`, `head_conv_3`.

    Raises:
        ValueError: If an argument is out of range; at build, if there are not four
            maps.

    Source: Ranftl et al. (2021), arXiv:2103.13413, sections 3-4; without the unit of
    the first fusion that no input reaches.
    """

    def __init__(
        self,
        neck_filters: Sequence[int] = (48, 96, 192, 384),
        fusion_filters: int = 64,
        head_filters: int = 32,
        patch_size: int = 14,
        depth_type: Literal["relative", "metric"] = "relative",
        max_depth: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        many = isinstance(neck_filters, list | tuple) and len(neck_filters) == STAGES
        check(many, "neck_filters", "four numbers of channels", neck_filters)
        for filters in neck_filters:
            check_int("neck_filters", filters)
        check_int("fusion_filters", fusion_filters, 2)
        check_int("head_filters", head_filters)
        check_int("patch_size", patch_size)
        check_choice("depth_type", depth_type, ("relative", "metric"))
        check_number("max_depth", max_depth, 0, low_open=True)
        self.neck_filters = tuple(neck_filters)
        self.fusion_filters = fusion_filters
        self.head_filters = head_filters
        self.patch_size = patch_size
        self.depth_type = depth_type
        self.max_depth = max_depth
        self._make()

    def _make(self) -> None:
        policy, necks = self.dtype_policy, self.neck_filters
        fused = self.fusion_filters
        self.projects = [
            convolution(n, 1, f"project_{i}", policy) for i, n in enumerate(necks)
        ]
        self.resizes = [
            keras.layers.Conv2DTranspose(
                n,
                step,
                strides=step,
                kernel_initializer=start(),
                dtype=policy,
                name=f"upsample_{i}",
            )
            for i, (n, step) in enumerate(zip(necks[:2], (4, 2), strict=True))
        ]
        # torch pads both sides; "same" would pad an even size on one side only
        self.pad = keras.layers.ZeroPadding2D(1, dtype=policy, name="pad")
        self.downsample = keras.layers.Conv2D(
            necks[3],
            3,
            strides=2,
            kernel_initializer=start(),
            dtype=policy,
            name="downsample",
        )
        self.convs = [
            convolution(fused, 3, f"conv_{i}", policy, use_bias=False)
            for i in range(STAGES)
        ]
        self.fusions = [
            FeatureFusion(fused, k > 0, dtype=policy, name=f"fusion_{k}")
            for k in range(STAGES)
        ]
        exact = keras.backend.result_type(policy.compute_dtype, "float32")
        self.heads = [
            convolution(fused // 2, 3, "head_conv_1", policy),
            convolution(self.head_filters, 3, "head_conv_2", policy),
            # a start above 0, since a ReLU that begins closed everywhere stays so
            convolution(1, 1, "head_conv_3", exact, bias_initializer="ones"),
        ]

    def build(self, input_shape: Any) -> None:
        shapes = [tuple(s) for s in input_shape if isinstance(s, list | tuple)]
        check(len(shapes) == STAGES, "input_shape", "four shapes", input_shape)
        inner = [(*shapes[0][:3], n) for n in self.neck_filters]
        for shape, project in zip(shapes, self.projects, strict=True):
            project.build(shape)
        sizers = (*self.resizes, self.downsample)
        for sizer, shape in zip(sizers, (inner[0], inner[1], inner[3]), strict=True):
            sizer.build((shape[0], None, None, shape[-1]))
        for conv, n in zip(self.convs, self.neck_filters, strict=True):
            conv.build((shapes[0][0], None, None, n))
        wide = (shapes[0][0], None, None, self.fusion_filters)
        for fusion in self.fusions:
            fusion.build(wide)
        channels = (self.fusion_filters, self.fusion_filters // 2, self.head_filters)
        for conv, n in zip(self.heads, channels, strict=True):
            conv.build((*wide[:3], n))

    def reassemble(self, maps: Sequence[Any]) -> list[Any]:
        """Returns the four maps of `fusion_filters` channels, finest first."""
        x = [p(m) for p, m in zip(self.projects, maps, strict=True)]
        x[:2] = [resize(part) for resize, part in zip(self.resizes, x[:2], strict=True)]
        x[3] = self.downsample(self.pad(x[3]))
        return [conv(part) for conv, part in zip(self.convs, x, strict=True)]

    def fuse(self, maps: Sequence[Any]) -> list[Any]:
        """Returns the fused maps of each stage, coarsest first."""
        skips = self.reassemble(maps)[::-1]
        done: list[Any] = []
        for k, fusion in enumerate(self.fusions):
            finer = skips[k + 1] if k + 1 < STAGES else None
            height, width = ops.shape(skips[k] if finer is None else finer)[1:3]
            size = (2 * height, 2 * width) if finer is None else (height, width)
            given = (done[-1], skips[k]) if k else (skips[0],)
            done.append(fusion(*given, size=size))
        return done

    def call(self, inputs: Sequence[Any]) -> Any:
        x = self.heads[0](self.fuse(inputs)[-1])
        height, width = (self.patch_size * n for n in ops.shape(inputs[0])[1:3])
        x = resize_map(x, height, width, align_corners=True)
        x = self.heads[2](ops.relu(self.heads[1](x)))[..., 0]
        bounded = ops.relu(x) if self.depth_type == "relative" else ops.sigmoid(x)
        return self.max_depth * bounded

    def multiply_adds(self, shape: Shape) -> int:
        """Returns the products of one sample, from the shape of a map of tokens."""
        h, w, width = (n or 1 for n in shape[1:])
        necks, fused, patch = self.neck_filters, self.fusion_filters, self.patch_size
        half = -(-h // 2) * -(-w // 2)
        places = (16 * h * w, 4 * h * w, h * w, half)
        total = h * w * (width * sum(necks) + 16 * necks[0] ** 2 + 4 * necks[1] ** 2)
        total += 9 * half * necks[3] ** 2
        for n, filters, units in zip(places, necks, (2, 2, 2, 1), strict=True):
            total += n * 9 * fused * (filters + 2 * units * fused)
        total += (64 * h * w + sum(places[:3])) * fused**2
        total += 64 * h * w * 9 * fused * (fused // 2)
        last = 9 * (fused // 2) * self.head_filters + self.head_filters
        return total + patch**2 * h * w * last

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the fused maps, coarsest first."""
        return {f"fused_{k}": x for k, x in enumerate(self.fuse(inputs[0]))}

    def compute_output_spec(self, inputs: Any, **kwargs: Any) -> Any:
        exact = keras.backend.result_type(self.compute_dtype, "float32")
        shape = self.compute_output_shape([tuple(x.shape) for x in inputs])
        return keras.KerasTensor(shape, exact)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        batch, height, width = input_shape[0][:3]
        sides = (None if n is None else self.patch_size * n for n in (height, width))
        return (batch, *sides)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "neck_filters": list(self.neck_filters),
            "fusion_filters": self.fusion_filters,
            "head_filters": self.head_filters,
            "patch_size": self.patch_size,
            "depth_type": self.depth_type,
            "max_depth": self.max_depth,
        }
