"""The transformer of DINOv2, read at several depths."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras

from dl_techniques.layers import MLP, ClassToken, LayerScale, PatchEmbedding2D
from dl_techniques.layers.attention import MultiHeadAttention
from dl_techniques.models.dinov2_layers import GridPositions, PatchMap
from dl_techniques.models.variants import Shape, Variants
from dl_techniques.utils.validation import check, check_int, check_number

EPSILON = 1e-6


def _variant(width: int, depth: int, heads: int) -> Mapping[str, Any]:
    return MappingProxyType(
        {"hidden_size": width, "depth": depth, "num_heads": heads, "taps": (depth,)}
    )


@keras.saving.register_keras_serializable(package="dl_techniques")
class DINOv2Backbone(Variants, keras.Model):
    """Turns an image of any size into maps of tokens, one a tapped block.

        patches -> class token -> + positions -> blocks -> norm -> patches as a map
        block: x + g_1 attention(norm(x)), then x + g_2 mlp(norm(x))

    Every tap goes through the one final norm. Inputs are normalised already.

    Args:
        hidden_size: Width D of the tokens.
        depth: Number of blocks.
        num_heads: Heads of each attention.
        mlp_ratio: Width of the mlp relative to the tokens.
        patch_size: Side of a patch; both sides of the input are multiples of it.
        image_size: Side of the images whose grid of positions is learned.
        taps: Blocks whose tokens are read, counted from 1.
        layer_scale_init: Start of the gains g at the end of each branch.
        input_shape: (height, width, channels); unknown sides take every multiple.
        name: Name of the model.
        dtype: Dtype policy of the layers.

    Shapes:
        `(batch, height, width, channels)` -> a list of
        `(batch, height / patch_size, width / patch_size, D)`, one a tap.

    Weights:
        `patch_embed/projection`, `class_token/token`,
        `position_embedding/position_embedding` (1 + (image_size / patch_size) ** 2, D),
        `blocks_{i}_norm1`, `_attention`, `_attention_scale`, `_norm2`, `_mlp`,
        `_mlp_scale`, `norm`, each behind the name of the model.

    Raises:
        ValueError: If an argument is out of range or the sides are not multiples.

    Source: Oquab et al. (2023), arXiv:2304.07193; Dosovitskiy et al. (2021),
    arXiv:2010.11929.
    """

    title = "dinov2"
    variants = MappingProxyType(
        {
            "small": _variant(384, 12, 6),
            "base": _variant(768, 12, 12),
            "large": _variant(1024, 24, 16),
        }
    )

    def __init__(
        self,
        hidden_size: int,
        depth: int,
        num_heads: int,
        mlp_ratio: float = 4.0,
        patch_size: int = 14,
        image_size: int = 518,
        taps: Sequence[int] = (12,),
        layer_scale_init: float = 1.0,
        input_shape: Shape = (None, None, 3),
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        policy = keras.dtype_policies.get(dtype)
        given = {
            "hidden_size": hidden_size,
            "depth": depth,
            "num_heads": num_heads,
            "mlp_ratio": mlp_ratio,
            "patch_size": patch_size,
            "image_size": image_size,
            "taps": list(taps),
            "layer_scale_init": layer_scale_init,
            "input_shape": list(input_shape),
            "dtype": policy.name,
        }
        check_backbone(given)
        name = name or self.title
        image = keras.Input(tuple(input_shape), name="image")
        # a nested model does not tell its variables where it is; this does
        with keras.name_scope(name):
            outputs = _Graph(given, policy).outputs(image)
        super().__init__(image, outputs, name=name)
        self.dtype_policy = policy
        self._arguments = MappingProxyType({**given, "name": self.name})


def check_backbone(given: Mapping[str, Any]) -> None:
    """Raises `ValueError` for an argument out of range."""
    for key in ("hidden_size", "depth", "num_heads", "patch_size", "image_size"):
        check_int(key, given[key])
    check_number("mlp_ratio", given["mlp_ratio"], 0, low_open=True)
    check_number("layer_scale_init", given["layer_scale_init"], None)
    width, patch = given["hidden_size"], given["patch_size"]
    fits = width % given["num_heads"] == 0
    check(fits, "num_heads", f"a divisor of {width}", given["num_heads"])
    taps, depth = given["taps"], given["depth"]
    for tap in taps:
        check_int("taps", tap, 1, high=depth)
    rising = len(taps) > 0 and list(taps) == sorted(taps)
    check(rising, "taps", "a rising list of blocks", taps)
    fits = given["image_size"] % patch == 0
    check(fits, "image_size", f"a multiple of patch_size={patch}", given["image_size"])
    shape = given["input_shape"]
    rule = f"(height, width, channels) with sides that are multiples of {patch}"
    known = len(shape) == 3 and isinstance(shape[-1], int)
    fits = known and all(n is None or (n > 0 and n % patch == 0) for n in shape[:2])
    check(fits, "input_shape", rule, tuple(shape))


class _Graph:
    """Applies the layers."""

    def __init__(self, given: Mapping[str, Any], policy: Any) -> None:
        self.given = given
        self.policy = policy

    def called(self, name: str) -> dict[str, Any]:
        """Returns name and dtype of a layer."""
        return {"name": name, "dtype": self.policy}

    def kernel(self, name: str) -> dict[str, Any]:
        """Returns start, name and dtype of a layer with a kernel."""
        start = keras.initializers.TruncatedNormal(stddev=0.02)
        return {"kernel_initializer": start, **self.called(name)}

    def outputs(self, image: Any) -> list[Any]:
        """Returns the map of each tap."""
        given = self.given
        patch, width = given["patch_size"], given["hidden_size"]
        patches = PatchEmbedding2D(
            patch, width, flatten=False, **self.kernel("patch_embed")
        )(image)
        x = keras.layers.Reshape((-1, width), **self.called("tokens"))(patches)
        start = keras.initializers.TruncatedNormal(stddev=0.02)
        x = ClassToken(start, **self.called("class_token"))(x)
        side = given["image_size"] // patch
        x = GridPositions(side, **self.called("position_embedding"))(x, patches)
        norm = self.norm("norm")
        found = {}
        for i in range(given["depth"]):
            x = self.block(x, f"blocks_{i}")
            if i + 1 in given["taps"]:
                layer = PatchMap(**self.called(f"tap_{i + 1}"))
                found[i + 1] = layer(norm(x), patches)
        return [found[tap] for tap in given["taps"]]

    def norm(self, name: str) -> Any:
        """Returns a layer norm."""
        return keras.layers.LayerNormalization(epsilon=EPSILON, **self.called(name))

    def block(self, x: Any, name: str) -> Any:
        """Applies one block."""
        given = self.given
        heads, width = given["num_heads"], given["hidden_size"]
        attention = MultiHeadAttention(heads, **self.kernel(f"{name}_attention"))
        y = attention(self.norm(f"{name}_norm1")(x))
        x = self.added(x, y, f"{name}_attention")
        hidden = max(1, int(width * given["mlp_ratio"]))
        mlp = MLP(hidden, **self.kernel(f"{name}_mlp"))
        y = mlp(self.norm(f"{name}_norm2")(x))
        return self.added(x, y, f"{name}_mlp")

    def added(self, x: Any, y: Any, name: str) -> Any:
        """Adds a scaled branch."""
        gain = self.given["layer_scale_init"]
        y = LayerScale(gain, **self.called(f"{name}_scale"))(y)
        return keras.layers.Add(**self.called(f"{name}_add"))([x, y])
