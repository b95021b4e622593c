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
        variants: Constructor arguments of each named variant, its own input among them.
        title: Start of the default model name.
    """

    variants: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})
    title: ClassVar[str] = "model"
    _arguments: Mapping[str, Any]

    @classmethod
    def from_variant(cls, variant: str = AUTO, **overrides: Any) -> Any:
        """Returns the named variant; any constructor argument may be overridden.

        Args:
            variant: A name in `variants`; "auto" is the one whose own input is nearest
                to `input_shape` among those that fit.
            overrides: Constructor arguments.

        Raises:
            ValueError: If there is no such variant.
        """
        if variant == AUTO:
            variant = cls.variant_for(overrides.get("input_shape"))
        names = ", ".join(map(repr, cls.variants))
        known = variant in cls.variants
        check(known, "variant", f"'auto' or one of {names}", variant)
        given = {**cls.variants[variant], **overrides}
        given["name"] = given.get("name") or f"{cls.title}_{variant}"
        return cls(**given)

    @classmethod
    def variant_for(cls, input_shape: Shape | None) -> str:
        """Returns the variant made for about this input; the first one without it."""
        names = list(cls.variants)
        if input_shape is None:
            return names[0]
        fitting = [n for n in names if cls.fits(input_shape, cls.variants[n])]

        def distance(name: str) -> float:
            own = cls.variants[name]["input_shape"][0]
            return abs(math.log((input_shape[0] or 1) / own))

        return min(fitting or names, key=distance)

    @classmethod
    def fits(cls, input_shape: Shape, arguments: Mapping[str, Any]) -> bool:
        """Tells whether these arguments can take this input."""
        return True

    def get_config(self) -> dict[str, Any]:
        return dict(self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        return cls(**config)
