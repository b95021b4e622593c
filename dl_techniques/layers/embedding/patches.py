"""What patch embeddings share: one convolution that steps by the patch."""

from typing import Any, ClassVar, Literal

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.layers.kernels import KernelArguments
from dl_techniques.utils.arguments import is_int
from dl_techniques.utils.validation import check, check_choice, check_int

Shape = tuple[int | None, ...]
Sizes = int | tuple[int, ...] | list[int]


class PatchEmbeddingBase(Explained, keras.layers.Layer):
    """Base: one convolution whose stride is the patch unless told otherwise."""

    rank: ClassVar[int]

    def __init__(
        self,
        patch_size: Sizes,
        embed_dim: int,
        stride: Sizes | None = None,
        padding: Literal["valid", "same"] = "valid",
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.patch_size = self._sizes("patch_size", patch_size)
        self.stride = None if stride is None else self._sizes("stride", stride)
        check_int("embed_dim", embed_dim)
        check_choice("padding", padding, ("valid", "same"))
        self.embed_dim = embed_dim
        self.padding = padding
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias
        self.kernel_arguments = KernelArguments(
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            kernel_constraint,
            bias_constraint,
        )
        self.supports_masking = True

    def _sizes(self, name: str, given: Any) -> tuple[int, ...]:
        many = isinstance(given, list | tuple)
        sizes = tuple(given) if many else (given,) * self.rank
        legal = len(sizes) == self.rank and all(is_int(n) and n >= 1 for n in sizes)
        count = {1: "", 2: " or a pair of them"}[self.rank]
        check(legal, name, f"an integer at least 1{count}", given)
        return sizes

    def build(self, input_shape: Shape) -> None:
        rule = f"of rank {self.rank + 2} with known channels in the last axis"
        known = len(input_shape) == self.rank + 2 and input_shape[-1] is not None
        check(known, "input_shape", rule, input_shape)
        stride = self.stride or self.patch_size
        if self.padding == "valid" and stride == self.patch_size:
            sizes = input_shape[1:-1]
            divides = (
                n is None or n % p == 0
                for n, p in zip(sizes, self.patch_size, strict=True)
            )
            rule = f"a divisor of the input's size {sizes}"
            check(all(divides), "patch_size", rule, self.patch_size)
        convolution = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D}[self.rank]
        self.projection = convolution(
            self.embed_dim,
            self.patch_size,
            strides=stride,
            padding=self.padding,
            data_format="channels_last",
            activation=self.activation,
            use_bias=self.use_bias,
            name="projection",
            dtype=self.dtype_policy,
            **self.kernel_arguments.of_kernel(),
        )
        self.projection.build(input_shape)

    def project(self, inputs: Any) -> Any:
        """Convolves; past `__call__`, where a mask would warn that it ends."""
        return self.projection.call(inputs)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return self.project(inputs)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Keeps a mask only where every position stays a token."""
        steps = {*self.patch_size, *(self.stride or ())}
        return previous_mask if self.rank == 1 and steps == {1} else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        stride = self.stride or self.patch_size
        sizes: list[int | None] = []
        axes = zip(input_shape[1:-1], self.patch_size, stride, strict=True)
        for size, patch, step in axes:
            if size is not None:
                size = size if self.padding == "same" else size - patch + 1
                size = -(-size // step)
            sizes.append(size)
        return (input_shape[0], *sizes, self.embed_dim)

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        """Adds the filters and their cosine similarities."""
        filters = ops.cast(self.projection.kernel, "float32")
        flat = ops.reshape(filters, (-1, self.embed_dim))
        unit = flat / ops.maximum(ops.norm(flat, axis=0, keepdims=True), 1e-12)
        return {"filters": filters, "similarity": ops.transpose(unit) @ unit}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "patch_size": list(self.patch_size),
            "embed_dim": self.embed_dim,
            "stride": None if self.stride is None else list(self.stride),
            "padding": self.padding,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self.kernel_arguments.config(),
        }
