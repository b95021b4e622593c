"""Follows what kind of data runs through a stack, without Keras."""

from collections.abc import Iterator
from typing import Any

from dl_techniques import catalog
from dl_techniques.catalog import Entry
from dl_techniques.recipes.problem import Problem, where_of
from dl_techniques.recipes.repairs import Repair, insert, remove
from dl_techniques.recipes.schema import LayerSpec, Node, RepeatSpec, ResidualSpec
from dl_techniques.recipes.stack import children, group_key

_WORDS = {
    "vector": "a vector (features)",
    "sequence": "a sequence (time, features)",
    "image": "an image (height, width, channels)",
    "tokens": "tokens (time,)",
    "pairs": "images with texts",
}
_BY_RANK = {1: "vector", 2: "sequence", 3: "image"}


def first_kind(nodes: tuple[Node, ...], kind: str) -> str:
    """Returns what the stack gets: tokens are embedded unless a layer takes them."""
    return "sequence" if kind == "tokens" and not takes_tokens(nodes) else kind


def takes_tokens(nodes: tuple[Node, ...]) -> bool:
    """Tells whether the first layer that is not muted looks tokens up itself."""
    for node in nodes:
        if node.muted:
            continue
        if not isinstance(node, LayerSpec):
            return takes_tokens(children(node))
        entry = catalog.find("layer", node.layer)
        return entry is not None and "tokens" in entry.accepts
    return False


class Flow:
    """Walks a stack; `kind` is what comes out so far, None when unknown."""

    def __init__(self, kind: str | None) -> None:
        self.kind = kind
        self._flattened: tuple[str, str | None] | None = None

    def problems(self, nodes: tuple[Node, ...], prefix: str = "") -> Iterator[Problem]:
        """Yields a problem for each layer that gets what it does not accept."""
        for i, node in enumerate(nodes):
            path = f"{prefix}{i}"
            if node.muted:
                continue
            if isinstance(node, LayerSpec):
                yield from self._layer(node, path)
                continue
            before = self.kind
            inside = f"{path}.{group_key(node)}."
            yield from self.problems(children(node), inside)
            if isinstance(node, RepeatSpec) and node.times > 1 and self.kind != before:
                yield from self.problems(children(node), inside)
            if isinstance(node, ResidualSpec):
                yield from self._sum(before, path)

    def _layer(self, node: LayerSpec, path: str) -> Iterator[Problem]:
        entry = catalog.find("layer", node.layer)
        if entry is None:
            self.kind = None
            return
        accepts = set(entry.accepts)
        if self.kind and accepts and not {self.kind, "any"} & accepts:
            repair = self._unflatten(entry) or bridge(entry, self.kind, path)
            message = f"{entry.name} {misfit(entry, self.kind)}"
            yield Problem(where_of(path), message, repair)
            self.kind = entry.accepts[0] if len(accepts) == 1 else None
        before = self.kind
        self.kind = _output(entry, node.args, self.kind)
        flat = self.kind == "vector" and before in ("sequence", "image")
        self._flattened = (path, before) if flat else None

    def _unflatten(self, entry: Entry) -> Repair | None:
        """Takes out the layer just before when that is what made a vector."""
        path, before = self._flattened or ("", None)
        return remove(where_of(path)) if before in entry.accepts else None

    def _sum(self, before: str | None, path: str) -> Iterator[Problem]:
        if before and self.kind and before != self.kind:
            yield Problem(
                where_of(path),
                f"a residual branch adds {_WORDS[self.kind]} to {_WORDS[before]}; "
                "both must be of one kind",
            )
            self.kind = before


def _output(entry: Entry, args: dict[str, Any], kind: str | None) -> str | None:
    if entry.name == "Reshape":
        shape = args.get("target_shape")
        shape = shape if isinstance(shape, list | tuple) else [shape]
        return _BY_RANK.get(len(shape))
    if args.get("return_sequences") is True:
        return "sequence"
    if args.get("keepdims") is True or entry.returns == "any":
        return None
    return kind if entry.returns == "same" else entry.returns


def misfit(entry: Entry, kind: str) -> str:
    """Says that `entry` gets another kind of data than it takes."""
    wanted = " or ".join(_WORDS.get(a, a) for a in entry.accepts)
    return f"takes {wanted}, but gets {_WORDS[kind]}"


def bridge(entry: Entry, kind: str, path: str) -> dict[str, Any] | None:
    """Returns the repair that turns `kind` into something `entry` accepts."""
    if "vector" in entry.accepts and kind in ("sequence", "image"):
        return insert(path, "Flatten")
    if kind == "vector":
        if "sequence" in entry.accepts:
            return insert(path, "Reshape", target_shape=[-1, 1])
        if "image" in entry.accepts:
            return insert(path, "Reshape", target_shape=[1, 1, -1])
    if kind == "image" and "sequence" in entry.accepts:
        return insert(path, "Reshape", target_shape=[-1, 1])
    return None
