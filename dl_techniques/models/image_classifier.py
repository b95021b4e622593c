"""What the image classifiers share: variants, pyramid, serialisation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import keras

from dl_techniques.models.classifier_options import ClassifierOptions, Shape
from dl_techniques.models.pretrained_model import PretrainedModel
from dl_techniques.models.public_weights import fetch, load_weights_of, with_own_scaling
from dl_techniques.models.variants import AUTO
from dl_techniques.utils.validation import check


class ImageClassifier(PretrainedModel, keras.Model):
    """A functional model that rebuilds itself from its constructor's arguments.

    A family calls `assemble` in its `__init__` and fills the class attributes.

    Attributes:
        sizes: Side of the default input of a variant where it is not 224.
    """

    sizes: ClassVar[Mapping[str, int]] = MappingProxyType({})
    title = "classifier"

    @classmethod
    def completed(cls, variant: str, arguments: dict[str, Any]) -> dict[str, Any]:
        side = cls.sizes.get(variant)
        sized = arguments.get("input_shape") is not None
        if side and not sized and arguments.get("include_top", True):
            return {**arguments, "input_shape": (side, side, 3)}
        return arguments

    @classmethod
    def small(
        cls,
        input_shape: Shape,
        classes: int = 10,
        variant: str = AUTO,
        **overrides: Any,
    ) -> Any:
        """Returns a small variant for this input; "auto" picks the one that fits."""
        given = {"input_shape": input_shape, "classes": classes, **overrides}
        return cls.from_variant(variant, **given)

    @classmethod
    def check_fit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> None:
        """Raises `ValueError` with a variant that fits, where there is one."""
        reason = cls.misfit(input_shape, arguments)
        if reason is None:
            return
        name = cls.variant_for(input_shape)
        fits = not cls.misfit(input_shape, cls.variants[name])
        hint = f'; the variant "{name}" fits' if fits else ""
        check(False, "input_shape", f"larger or even: {reason}{hint}", input_shape)

    def assemble(
        self,
        arguments: dict[str, Any],
        options: ClassifierOptions,
        body: Callable[[Any, dict[str, Any]], Any],
        name: str | None,
    ) -> None:
        """Builds the graph; `body(x, pyramid)` returns the outputs.

        Args:
            arguments: The family's own constructor arguments, ready for JSON.
            options: The shared ones.
            body: Applies the layers and enters the maps of each level by name.
            name: The model's name.
        """
        variant = self.variant_of(arguments)
        fetch(options.weights, type(self).__name__, variant)
        options = with_own_scaling(options, type(self).__name__, variant)
        pyramid: dict[str, Any] = {}
        inputs = keras.Input(options.shape, name="input")
        outputs = body(options.scaled(inputs), pyramid)
        super().__init__(inputs=inputs, outputs=outputs, name=name or self.title)
        self.dtype_policy = options.policy
        self._arguments = MappingProxyType(
            {**arguments, **options.config(), "name": self.name}
        )
        self._pyramid = MappingProxyType(pyramid)
        self.variant = variant
        self.has_top = options.include_top
        self.pretrained_info = None
        if options.weights is not None:
            load_weights_of(self, options)

    @property
    def pyramid_outputs(self) -> dict[str, Any]:
        """The last map of each level: "P2" has stride 4, "P5" stride 32."""
        return dict(self._pyramid)

    def feature_extractor(self, levels: Any = None) -> keras.Model:
        """Returns a model of the same weights that gives the maps of these levels.

        Args:
            levels: Names in `pyramid_outputs`; None is all of them.

        Raises:
            ValueError: If a level is not in `pyramid_outputs`.
        """
        names = list(self._pyramid) if levels is None else list(levels)
        known = all(n in self._pyramid for n in names) and bool(names)
        check(known, "levels", f"some of {list(self._pyramid)}", levels)
        outputs = {n: self._pyramid[n] for n in names}
        return keras.Model(self.input, outputs, name=f"{self.name}_features")


def level(stride: int) -> str:
    """Returns the name of the level of this stride: P3 for 8."""
    power = stride.bit_length() - 1
    return f"P{power}" if stride == 2**power else f"S{stride}"
