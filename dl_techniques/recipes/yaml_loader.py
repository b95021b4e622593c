"""A YAML reader for recipes: plain data, numbers and booleans as in YAML 1.2."""

import re
from typing import Any

import yaml


class RecipeLoader(yaml.SafeLoader):
    """Reads `1e-3` as a number and `on` as a text; refuses aliases and twins.

    YAML 1.1 takes `1e-3` for a text and `on` for true, which surprises in recipes;
    aliases can make a small text stand for a huge value.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(
                None, None, "aliases (*name) are not allowed", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            name = getattr(key, "value", None)
            if isinstance(name, str) and name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the field {name!r} is given twice", key.start_mark
                )
            seen.add(name if isinstance(name, str) else id(key))
        return super().construct_mapping(node, deep)


_RULES = (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^(?:[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        "-+.0123456789",
    ),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
)
RecipeLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _RULES:
    RecipeLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
