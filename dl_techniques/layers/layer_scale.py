"""Learned multipliers of a layer's output."""

from typing import Any

import keras
from keras import ops

from dl_techniques.layers.explain import Explained
from dl_techniques.utils.validation import check, check_choice, check_number

Shape = tuple[int | None, ...]


class _Multiplier(Explained, keras.layers.Layer):
    """Base: y = gamma * x along the last axis, gamma kept in float32."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def add_gamma(self, width: int | None, **options: Any) -> None:
        rule = "with known features in the last axis"
        check(width is not None, "input_shape", rule, width)
        # float16 would flush a gain of 1e-8 to zero
        self.gamma = self.add_weight(
            name="gamma", shape=(width,), autocast=False, **options
        )

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return inputs * ops.cast(self.gamma, inputs.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def explain_call(self, *inputs: Any) -> dict[str, Any]:
        return {"gamma": self.gamma}


@keras.saving.register_keras_serializable(package="dl_techniques")
class LayerScale(_Multiplier):
    """Scales each channel by a learned gain that starts small.

        y = gamma * x

    Args:
        init_value: Start of every gain; 0 closes the branch, 1 is the identity.
        regularizer: Penalty on the gains.
        constraint: Projection of the gains after each step.

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `gamma`: `(channels,)`, filled with `init_value`.

    Source: Touvron et al. (2021), arXiv:2103.17239 (CaiT).
    """

    def __init__(
        self,
        init_value: float = 1e-5,
        regularizer: Any = None,
        constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_number("init_value", init_value, None)
        self.init_value = init_value
        self.regularizer = keras.regularizers.get(regularizer)
        self.constraint = keras.constraints.get(constraint)

    def build(self, input_shape: Shape) -> None:
        self.add_gamma(
            input_shape[-1],
            initializer=keras.initializers.Constant(self.init_value),
            regularizer=self.regularizer,
            constraint=self.constraint,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "init_value": self.init_value,
            "regularizer": keras.regularizers.serialize(self.regularizer),
            "constraint": keras.constraints.serialize(self.constraint),
        }


@keras.saving.register_keras_serializable(package="dl_techniques")
class LearnableMultiplier(_Multiplier):
    """Multiplies by one learned number, or by one a channel.

        y = gamma * x

    Args:
        multiplier_type: "GLOBAL" or "CHANNEL", in any case.
        initializer: Start of gamma.
        regularizer: Penalty on gamma.
        constraint: Projection of gamma after each step.

    Shapes:
        Any rank from 2; unchanged.

    Weights:
        `gamma`: (1,) or `(channels,)`, ones.

    Raises:
        ValueError: If `multiplier_type` is neither.

    Source: the project's own; a generalisation of `LayerScale`.
    """

    def __init__(
        self,
        multiplier_type: str = "CHANNEL",
        initializer: Any = "ones",
        regularizer: Any = None,
        constraint: Any = "non_neg",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        known = isinstance(multiplier_type, str)
        folded = multiplier_type.upper() if known else multiplier_type
        if folded not in ("GLOBAL", "CHANNEL"):
            check_choice("multiplier_type", multiplier_type, ("GLOBAL", "CHANNEL"))
        self.multiplier_type = multiplier_type
        self.initializer = keras.initializers.get(initializer)
        self.regularizer = keras.regularizers.get(regularizer)
        self.constraint = keras.constraints.get(constraint)

    def build(self, input_shape: Shape) -> None:
        single = self.multiplier_type.upper() == "GLOBAL"
        self.add_gamma(
            1 if single else input_shape[-1],
            initializer=self.initializer,
            regularizer=self.regularizer,
            constraint=self.constraint,
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "multiplier_type": self.multiplier_type,
            "initializer": keras.initializers.serialize(self.initializer),
            "regularizer": keras.regularizers.serialize(self.regularizer),
            "constraint": keras.constraints.serialize(self.constraint),
        }
