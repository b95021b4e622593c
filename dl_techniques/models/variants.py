"""Named variants of a model that rebuilds itself from its arguments."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from dl_techniques.utils.validation import check

AUTO = "auto"
Shape = Sequence[int | None]


class Variants:
    """Adds named variants and a config of constructor arguments to a model.

    A model inherits it before its Keras class and sets `_arguments`, the constructor
    arguments ready for JSON.

    Attributes:
        variants: Constructor arguments of each named variant.
        title: Start of the default model name.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    title: ClassVar[str] = "model"
    _arguments: Mapping[str, Any]

    @classmethod
    def from_variant(cls, variant: str = AUTO, **overrides: Any) -> Any:
        """Returns the named variant; any constructor argument may be overridden.

        Args:
            variant: A name in `variants`; "auto" is the one made for inputs of about
                `input_shape`.
            overrides: Constructor arguments.

        Raises:
            ValueError: If there is no such variant.
        """
        if variant == AUTO:
            variant = cls.variant_for(overrides.get("input_shape"))
        names = ", ".join(map(repr, cls.variants))
        known = variant in cls.variants
        check(known, "variant", f"'auto' or one of {names}", variant)
        given = cls.completed(variant, {**cls.variants[variant], **overrides})
        given["name"] = given.get("name") or model_name(cls.title, variant)
        return cls(**given)

    @classmethod
    def completed(cls, variant: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Returns the arguments with what the variant decides besides its own."""
        return arguments

    @classmethod
    def variant_for(cls, input_shape: Shape | None) -> str:
        """Returns the variant whose own input is nearest among those that fit.

        Only variants with an `input_shape` of their own count; the first one is taken
        where no input is known.
        """
        small = [n for n, v in cls.variants.items() if v.get("input_shape")]
        if input_shape is None:
            return small[0]
        side = min((n for n in input_shape[:2] if n), default=224)

        def distance(name: str) -> float:
            own = cls.variants[name]["input_shape"][0]
            return abs(math.log(side / own))

        fitting = [n for n in small if not cls.misfit(input_shape, cls.variants[n])]
        return min(fitting or small, key=distance)

    @classmethod
    def misfit(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> str | None:
        """Returns why these arguments cannot take this input, or None."""
        return None

    def get_config(self) -> dict[str, Any]:
        return dict(self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return cls(**config)


def model_name(title: str, variant: str) -> str:
    """Returns the name of a variant: "resnet18", "vit_tiny16"."""
    return f"{title}{'' if variant[:1].isdigit() else '_'}{variant}"
