"""One stage that merges a coarse map with a finer one."""

from typing import Any

import keras

from dl_techniques.layers.dpt.convolution import convolution
from dl_techniques.layers.dpt.residual_conv_unit import ResidualConvUnit
from dl_techniques.utils.resize_map import resize_map
from dl_techniques.utils.validation import check_int

Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="dl_techniques")
class FeatureFusion(keras.layers.Layer):
    """Adds a refined skip, refines the sum, resizes it and projects it.

        h = coarse + unit_1(skip);  y = project(resize(unit_2(h)))

    The resize is bilinear and keeps the corners in their places.

    Args:
        filters: Channels of every map.
        has_skip: Whether there is a skip; the first stage has none.

    Shapes:
        `(batch, h, w, filters)` twice, or once without `has_skip`, and the wanted size
        -> `(batch, height, width, filters)`.

    Weights:
        `unit_1/*` with a skip, `unit_2/*`, `project/kernel`, `project/bias`.

    Source: Ranftl et al. (2021), arXiv:2103.13413, figure 1, right.
    """

    def __init__(self, filters: int, has_skip: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_int("filters", filters)
        self.filters = filters
        self.has_skip = has_skip
        policy = self.dtype_policy
        self.unit_1 = None
        if has_skip:
            self.unit_1 = ResidualConvUnit(filters, dtype=policy, name="unit_1")
        self.unit_2 = ResidualConvUnit(filters, dtype=policy, name="unit_2")
        self.project = convolution(filters, 1, "project", policy)

    def build(self, inputs_shape: Shape, skip_shape: Shape | None = None) -> None:
        for part in (self.unit_1, self.unit_2, self.project):
            if part is not None:
                part.build(inputs_shape)

    def call(self, inputs: Any, skip: Any = None, size: Any = None) -> Any:
        x = inputs
        if self.unit_1 is not None:
            x = x + self.unit_1(skip)
        x = self.unit_2(x)
        if size is not None:
            height, width = size
            x = resize_map(x, height, width, align_corners=True)
        return self.project(x)

    def compute_output_shape(
        self, inputs_shape: Shape, skip_shape: Shape | None = None
    ) -> Shape:
        return (inputs_shape[0], None, None, self.filters)

    def get_config(self) -> dict[str, Any]:
        own = {"filters": self.filters, "has_skip": self.has_skip}
        return {**super().get_config(), **own}
