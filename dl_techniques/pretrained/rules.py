"""Tables that say which tensor of a checkpoint fills which variable.

A family joins with a module `rules_<family>.py` that has `RULES` and `IGNORED`, maybe
`FOREIGN`, `ALIASES` and `config_problem`, and a line in `TABLES`.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One line of a table.

    Attributes:
        source: Name of the tensor, with numbers as `{i}`.
        target: Path of the variable, with the same numbers.
        transform: A name of `transforms.TRANSFORMS`.
    """

    source: str
    target: str
    transform: str = "id"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The target as a regular expression."""
        parts = re.split(r"\{(\w+)\}", self.target)
        text = "".join(
            rf"(?P<{part}>\d+)" if i % 2 else re.escape(part)
            for i, part in enumerate(parts)
        )
        return re.compile(text + r"\Z")

    def source_of(self, path: str) -> str | None:
        """Returns the tensor's name for a variable, None when it is not its rule."""
        found = self.pattern.match(path)
        return self.source.format(**found.groupdict()) if found else None


@dataclass(frozen=True)
class Table:
    """The rules of a family.

    Attributes:
        rules: At most one of them fits a variable.
        ignored: Expressions for tensors that no variable needs.
        foreign: Advice by expressions for names that tell of another layout.
        aliases: What an expression within a name stands for.
        config_problem: (model, config.json) -> what keeps them apart, or None.
    """

    rules: tuple[Rule, ...]
    ignored: tuple[str, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    config_problem: Callable[[Any, Mapping[str, Any]], str | None] | None = None

    def usual_name(self, name: str) -> str:
        """Returns the name under which the rules know a tensor."""
        for pattern, usual in self.aliases.items():
            name = re.sub(pattern, usual, name)
        return name

    def rule_of(self, path: str) -> tuple[Rule, str] | None:
        """Returns the rule of a variable and its tensor's name."""
        for rule in self.rules:
            name = rule.source_of(path)
            if name is not None:
                return rule, name
        return None

    def ignores(self, name: str) -> bool:
        """Tells whether no variable needs this tensor."""
        return any(re.fullmatch(pattern, name) for pattern in self.ignored)

    def advice(self, names: Iterable[str]) -> str | None:
        """Returns what to do about tensors of another layout, None where none is."""
        known = list(names)
        for pattern, words in self.foreign.items():
            if any(re.fullmatch(pattern, name) for name in known):
                return words
        return None


def both(source: str, target: str, kernel: str) -> tuple[Rule, Rule]:
    """Returns the rules of a kernel and its bias."""
    return (
        Rule(f"{source}.weight", f"{target}/kernel", kernel),
        Rule(f"{source}.bias", f"{target}/bias"),
    )


def norm(source: str, target: str) -> tuple[Rule, Rule]:
    """Returns the rules of a norm's gain and offset."""
    return (
        Rule(f"{source}.weight", f"{target}/gamma"),
        Rule(f"{source}.bias", f"{target}/beta"),
    )


def batch_norm(source: str, target: str) -> tuple[Rule, ...]:
    """Returns the rules of a batch norm; its counter is ignored by the table."""
    return (
        *norm(source, target),
        Rule(f"{source}.running_mean", f"{target}/moving_mean"),
        Rule(f"{source}.running_var", f"{target}/moving_variance"),
    )


TABLES = {
    "CLIPOpenAI": "rules_clip",
    "ConvNextV1": "rules_convnext",
    "ConvNextV2": "rules_convnext",
    "DepthAnything": "rules_depth_anything",
    "MobileNetV4": "rules_mobilenet_v4",
    "ResNet": "rules_resnet",
    "ViT": "rules_vit",
}


def table_of(family: str) -> Table:
    """Returns the table of a family.

    Raises:
        ValueError: If there is none.
    """
    if family not in TABLES:
        known = ", ".join(TABLES)
        raise ValueError(
            f"public weights are known for {known}. Received: family={family!r}"
        )
    module = importlib.import_module(f"{__package__}.{TABLES[family]}")
    return Table(
        tuple(module.RULES),
        tuple(module.IGNORED),
        getattr(module, "FOREIGN", {}),
        getattr(module, "ALIASES", {}),
        getattr(module, "config_problem", None),
    )
