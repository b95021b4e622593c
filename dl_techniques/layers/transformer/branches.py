"""Two residual branches, attention and feed-forward, whatever they are made of."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained, as_array
from dl_techniques.layers.layer_scale import LayerScale
from dl_techniques.layers.norms.base import at_least_float32
from dl_techniques.layers.stochastic_depth import StochasticDepth
from dl_techniques.layers.transformer.makers import Sizes
from dl_techniques.layers.transformer.plug_ins import (
    attended,
    built,
    copied,
    made,
    needs_value,
)
from dl_techniques.utils.validation import check

Shape = tuple[int | None, ...]


class Branches(Explained, keras.layers.Layer):
    """Base of transformer blocks; a block sets the attributes in its constructor."""

    num_heads: int
    chosen_attention: Any
    chosen_ffn: Any
    chosen_norm: Any
    arguments: dict[str, Any]
    norm_position: str
    activation: Any
    layer_scale_init: float | None
    drop_path: float
    dropout: float
    attention_dropout: float
    epsilon: float
    causal: bool
    seed: int | None

    def hidden_width(self, features: int) -> int | None:
        """Returns the width of the feed-forward layer, None for its own rule."""
        raise NotImplementedError

    def build(self, input_shape: Shape) -> None:
        rule = "(batch, time, features) with known features"
        known = len(input_shape) == 3 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        size = self._sizes(int(input_shape[-1] or 0))
        self.norm1 = built(self._made("norm", size, "norm1"), input_shape)
        attention = self._made("attention", size, "attention", self._seed(0))
        self.attention = built(attention, input_shape)
        second = (
            copied(self.chosen_norm, f"{self.chosen_norm.name}_2")
            if isinstance(self.chosen_norm, keras.layers.Layer)
            else self._made("norm", size, "norm2")
        )
        self.norm2 = built(second, input_shape)
        self.ffn = built(self._made("ffn", size, "ffn", self._seed(1)), input_shape)
        self._check_widths(input_shape)
        self._build_endings(input_shape)

    def _sizes(self, features: int) -> Sizes:
        return Sizes(
            features,
            self.num_heads,
            self.hidden_width(features),
            self.activation,
            self.dropout,
            self.attention_dropout,
            self.epsilon,
            self.causal,
        )

    def _made(self, role: str, size: Sizes, name: str, seed: int | None = None) -> Any:
        choice = getattr(self, f"chosen_{role}")
        args = self.arguments[f"{role}_args"]
        more = {"name": name, "dtype": self.dtype_policy, "seed": seed}
        return made(role, choice, args, size, **more)

    def _seed(self, number: int) -> int | None:
        return None if self.seed is None else (self.seed + number) % 2**31

    def _check_widths(self, input_shape: Shape) -> None:
        for role, layer in (("attention", self.attention), ("ffn", self.ffn)):
            shapes = [input_shape] * (2 if needs_value(layer) else 1)
            shape = layer.compute_output_shape(*shapes)
            rule = f"a layer that keeps the {input_shape[-1]} features"
            same = len(shape) == 3 and shape[-1] == input_shape[-1]
            check(same, role, rule, tuple(shape))

    def _build_endings(self, input_shape: Shape) -> None:
        kind = {"dtype": self.dtype_policy}
        rates = (self.dropout, self._seed(2))
        self.attention_drop = keras.layers.Dropout(rates[0], seed=rates[1], **kind)
        self.drop_paths = [
            StochasticDepth(self.drop_path, self._seed(3 + i), **kind) for i in (0, 1)
        ]
        self.scales: list[Any] = []
        if self.layer_scale_init is not None:
            for i in (1, 2):
                scale = LayerScale(
                    self.layer_scale_init, name=f"layer_scale{i}", **kind
                )
                self.scales.append(built(scale, input_shape))

    def call(
        self, inputs: keras.KerasTensor, mask: Any = None, training: bool | None = None
    ) -> keras.KerasTensor:
        x = ops.cast(inputs, self.compute_dtype)
        x = self._added(x, self.mixed(x, mask, training), 0)
        return self._added(x, self.fed(x, training), 1)

    def mixed(self, x: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Returns what the attention branch adds to `x`."""
        y = attended(self.attention, self._before(x, 0), mask, self.causal)
        return self._ending(self.attention_drop(y, training=training), 0, training)

    def fed(self, x: Any, training: bool | None = None) -> Any:
        """Returns what the feed-forward branch adds to `x`."""
        return self._ending(self.ffn(self._before(x, 1)), 1, training)

    def _before(self, x: Any, branch: int) -> Any:
        norm = (self.norm1, self.norm2)[branch]
        return norm(x) if self.norm_position == "pre" else x

    def _ending(self, y: Any, branch: int, training: bool | None) -> Any:
        scaled = self.scales[branch](y) if self.scales else y
        return self.drop_paths[branch](scaled, training=training)

    def _added(self, x: Any, y: Any, branch: int) -> Any:
        norm = (self.norm1, self.norm2)[branch]
        return x + y if self.norm_position == "pre" else norm(x + y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def explain(self, *inputs: Any, **call: Any) -> dict[str, Any]:
        """Calls the block at inference and returns how its branches act.

        Args:
            inputs: The sequence, as in the call.
            call: Its `mask`.

        Returns:
            "output"; "branch_ratio" (2, B, T), the length of what attention and
            feed-forward layer add, over that of what they are added to; and what the
            attention tells of itself, "attention" (B, H, T, S) among it.
        """
        layer: Any = self
        output = layer(*inputs, training=False, **call)
        x = self._tensor(inputs[0])
        seen = self._before(x, 0)
        first = self.mixed(x, call.get("mask"), training=False)
        between = self._added(x, first, 0)
        ratios = [_ratio(first, x), _ratio(self.fed(between, False), between)]
        told = {}
        if hasattr(self.attention, "explain"):
            causal = {"use_causal_mask": True} if self.causal else {}
            how = {name: part for name, part in call.items() if part is not None}
            told = self.attention.explain(seen, **how, **causal)
        told |= {"output": as_array(output)}
        return {**told, "branch_ratio": as_array(ops.stack(ratios))}


def _ratio(part: Any, whole: Any) -> Any:
    lengths = [
        ops.sqrt(ops.sum(ops.square(at_least_float32(x)), axis=-1))
        for x in (part, whole)
    ]
    return lengths[0] / ops.maximum(lengths[1], 1e-12)
