"""What the catalog knows of one component."""

import difflib
from dataclasses import dataclass, field
from typing import Any, Literal

from dl_techniques.utils.arguments import Argument

EntryKind = Literal[
    "layer",
    "loss",
    "metric",
    "regularizer",
    "initializer",
    "constraint",
    "optimizer",
    "schedule",
    "model",
]
Input = Literal["vector", "sequence", "image", "tokens", "pairs", "any"]
Task = Literal[
    "binary",
    "multiclass",
    "multilabel",
    "regression",
    "density",
    "maps",
    "features",
    "masks",
    "pairs",
    "clusters",
    "other",
]


@dataclass(frozen=True)
class Entry:
    """One component that a recipe can name.

    Attributes:
        name: What a recipe writes, the class name.
        target: Public dotted name, for example "dl_techniques.layers.RMSNorm".
        kind: What role it plays.
        family: Its group in the palette, for example "norms".
        summary: One line for a newcomer.
        source: Paper with identifier, or "Keras".
        accepts: Inputs a layer takes: "vector" (batch, features), "sequence"
            (batch, time, features), "image" (batch, height, width, channels),
            "tokens" (batch, time) integers, "pairs" images with such texts.
        returns: Kind of a layer's output, "same" as its input unless stated.
        tasks: Problems a loss or metric fits, and a model that is for some only;
            "maps" are numbers for every place of an image, "pairs" images with
            texts. "masks", "features" and "clusters" need targets that no data set
            here has.
        arguments: What a form offers, in the order of the signature.
        example: Arguments of a small working instance; required ones included.
        look_at: What is worth watching while it trains.
        needs_residual: Whether it only makes sense inside a residual branch.
        from_logits: Whether the component has a `from_logits` argument that the
            builder sets to fit the model's head.
        one_hot: Whether a classification loss needs one-hot targets.
        after: Layers whose output a loss or metric reads: without a head, the stack
            must end with one of them.
        own_loss: Whether a model brings its loss, used where a recipe names none.
        aliases: Other names under which it is known.
    """

    name: str
    target: str
    kind: EntryKind
    family: str
    summary: str
    source: str = "Keras"
    accepts: tuple[Input, ...] = ()
    returns: Input | Literal["same"] = "same"
    tasks: tuple[Task, ...] = ()
    arguments: tuple[Argument, ...] = ()
    example: dict[str, Any] = field(default_factory=dict)
    look_at: str = ""
    needs_residual: bool = False
    from_logits: bool = False
    one_hot: bool = False
    own_loss: bool = False
    after: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def argument(self, name: str) -> Argument | None:
        """Returns the argument called `name`, or None."""
        return next((a for a in self.arguments if a.name == name), None)

    def required_args(self) -> dict[str, Any]:
        """Returns the required arguments of the example: what a new one starts with."""
        needed = {a.name for a in self.arguments if a.required}
        return {k: v for k, v in self.example.items() if k in needed}

    def problems(self, args: dict[str, Any]) -> list[str]:
        """Returns what is wrong with `args`, one line each."""
        known = [a.name for a in self.arguments]
        lines, meant = [], set()
        for name in (n for n in args if n not in known):
            close = difflib.get_close_matches(name, known, 1)
            meant.update(close)
            hint = (
                f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(known)}"
            )
            lines.append(f"`{name}` is not an argument of {self.name}. {hint}")
        for argument in self.arguments:
            if argument.name in args:
                line = argument.problem(args[argument.name])
                if line:
                    lines.append(line)
            elif argument.required and argument.name not in meant:
                lines.append(f"{self.name} needs `{argument.name}`: {argument.rule()}")
        return lines
