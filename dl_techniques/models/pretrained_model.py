"""What models with public weights share: loading, and remembering what was loaded."""

import inspect
from collections.abc import Mapping
from typing import Any

from dl_techniques.models.variants import Variants


class PretrainedModel(Variants):
    """Adds `load_pretrained` to a model; inherit before its Keras class.

    Attributes:
        variant: The named variant that the model is, or None.
        pretrained_info: Source, licence, hash and revision of what was loaded.
    """

    variant: str | None = None
    pretrained_info: dict[str, Any] | None = None

    @classmethod
    def variant_of(cls, arguments: Mapping[str, Any]) -> str | None:
        """Returns the variant that has these own arguments, or None."""
        signature = inspect.signature(cls.__init__).parameters
        given = {k: as_lists(v) for k, v in arguments.items()}
        for name, own in cls.variants.items():
            full = {k: own.get(k, signature[k].default) for k in given}
            if {k: as_lists(v) for k, v in full.items()} == given:
                return name
        return None

    def load_pretrained(self, source: Any, **options: Any) -> Any:
        """Fills the weights from a public checkpoint and returns the report.

        Arguments and errors are those of `dl_techniques.pretrained.load_pretrained`;
        `pretrained_info` keeps source, licence and hash.
        """
        from dl_techniques.pretrained import load_pretrained

        report = load_pretrained(self, source, **options)
        self.pretrained_info = {
            "source": report.source,
            "licence": report.licence,
            "sha256": report.sha256,
            "revision": report.revision,
        }
        return report

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.pretrained_info:
            config["pretrained_info"] = dict(self.pretrained_info)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        given = dict(config)
        info = given.pop("pretrained_info", None)
        model = cls(**given)
        model.pretrained_info = info
        return model


def as_lists(value: Any) -> Any:
    """Returns a value with every sequence in it as a list."""
    many = isinstance(value, list | tuple)
    return [as_lists(v) for v in value] if many else value
